internal import RedisValues

/// What a key holds: a page of it.
public struct KeyContent: Equatable, Sendable {
    /// One element; of strings, the only one.
    public struct Element: Equatable, Sendable {
        /// A field, an index, a score or a stream's id; nil for strings and members of sets.
        public var label: [UInt8]?
        public var value: [UInt8]
        /// True where the value goes on beyond what was fetched.
        public var isCut: Bool

        public init(label: [UInt8]? = nil, value: [UInt8], isCut: Bool = false) {
            self.label = label
            self.value = value
            self.isCut = isCut
        }
    }

    public var elements: [Element] = []
    /// Position of the first element, or of the first byte of a string; nil where there is no order.
    public var offset = 0
    /// Where the next page begins, in the terms of the type; nil at the end.
    public var next: KeyCursor?
    /// Of a search: elements that were walked over for it; nil for what is no search.
    public var walked: Int?

    public init() {}
}

/// Where a page of a value begins.
public enum KeyCursor: Equatable, Sendable {
    case start
    /// A byte of a string, an index of a list or a rank of a sorted set.
    case position(Int)
    /// Of `HSCAN` and `SSCAN`.
    case scan([UInt8])
    /// Older than this id of a stream.
    case after([UInt8])
    /// Of `HSCAN`, `SSCAN` and `ZSCAN` with `MATCH`: which pattern, and where it goes on, `0` at the beginning.
    case matching([UInt8], from: [UInt8])
}

/// Everything about one key.
public struct KeyInspection: Equatable, Sendable {
    public var key: [UInt8]
    /// As `TYPE` says, escaped: the names of modules' types are their own.
    public var typeName: String
    public var type: KeyType?
    public var lifetime: KeyFacts.Lifetime?
    public var encoding: String?
    /// `MEMORY USAGE`.
    public var bytes: Int?
    /// True where ``bytes`` is from some of the elements.
    public var sizeIsSampled = false
    /// Seconds; nil where the server counts uses instead.
    public var idle: Int?
    /// Logarithmic, 0 to 255.
    public var frequency: Int?
    /// Bytes of a string, elements of anything else.
    public var length: Int?
    public var content = KeyContent()
    /// Why there is no content, in words; nil where there is.
    public var note: String?
    /// Of streams; nil for all else.
    public var groups: StreamGroups?
    /// By our clock; nil where nobody says.
    public var askedAt: WallTime?
    /// False for a key that is not there.
    public var exists = true

    public init(key: [UInt8], typeName: String) {
        self.key = key
        self.typeName = typeName
    }
}

extension KeyInspection {
    /// When its time to live is over, by our clock; nil for what never expires, and where nobody knows.
    public var expiresAt: WallTime? {
        guard let askedAt, case .milliseconds(let rest)? = lifetime else { return nil }
        return WallTime(milliseconds: askedAt.milliseconds +| Int64(rest))
    }

    /// Bytes in memory; that they are about right where `MEMORY USAGE` has looked at some elements only.
    public var sizeWords: String {
        let size = Format.bytes(bytes.map { ByteCount($0) })
        return bytes != nil && sizeIsSampled ? "about \(size), from a sample of its elements" : size
    }
}

extension KeyType {
    /// Whether the server looks in it for what matches a pattern.
    public var isSearchable: Bool {
        switch self {
        case .hash, .set, .zset: true
        case .string, .list, .stream, .module: false
        }
    }
}
