public import CacheWire
public import RedisValues

/// What a store asks of a cache: commands, each sent to whoever holds its key.
public protocol CacheCalls: Sendable {
    /// Sends a command, and waits for its reply.
    ///
    /// - Returns: the reply; an error reply that concerns the command is a value.
    /// - Throws: ``CacheError`` where nobody has answered.
    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue

    /// Sends several commands at once, in one write a node.
    ///
    /// - Returns: the replies, in the order of the commands.
    /// - Throws: ``CacheError`` where one of them has no answer; others may have been done.
    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue]
}

/// A command about one key.
public struct CacheCall: Equatable, Sendable {
    /// The one that decides which node is asked; others of the command lie in the same slot.
    public var key: [UInt8]
    public var command: Command
    /// Whether twice is once: it may be sent again where its answer was lost.
    public var isRepeatable: Bool

    public init(_ key: [UInt8], _ command: Command, isRepeatable: Bool = false) {
        (self.key, self.command, self.isRepeatable) = (key, command, isRepeatable)
    }
}

extension CacheClient: CacheCalls {
    public func send(_ call: CacheCall) async throws(CacheError) -> RESPValue {
        try await send(call.command, about: call.key)
    }

    public func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        try await pipeline(calls.map { (key: $0.key, command: $0.command) })
    }
}
