public import RedisValues

/// Sums over all keys that were looked at, by namespace.
public struct KeyspaceTally: Equatable, Sendable {
    public let classifier: KeyClassifier
    /// One a rule, in their order, and one for keys that belong to none.
    public private(set) var namespaces: [NamespaceTally]
    /// Of the keys that belong to none.
    public private(set) var prefixes = PrefixSketch()
    /// The same keys all together, whatever they begin with.
    public private(set) var lasting = LastingKeys()

    public init(classifier: KeyClassifier) {
        self.classifier = classifier
        namespaces = Array(repeating: NamespaceTally(), count: classifier.rules.count + 1)
    }

    public var keys: Int { namespaces.reduce(0) { $0 +| $1.keys } }
    public var examined: Int { namespaces.reduce(0) { $0 +| $1.examined } }

    /// Where keys of no namespace are counted.
    public var otherIndex: Int { classifier.rules.count }

    /// Counts a key.
    ///
    /// - Returns: the index of its namespace, ``otherIndex`` for none.
    @discardableResult
    public mutating func count(_ key: Span<UInt8>) -> Int {
        guard let match = classifier.classify(key) else {
            namespaces[otherIndex].keys +|= 1
            prefixes.add(key.extracting(first: DiscoveredPrefix.length(of: key)))
            return otherIndex
        }
        namespaces[match.namespace].keys +|= 1
        namespaces[match.namespace].note(layout: key, length: match.length)
        return match.namespace
    }

    /// Takes in what the server said of a key that has been counted.
    public mutating func note(_ facts: KeyFacts, key: Span<UInt8>, namespace: Int) {
        let rule = namespace < classifier.rules.count ? classifier.rules[namespace] : nil
        namespaces[namespace].note(facts, key: key, rule: rule)
        guard namespace == otherIndex else { return }
        prefixes.note(facts, of: key.extracting(first: DiscoveredPrefix.length(of: key)), key: key)
        lasting.note(facts)
    }

    /// Tells the type of one of the biggest keys.
    public mutating func name(_ key: [UInt8], _ type: KeyType, namespace: Int) {
        namespaces[namespace].name(Printable.escape(key, limit: NamespaceTally.longestName), type)
    }

    /// Adds sums that were made elsewhere.
    public mutating func merge(_ tally: NamespaceTally, namespace: Int) { namespaces[namespace].merge(tally) }

    public mutating func merge(prefix: [UInt8], keys: Int, bytes: Int, sized: Int, lasting: LastingKeys = LastingKeys())
    {
        prefixes.add(prefix, keys: keys, bytes: bytes, sized: sized, lasting: lasting)
        self.lasting.merge(lasting)
    }

    public mutating func merge(_ other: KeyspaceTally) {
        for index in namespaces.indices { namespaces[index].merge(other.namespaces[index]) }
        for entry in other.prefixes.ranked {
            prefixes.add(
                entry.prefix, keys: entry.keys, error: entry.error, bytes: entry.bytes, sized: entry.sized,
                lasting: entry.lasting, detail: entry.detail)
        }
        lasting.merge(other.lasting)
    }
}
