/// A number of bytes.
public struct ByteCount: Hashable, Comparable, Codable, Sendable, ExpressibleByIntegerLiteral {
    public var bytes: Int

    public init(_ bytes: Int) { self.bytes = bytes }
    public init(integerLiteral value: Int) { bytes = value }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    public init(from decoder: any Decoder) throws { bytes = try decoder.singleValueContainer().decode(Int.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
