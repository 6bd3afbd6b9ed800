internal import RedisValues

/// What a key holds, as `TYPE` names it.
public enum KeyType: Int, Codable, CaseIterable, Sendable {
    case string, hash, list, set, zset, stream, module

    /// From what `TYPE` says; the names of modules' types are their own.
    public init(name: Span<UInt8>) {
        self =
            switch (name.count, name.isEmpty ? 0 : name[0]) {
            case (6, UInt8(ascii: "s")): name[3] == UInt8(ascii: "e") ? .stream : .string
            case (4, UInt8(ascii: "h")): .hash
            case (4, UInt8(ascii: "l")): .list
            case (3, UInt8(ascii: "s")): .set
            case (4, UInt8(ascii: "z")): .zset
            default: .module
            }
    }

    public var name: String {
        switch self {
        case .string: "string"
        case .hash: "hash"
        case .list: "list"
        case .set: "set"
        case .zset: "zset"
        case .stream: "stream"
        case .module: "module"
        }
    }
}

/// What the server said of one key.
public struct KeyFacts: Equatable, Sendable {
    public enum Lifetime: Equatable, Sendable {
        case never
        case milliseconds(Int)
    }

    /// More than any key can have; what is said beyond is not believed.
    public static let largest = 1 << 42

    public var type: KeyType?
    public var lifetime: Lifetime?
    /// `MEMORY USAGE`, at most ``largest``.
    public var bytes: Int?
    /// `OBJECT IDLETIME`, seconds.
    public var idle: Int?

    public init(type: KeyType? = nil, lifetime: Lifetime? = nil, bytes: Int? = nil, idle: Int? = nil) {
        self.type = type
        self.lifetime = lifetime
        self.bytes = bytes.map { max(0, min(Self.largest, $0)) }
        self.idle = idle
    }
}

extension KeyFacts {
    /// Whether `MEMORY USAGE` may have looked at five elements only; nil where no size is known.
    public var sizeIsSampled: Bool? { bytes == nil ? nil : type != .string }
    /// `1.3 KiB`, `~1.3 KiB` where it may be from a sample.
    public var sizeWords: String { SizeWords.of(bytes, isSampled: sizeIsSampled == true) }
}

extension NotedKey {
    public var sizeIsSampled: Bool? { bytes == nil ? nil : type != .string }
    public var sizeWords: String { SizeWords.of(bytes, isSampled: sizeIsSampled == true) }
}

enum SizeWords {
    static func of(_ bytes: Int?, isSampled: Bool) -> String {
        (isSampled ? "~" : "") + Format.bytes(bytes.map { ByteCount($0) })
    }
}

/// A key worth naming.
public struct NotedKey: Codable, Equatable, Sendable {
    /// Escaped.
    public var key: String
    public var bytes: Int?
    public var type: KeyType?
    /// Seconds; nil for one that never expires, or where it is not known.
    public var lifetime: Int?

    public init(key: String, bytes: Int? = nil, type: KeyType? = nil, lifetime: Int? = nil) {
        self.key = key
        self.bytes = bytes
        self.type = type
        self.lifetime = lifetime
    }
}
