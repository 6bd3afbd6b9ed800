public import CacheWire
internal import NIOConcurrencyHelpers
public import RedisValues

/// A connection that one user has alone, for as long as it was lent.
public struct PoolConnection: Sendable {
    private let connection: Connection
    private let deadline: Duration
    private let trace = NIOLockedValueBox(ConnectionTrace())

    init(_ connection: Connection, deadline: Duration) {
        self.connection = connection
        self.deadline = deadline
    }

    /// Whether others may use it afterwards.
    var isClean: Bool { connection.isOpen && trace.withLockedValue(\.isClean) }

    /// Sends a command, and waits for its reply.
    ///
    /// - Parameter deadline: for blocking commands longer than they block; nil takes that of the pool's calls.
    /// - Throws: ``CacheError``; where the deadline passes, the connection has closed.
    @discardableResult
    public func send(_ command: Command, deadline: Duration? = nil) async throws(CacheError) -> RESPValue {
        try await pipeline([command], deadline: deadline)[0]
    }

    /// The same for what a ``CachePool`` takes.
    @discardableResult
    public func send(_ call: CacheCall, deadline: Duration? = nil) async throws(CacheError) -> RESPValue {
        try await send(call.command, deadline: deadline)
    }

    /// Sends several commands in one write.
    ///
    /// - Returns: the replies, in the order of the commands; error replies are values.
    /// - Throws: ``CacheError`` as ``send(_:deadline:)-(Command,_)`` does.
    @discardableResult
    public func pipeline(
        _ commands: [Command], deadline: Duration? = nil
    ) async throws(CacheError) -> [RESPValue] {
        trace.withLockedValue { trace in
            for command in commands { trace.sent(Self.name(of: command)) }
        }
        let replies = try await connection.pipeline(commands, deadline: deadline ?? self.deadline)
        trace.withLockedValue { $0.answered(commands.count) }
        return replies
    }

    /// Subscribes, and hears what others publish until the connection ends or is given back.
    ///
    /// - Parameter channels: one or more.
    /// - Returns: messages in the order in which they come; the newest 1,024 wait for whoever reads them.
    /// - Throws: ``CacheError``, also ``CacheError/input(_:)`` where there is no channel.
    public func messages(on channels: [String]) async throws(CacheError) -> AsyncStream<PublishedMessage> {
        guard !channels.isEmpty else { throw .input("there is no channel to subscribe to") }
        let (messages, heard) = AsyncStream.makeStream(
            of: PublishedMessage.self, bufferingPolicy: .bufferingNewest(1024))
        await connection.listen { reply in
            if let message = PublishedMessage(reply) { heard.yield(message) }
        }
        connection.whenClosed { heard.finish() }
        // One by one: a server answers each channel by itself.
        for reply in try await pipeline(channels.map { Command("SUBSCRIBE", $0) }) {
            if let error = reply.cacheError { throw error }
        }
        return messages
    }

    private static func name(of command: Command) -> String {
        command.arguments.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
    }
}

/// What somebody has published on a channel.
public struct PublishedMessage: Equatable, Sendable {
    public var channel: [UInt8]
    public var payload: [UInt8]

    init?(_ reply: RESPValue) {
        guard let words = try? reply.array, words.count >= 3, let channel = try? words[words.count - 2].bytes,
            let payload = try? words[words.count - 1].bytes
        else { return nil }
        (self.channel, self.payload) = (channel, payload)
    }
}
