internal import RedisValues

/// Keys whose values are too large for a journal: they stay, or are removed for good.
public struct LargeKeys: Equatable, Sendable {
    public struct Item: Hashable, Sendable {
        public var key: [UInt8]
        /// By `MEMORY USAGE`, all elements looked at.
        public var bytes: Int

        public init(key: [UInt8], bytes: Int) {
            self.key = key
            self.bytes = bytes
        }
    }

    /// The largest first, up to ``kept``: no others are removed for good.
    public private(set) var items: [Item] = []
    public private(set) var count = 0
    public private(set) var bytes = 0

    public static let kept = 1000
    /// A value beyond it cannot be journalled: a reply of 64 MiB ends the connection.
    public static let largestValue = 48 << 20

    public init(_ items: [Item] = []) { for item in items { add(item) } }

    public mutating func add(_ item: Item) {
        guard !items.contains(where: { $0.key == item.key }) else { return }
        (count, bytes) = (count +| 1, bytes +| item.bytes)
        let place = items.firstIndex { $0.bytes < item.bytes } ?? items.count
        items.insert(item, at: place)
        if items.count > Self.kept { items.removeLast() }
    }

    public var isEmpty: Bool { count == 0 }

    /// Those that stay though what no journal can hold is removed for good.
    public var leftOut: Int { count -| items.count }

    /// What has to be typed for their end: the key's name, or how many they are; as it is shown.
    public var due: String {
        guard count == 1, let only = items.first else { return "\(count) keys" }
        return Printable.name(only.key)
    }

    public func isNamed(by typed: String) -> Bool {
        guard count == 1, let only = items.first else { return TypedWord.isSame(typed, due) }
        return TypedWord.names(typed, only.key)
    }

    /// Such as `1 key, 196 MiB, is too large for a journal: session:giant`.
    public var words: String {
        let names = items.prefix(3).map { Printable.name($0.key, limit: 200) }.joined(separator: ", ")
        return
            "\(Format.count(count, "key")), \(Format.bytes(ByteCount(bytes))), \(count == 1 ? "is" : "are") too large for a "
            + "journal: \(names)\(count > 3 ? ", …" : "")"
    }

    /// For journals and receipts, a few.
    public var noted: [NotedKey] {
        items.prefix(10).map { NotedKey(key: Printable.name($0.key, limit: 200), bytes: $0.bytes) }
    }
}
