internal import RedisValues
internal import DequeModule
internal import NIOCore

/// A pipeline of commands that waits for as many replies as it holds.
struct PipelineRequest: Sendable {
    /// Who gets the replies: as values, or flat, which for thousands of small ones costs far less.
    enum Sink: Sendable {
        case values(EventLoopPromise<[RESPValue]>)
        case flat(EventLoopPromise<ReplyArena>)
    }

    var buffer: ByteBuffer
    var count: Int
    var deadline: TimeAmount
    var sink: Sink

    func fail(_ error: any Error) {
        switch sink {
        case .values(let promise): promise.fail(error)
        case .flat(let promise): promise.fail(error)
        }
    }

    var isFlat: Bool { if case .flat = sink { true } else { false } }
}

/// Pairs replies with requests, in order. After an error nothing is paired any more: every waiting request fails and
/// the channel closes, so that a reply never reaches the wrong one.
final class RESPChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = PipelineRequest
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        var request: PipelineRequest
        var replies: [RESPValue] = []
        /// Bytes of memory that they take.
        var held = 0
        /// Replies so far, where they are collected flat.
        var flat = 0
        var timeout: Scheduled<Void>
    }

    private let reader: RESPReader
    private let limits: ReplyLimits
    private let traffic: TrafficCounter
    private let lastWords: LastWords
    /// Gets what comes without having been asked for, on a connection that has subscribed.
    private let onPush: (@Sendable (RESPValue) -> Void)?
    private var waiting = Deque<Waiting>()
    private var failure: CacheError?
    private var sawReply = false
    /// The first bytes that ever came, to say what listens there when it is not Redis.
    private var greeting: [UInt8] = []
    /// True while the parser holds a part of a reply.
    private var midReply = false

    init(
        limits: ReplyLimits, traffic: TrafficCounter, lastWords: LastWords,
        onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) {
        self.onPush = onPush
        reader = RESPReader(limits: limits)
        self.limits = limits
        self.lastWords = lastWords
        self.traffic = traffic
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        if let failure {
            request.fail(failure)
            promise?.fail(failure)
            return
        }
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timeout = context.eventLoop.scheduleTask(in: request.deadline) {
            let (handler, context) = loopBound.value
            handler.fail(.timedOut(.nanoseconds(request.deadline.nanoseconds)), context: context)
        }
        waiting.append(Waiting(request: request, timeout: timeout))
        traffic.sent(bytes: request.buffer.readableBytes, commands: request.count)
        context.write(wrapOutboundOut(request.buffer), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        let bytes = unwrapInboundIn(data)
        traffic.received(bytes: bytes.readableBytes)
        if !sawReply, greeting.count < 64 { greeting.append(contentsOf: bytes.readableBytesView.prefix(64)) }
        bytes.withUnsafeReadableBytes { reader.feed($0) }
        do throws(CacheError) {
            while try takeNext(context) {}
            midReply = reader.holdsPart
        } catch {
            fail(explained(error), context: context)
        }
    }

    /// - Returns: false where more bytes are needed.
    private func takeNext(_ context: ChannelHandlerContext) throws(CacheError) -> Bool {
        guard waiting.first?.request.isFlat == true else {
            guard let reply = try reader.next() else { return false }
            try take(reply, context: context)
            return true
        }
        let (replies, errors, denials) = try reader.advance(atMost: waiting[0].request.count - waiting[0].flat)
        if errors > 0 { traffic.received(errors: errors, denials: denials) }
        guard replies > 0 else { return false }
        sawReply = true
        waiting[0].flat += replies
        guard waiting[0].flat == waiting[0].request.count else { return false }
        let done = waiting.removeFirst()
        done.timeout.cancel()
        if case .flat(let promise) = done.request.sink { promise.succeed(reader.takeArena()) }
        return true
    }

    private func take(_ reply: RESPValue, context: ChannelHandlerContext) throws(CacheError) {
        sawReply = true
        guard !waiting.isEmpty else {
            // Said without being asked: why the server is about to close, such as maxclients.
            if case .error(let words) = reply, let refusal = Refusal(reply: words) {
                failure = .refused(refusal)
            } else {
                onPush?(reply)
            }
            return
        }
        if case .error(let words) = reply { traffic.received(error: words) }
        waiting[0].held += reader.taken
        guard waiting[0].held <= limits.held else { throw .replyTooLarge(waiting[0].held) }
        waiting[0].replies.append(reply)
        guard waiting[0].replies.count == waiting[0].request.count else { return }
        let done = waiting.removeFirst()
        done.timeout.cancel()
        if case .values(let promise) = done.request.sink { promise.succeed(done.replies) }
    }

    /// Bytes that were never RESP come from something that is not Redis.
    private func explained(_ error: CacheError) -> CacheError {
        guard case .protocolError(let words) = error, !sawReply else { return error }
        if greeting.starts(with: [0x15, 0x03]) { return .refused(Refusal(.tlsExpected)) }
        let start = Printable.escape(
            greeting.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.prefix(40))
        return .refused(Refusal(.notRedis, detail: start.isEmpty ? words : "it says \"\(start)\""))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed(midReply: midReply), context: context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail((error as? CacheError) ?? .refused(Refusal(connecting: error)), context: context)
    }

    /// The first failure is the one that is told.
    private func fail(_ error: CacheError, context: ChannelHandlerContext) {
        let cause = failure ?? partialRefusal() ?? error
        failure = cause
        lastWords.say(cause)
        let abandoned = waiting
        waiting.removeAll()
        // Whoever hears of it must not find the connection open.
        if context.channel.isActive { context.close(promise: nil) }
        for one in abandoned {
            one.timeout.cancel()
            one.request.fail(cause)
        }
    }

    /// An error reply instead of the first answers says more than the closing that followed it.
    private func partialRefusal() -> CacheError? {
        for one in waiting {
            for case .error(let words) in one.replies {
                if let refusal = Refusal(reply: words), refusal.kind.closesConnection { return .refused(refusal) }
            }
        }
        return nil
    }
}
