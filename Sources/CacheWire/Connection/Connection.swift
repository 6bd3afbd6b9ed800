package import RedisValues
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// One connection to one server: pipelines of commands, each with a deadline.
///
/// Replies never mispair: a request that runs out of time closes the connection, and every other one that waits on it
/// fails with the same cause. Whoever is cancelled leaves at once; the reply is dropped when it comes, and the others
/// notice nothing.
package final class Connection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<RESPChannelHandler>
    private let outbox = Outbox()
    private let lastWords: LastWords
    /// False refuses, before anything is sent, every command that is not known to be harmless.
    package let allowsWrites: Bool

    init(
        channel: any Channel, handler: NIOLoopBound<RESPChannelHandler>, lastWords: LastWords, allowsWrites: Bool
    ) {
        self.channel = channel
        self.handler = handler
        self.lastWords = lastWords
        self.allowsWrites = allowsWrites
    }

    /// False from its first failure on.
    package var isOpen: Bool { channel.isActive && lastWords.cause == nil }

    /// True where it was closed because a reply was overdue.
    package var isLate: Bool { if case .timedOut? = lastWords.cause { true } else { false } }

    /// Sends all commands in one write and waits for all replies; an error reply is a value among them.
    ///
    /// - Throws: ``CacheError`` when the connection fails or the deadline passes, and ``CacheError/readOnly(_:)`` for
    ///   what this connection may not send.
    package func pipeline(_ commands: [Command], deadline: Duration) async throws(CacheError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        return try await answer(try begin(commands, deadline: deadline).futureResult)
    }

    private func begin(
        _ commands: [Command], deadline: Duration
    ) throws(CacheError) -> EventLoopPromise<[RESPValue]> {
        if !allowsWrites, let writing = commands.first(where: CommandTable.mayWrite) {
            throw .readOnly(CommandTable.name(of: writing))
        }
        var buffer = channel.allocator.buffer(capacity: 64 * commands.count)
        for command in commands { command.encode(into: &buffer) }
        let promise = channel.eventLoop.makePromise(of: [RESPValue].self)
        let request = PipelineRequest(
            buffer: buffer, count: commands.count, deadline: deadline.timeAmount, sink: .values(promise))
        send(request)
        return promise
    }

    /// Sends commands as soon as the event loop comes to it, from any thread and at once; their owner is told.
    ///
    /// Where the connection does not allow writes, none of them may be one.
    package func send(_ owner: any PipelineOwner) {
        guard outbox.put(owner) else { return }
        channel.eventLoop.execute { [handler, outbox] in handler.value.send(outbox.take()) }
    }

    /// From now on what others publish on channels that it subscribes to is told, on the event loop.
    package func listen(_ tell: @escaping @Sendable (RESPValue) -> Void) async {
        let heard = channel.eventLoop.submit { [handler] in handler.value.listen(tell) }
        try? await heard.get()
    }

    /// Sends a command whose reply nobody waits for; where it never comes, the connection closes as it does for others.
    ///
    /// - Parameter tell: gets the reply on the event loop, before who asks afterwards gets theirs.
    /// - Throws: ``CacheError/readOnly(_:)`` for what this connection may not send.
    package func send(
        _ command: Command, deadline: Duration, tell: @escaping @Sendable (RESPValue) -> Void
    ) throws(CacheError) {
        let promise = try begin([command], deadline: deadline)
        promise.futureResult.whenSuccess { replies in replies.first.map(tell) }
    }

    /// Sends preformatted commands at once; ``Flight/replies()`` waits for the answers.
    ///
    /// - Throws: ``CacheError/readOnly(_:)`` for what this connection may not send.
    package func launch(_ flight: FlightBuffer, deadline: Duration) throws(CacheError) -> Flight {
        if !allowsWrites, let writing = flight.writing { throw .readOnly(writing) }
        let promise = channel.eventLoop.makePromise(of: ReplyArena.self)
        send(
            PipelineRequest(
                buffer: flight.buffer, count: flight.commands, deadline: deadline.timeAmount, sink: .flat(promise)))
        return Flight(connection: self, future: promise.futureResult)
    }

    private func send(_ request: PipelineRequest) {
        // A channel that is closed has no handler left to answer for the request.
        channel.writeAndFlush(request).whenFailure { request.fail($0) }
    }

    fileprivate func answer<Answer: Sendable>(
        _ future: EventLoopFuture<Answer>
    ) async throws(CacheError) -> Answer {
        do {
            return try await Arrival.value(of: future)
        } catch let error as CacheError {
            throw error
        } catch {
            throw lastWords.cause ?? .refused(Refusal(connecting: error))
        }
    }

    /// The certificate of the other side; nil without TLS or before the handshake.
    func peerCertificate() async -> NIOSSLCertificate? {
        try? await channel.nioSSL_peerCertificate().get()
    }

    package func close() { channel.close(promise: nil) }

    /// - Parameter tell: is called on the event loop, once, whoever has closed it.
    package func whenClosed(_ tell: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in tell() }
    }
}

/// Commands that are under way.
package struct Flight: Sendable {
    fileprivate let connection: Connection
    fileprivate let future: EventLoopFuture<ReplyArena>

    /// All replies, flat.
    ///
    /// - Throws: ``CacheError``; the connection is then closed.
    package func replies() async throws(CacheError) -> ReplyArena { try await connection.answer(future) }
}

extension Duration {
    var timeAmount: TimeAmount {
        .nanoseconds(Int64((self / .nanoseconds(1)).whole))
    }
}
