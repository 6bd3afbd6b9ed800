internal import RedisValues

/// The most frequent prefixes among keys of no namespace, in bounded memory, whatever the keys are.
///
/// While there are no more prefixes than places, the counts are exact. After that a new prefix takes the place of the
/// rarest one and inherits its count, which is then the error: a count is never too low, and every prefix with more
/// keys than all keys by places is in it.
///
/// Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams",
/// ICDT 2005 ("Space-Saving").
public struct PrefixSketch: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public var prefix: [UInt8]
        /// At least as many as there are.
        public var keys: Int
        /// By how much ``keys`` may be too large.
        public var error: Int
        /// Of those whose size is known.
        public var bytes: Int
        public var sized: Int
        /// Those that never expire.
        public var lasting = LastingKeys()
        /// All that is known of them beyond their names; empty where only the sums are known.
        public var detail = NamespaceTally()

        /// False where only the sums are known.
        var isDetailed: Bool { detail.sizes.total == sized && detail.timed == lasting.timed }
    }

    public let capacity: Int
    public private(set) var entries: [Entry] = []
    private var places: [[UInt8]: Int] = [:]
    private var latest = 0

    public init(capacity: Int = 64) { self.capacity = max(1, capacity) }

    public mutating func add(_ prefix: Span<UInt8>) {
        if latest < entries.count, Self.isEqual(entries[latest].prefix, prefix) {
            entries[latest].keys +|= 1
            return
        }
        add(Self.array(prefix), keys: 1)
    }

    /// Adds what was counted elsewhere.
    public mutating func add(
        _ prefix: [UInt8], keys: Int, error: Int = 0, bytes: Int = 0, sized: Int = 0,
        lasting: LastingKeys = LastingKeys(), detail: NamespaceTally? = nil
    ) {
        let place = place(of: prefix)
        entries[place].keys +|= keys
        entries[place].error +|= error
        entries[place].bytes +|= bytes
        entries[place].sized +|= sized
        entries[place].lasting.merge(lasting)
        if let detail { entries[place].detail.merge(detail) }
        latest = place
    }

    /// What is known of a key that has been counted; forgotten where its prefix has lost its place.
    public mutating func note(_ facts: KeyFacts, of prefix: Span<UInt8>, key: Span<UInt8>) {
        if latest >= entries.count || !Self.isEqual(entries[latest].prefix, prefix) {
            guard let place = places[Self.array(prefix)] else { return }
            latest = place
        }
        entries[latest].lasting.note(facts)
        entries[latest].detail.note(facts, key: key, rule: nil)
        guard let bytes = facts.bytes else { return }
        entries[latest].bytes +|= bytes
        entries[latest].sized +|= 1
    }

    /// Those with the most keys first.
    public var ranked: [Entry] {
        entries.sorted {
            $0.keys != $1.keys ? $0.keys > $1.keys : $0.prefix.lexicographicallyPrecedes($1.prefix)
        }
    }

    private mutating func place(of prefix: [UInt8]) -> Int {
        if let place = places[prefix] { return place }
        if entries.count < capacity {
            places[prefix] = entries.count
            entries.append(Entry(prefix: prefix, keys: 0, error: 0, bytes: 0, sized: 0))
            return entries.count - 1
        }
        var rarest = 0
        for index in entries.indices where entries[index].keys < entries[rarest].keys { rarest = index }
        let inherited = entries[rarest].keys
        places[entries[rarest].prefix] = nil
        places[prefix] = rarest
        entries[rarest] = Entry(prefix: prefix, keys: inherited, error: inherited, bytes: 0, sized: 0)
        return rarest
    }

    private static func isEqual(_ known: [UInt8], _ prefix: Span<UInt8>) -> Bool {
        guard known.count == prefix.count else { return false }
        for index in known.indices where known[index] != prefix[index] { return false }
        return true
    }

    private static func array(_ span: Span<UInt8>) -> [UInt8] {
        var array: [UInt8] = []
        array.reserveCapacity(span.count)
        for index in span.indices { array.append(span[index]) }
        return array
    }
}
