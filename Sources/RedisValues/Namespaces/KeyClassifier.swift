/// Tells the namespace of a key: the one with the longest prefix that a separator or the key's end follows.
///
/// Keys are bytes; nothing promises that they are text. The prefixes become one table of transitions, a row of 256 a
/// state, so that a key costs a look a byte of its prefix and no more.
public struct KeyClassifier: Equatable, Sendable {
    /// Where a key belongs.
    public struct Match: Equatable, Sendable {
        /// Index into the rules.
        public var namespace: Int
        /// Bytes of the prefix with its separator, the deployment's prefix included.
        public var length: Int
    }

    public let rules: [NamespaceRule]
    /// In front of every namespace of this deployment; keys without it belong to none.
    public let keyPrefix: [UInt8]
    private var direct = PrefixTable()
    /// After the first segment of what follows the deployment's prefix.
    private var afterSegment = PrefixTable()
    /// Protected prefixes without the deployment's own: another deployment beside it may write them so.
    private var bare = PrefixTable()

    public init(rules: [NamespaceRule] = NamespaceRule.platform, keyPrefix: String = "") {
        self.rules = rules
        self.keyPrefix = Array(keyPrefix.utf8)
        for (index, rule) in rules.enumerated() {
            for prefix in rule.prefixes {
                var bytes = Array(prefix.utf8)
                while let last = bytes.last, Self.isSeparator(last) { bytes.removeLast() }
                if bytes.starts(with: Array("*:".utf8)) {
                    afterSegment.insert(Array(bytes.dropFirst(2)), namespace: index)
                } else {
                    direct.insert(self.keyPrefix + bytes, namespace: index)
                    if rule.protected, !keyPrefix.isEmpty { bare.insert(bytes, namespace: index) }
                }
            }
        }
    }

    @inline(__always)
    public static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x3a || byte == 0x2f }

    public func classify(_ key: Span<UInt8>) -> Match? {
        if let match = direct.longest(of: key, from: 0) { return match }
        guard !afterSegment.isEmpty, let start = secondSegment(of: key) else { return nil }
        return afterSegment.longest(of: key, from: start)
    }

    public func classify(_ key: [UInt8]) -> Match? { classify(key.span) }

    /// Whether a key belongs to a protected namespace: without it a revoked token may be let in again.
    public func protects(_ key: Span<UInt8>) -> Bool {
        classify(key).map { rules[$0.namespace].protected } ?? false
    }

    public func protects(_ key: [UInt8]) -> Bool { protects(key.span) }

    /// The same for what is chosen by a prefix or a pattern, which also meets keys of a deployment without a prefix.
    public func protectsForAnyone(_ key: Span<UInt8>) -> Bool {
        protects(key) || !bare.isEmpty && bare.longest(of: key, from: 0) != nil
    }

    public func protectsForAnyone(_ key: [UInt8]) -> Bool { protectsForAnyone(key.span) }

    /// Every prefix as it stands in keys, for engines that classify elsewhere; a wildcard's without its `*:`.
    public var prefixes: [(bytes: [UInt8], namespace: Int, afterSegment: Bool)] {
        rules.indices.flatMap { index in
            rules[index].prefixes.map { prefix in
                var bytes = Array(prefix.utf8)
                while let last = bytes.last, Self.isSeparator(last) { bytes.removeLast() }
                let wild = bytes.starts(with: Array("*:".utf8))
                return (wild ? Array(bytes.dropFirst(2)) : keyPrefix + bytes, index, wild)
            }
        }
    }

    private func secondSegment(of key: Span<UInt8>) -> Int? {
        guard key.count > keyPrefix.count else { return nil }
        for index in keyPrefix.indices where key[index] != keyPrefix[index] { return nil }
        for index in keyPrefix.count..<key.count where Self.isSeparator(key[index]) {
            return index > keyPrefix.count ? index + 1 : nil
        }
        return nil
    }
}

/// A byte trie, flat.
private struct PrefixTable: Equatable, Sendable {
    /// The next state by state and byte; 0, the root, is nowhere.
    private var next = [Int32](repeating: 0, count: 256)
    /// The namespace whose prefix ends in a state; -1 for none.
    private var ends: [Int32] = [-1]

    var isEmpty: Bool { ends.count == 1 }

    /// A prefix that is there already goes to the later namespace.
    mutating func insert(_ prefix: [UInt8], namespace: Int) {
        guard !prefix.isEmpty else { return }
        var state = 0
        for byte in prefix {
            let slot = state * 256 + Int(byte)
            if next[slot] == 0 {
                next[slot] = Int32(ends.count)
                ends.append(-1)
                next.append(contentsOf: repeatElement(0, count: 256))
            }
            state = Int(next[slot])
        }
        ends[state] = Int32(namespace)
    }

    func longest(of key: Span<UInt8>, from start: Int) -> KeyClassifier.Match? {
        var state = 0
        var found: KeyClassifier.Match?
        var index = start
        while index < key.count {
            let byte = key[index]
            if KeyClassifier.isSeparator(byte), ends[state] >= 0 {
                found = KeyClassifier.Match(namespace: Int(ends[state]), length: index + 1)
            }
            state = Int(next[state * 256 + Int(byte)])
            if state == 0 { return found }
            index += 1
        }
        guard ends[state] >= 0 else { return found }
        return KeyClassifier.Match(namespace: Int(ends[state]), length: key.count)
    }
}
