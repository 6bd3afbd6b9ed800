/// What a command takes as a key, a value or a member: bytes, or text as UTF-8.
public protocol BulkString: Sendable {
    var bulk: [UInt8] { get }
}

extension [UInt8]: BulkString {
    public var bulk: [UInt8] { self }
}

extension String: BulkString {
    public var bulk: [UInt8] { Array(utf8) }
}
