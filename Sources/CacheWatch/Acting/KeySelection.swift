internal import CacheCore
internal import CacheModel
internal import CacheWire

/// The keys that an act concerns, as this deployment's rules see them: all that plan, guard, walk and journal need.
struct KeySelection: Sendable {
    let scope: KeyScope
    /// Which keys a walk keeps.
    let filter: KeyFilter
    /// What is promised of them; of a prefix or a pattern nothing is, and a TTL is due.
    let rule: NamespaceRule
    /// The protected namespaces of which it may take keys.
    let reached: [String]
    /// What the keys begin with, for probes.
    let prefix: [UInt8]
    private let classifier: KeyClassifier

    var isProtected: Bool { rule.protected }

    var guardScope: GuardScope { .keys(scope, prefix: prefix, isProtected: isProtected, reached: reached) }

    /// The same for an act: what nobody has confirmed for it is passed over, whatever the pattern says.
    func filter(readmits: Bool) -> KeyFilter {
        guard !readmits, case .pattern(let glob, _) = filter else { return filter }
        return .pattern(glob, sparing: classifier)
    }

    init(_ scope: KeyScope, index: Int, rule: NamespaceRule, prefix: [UInt8], _ classifier: KeyClassifier) {
        (self.scope, self.rule, self.prefix, self.classifier) = (scope, rule, prefix, classifier)
        filter = .namespace(index, classifier)
        reached = []
    }

    init(_ scope: KeyScope, _ glob: Glob, _ classifier: KeyClassifier) {
        (self.scope, self.classifier) = (scope, classifier)
        reached = scope.protectedNamespaces(classifier)
        rule = NamespaceRule(name: scope.words, prefixes: [], mustExpire: true, protected: !reached.isEmpty)
        filter = .pattern(glob)
        prefix = glob.head
    }

    /// What is promised of a key by the namespace that it is of, where no namespace was asked for; nil for nothing.
    func contract(of key: [UInt8]) -> NamespaceRule? {
        guard scope.glob != nil, let match = classifier.classify(key) else { return nil }
        return classifier.rules[match.namespace]
    }

    /// What a key of it begins with, for people, and whose it is where that is not what was asked for.
    func part(of key: [UInt8]) -> (prefix: [UInt8], namespace: String?) {
        if case .namespace = scope, case .yes(let length) = filter.verdict(key.span) {
            return (Array(key.prefix(length)), nil)
        }
        if let match = classifier.classify(key) {
            return (Array(key.prefix(match.length)), classifier.rules[match.namespace].name)
        }
        return (Array(key.prefix(DiscoveredPrefix.length(of: key.span))), nil)
    }
}

extension CacheOperations {
    /// - Throws: ``CacheError/input(_:)`` for a name that no rule has, and for what chooses nothing.
    nonisolated func selection(_ scope: KeyScope) throws(CacheError) -> KeySelection {
        if let objection = scope.objection { throw .input(objection) }
        guard case .namespace(let name) = scope else {
            return KeySelection(scope, scope.glob ?? Glob([]), classifier)
        }
        let (index, rule) = try rule(name)
        return KeySelection(scope, index: index, rule: rule, prefix: prefix(ofRule: index), classifier)
    }
}
