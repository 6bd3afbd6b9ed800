public import RedisValues

/// Which keys are listed, or what an act concerns: a namespace of the rules, or whatever begins so or matches.
///
/// Plans, dialogs, journals, the audit and receipts all take it, and call it by its ``words``.
public enum KeyScope: Hashable, Sendable {
    /// By the name of a namespace.
    case namespace(String)
    /// All keys that begin so, whatever follows.
    case prefix([UInt8])
    case pattern(Glob)

    /// As it is shown where it has to be typed, escaped.
    public var name: String {
        switch self {
        case .namespace(let name): name
        case .prefix(let prefix): Printable.name(prefix)
        case .pattern(let glob): Printable.name(glob.bytes)
        }
    }

    /// Such as `session`, `prefix reco:home:`, `pattern cart:*`, escaped.
    public var words: String {
        switch self {
        case .namespace(let name): Printable.name(name.utf8)
        case .prefix: "prefix \(name)"
        case .pattern: "pattern \(name)"
        }
    }

    /// What has to be typed to confirm it.
    public var typedWords: String {
        switch self {
        case .namespace: "the namespace's name"
        case .prefix: "the prefix"
        case .pattern: "the pattern"
        }
    }

    /// What has to be typed, as bytes: what is shown with escapes may be typed with them.
    public var typedBytes: [UInt8] {
        switch self {
        case .namespace(let name): Array(name.utf8)
        case .prefix(let prefix): prefix
        case .pattern(let glob): glob.bytes
        }
    }

    public func isNamed(by typed: String) -> Bool {
        if case .namespace(let name) = self { return TypedWord.isSame(typed, name) }
        return TypedWord.names(typed, typedBytes)
    }

    /// nil for a namespace: its rule says which keys it has.
    public var glob: Glob? {
        switch self {
        case .namespace: nil
        case .prefix(let prefix): Glob(prefix: prefix)
        case .pattern(let glob): glob
        }
    }
}

extension KeyScope {
    /// Why nothing can be done to it at once, whatever the server holds; nil where it can.
    public var objection: String? {
        switch self {
        case .namespace: nil
        case .prefix(let prefix) where prefix.isEmpty: "an empty prefix is that of every key: \(Self.emptying)"
        case .prefix: nil
        case .pattern(let glob) where glob.bytes.isEmpty: "an empty pattern matches no key"
        case .pattern(let glob):
            glob.isOfEverything ? "the pattern \(name) matches every key: \(Self.emptying)" : nil
        }
    }

    private static let emptying =
        "a whole database is emptied by FLUSHDB ASYNC, with redis-cli; here, name a namespace, --prefix or --match"

    /// The names of the protected namespaces of which it may take keys.
    ///
    /// What decides is which keys it matches, and not what it is called.
    public func protectedNamespaces(_ classifier: KeyClassifier) -> [String] {
        if let glob { return classifier.protectedReach(of: glob) }
        return classifier.rules.filter { self == .namespace($0.name) && $0.protected }.map(\.name)
    }

    /// The names of all namespaces of which it may take keys; what belongs to none is one of them.
    public func namespaces(_ classifier: KeyClassifier) -> Set<String> {
        guard let glob else { return [name] }
        let names = classifier.reach(of: glob).map { classifier.rules[$0].name }
        return Set(names + [NamespaceRule.rest(beside: classifier.rules)])
    }

    /// What is said of a name that is no namespace's.
    ///
    /// - Parameter names: those that there are.
    public static func unknown(_ name: String, among names: [String]) -> String {
        let shown = Printable.escape(name, limit: 60)
        let words = "there is no namespace \"\(shown)\"; there are \(names.joined(separator: ", "))"
        guard !name.isEmpty, name.utf8.count <= 60 else { return words }
        let hasStars = name.utf8.contains { Array("*?[".utf8).contains($0) }
        let isWhole = name.utf8.last.map(KeyClassifier.isSeparator) ?? false
        return hasStars
            ? "\(words); keys that match it: --match '\(shown)'"
            : "\(words); keys that begin so: --prefix \(shown)\(isWhole ? "" : ":")"
    }
}
