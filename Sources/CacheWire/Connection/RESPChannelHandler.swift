internal import RedisValues
internal import DequeModule
internal import NIOCore

/// A pipeline of commands that waits for as many replies as it holds.
struct PipelineRequest: Sendable {
    /// Who gets the replies: as values, or flat, which for thousands of small ones costs far less.
    enum Sink: Sendable {
        case values(EventLoopPromise<[RESPValue]>)
        case owner(any PipelineOwner)
        case flat(EventLoopPromise<ReplyArena>)
    }

    /// Empty where it was written already.
    var buffer: ByteBuffer
    var count: Int
    var deadline: TimeAmount
    var sink: Sink

    func fail(_ error: any Error) {
        switch sink {
        case .owner(let owner):
            owner.ended(.failure(PipelineFailure(error as? CacheError ?? .closed(midReply: false), wasSent: true)))
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
        /// nil for those of owners, which share one.
        var timeout: Scheduled<Void>?
    }

    private let reader: RESPReader
    private let limits: ReplyLimits
    private let traffic: TrafficCounter
    private let lastWords: LastWords
    /// Gets what comes without having been asked for, on a connection that has subscribed.
    private var onPush: (@Sendable (RESPValue) -> Void)?
    /// True on a connection that hears what others publish, among replies as well.
    private var isListening = false
    private var context: ChannelHandlerContext?
    /// When the next one of the owners' pipelines is late.
    private var overdue: (timer: Scheduled<Void>, at: NIODeadline)?
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

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Writes the commands of all owners at once.
    func send(_ owners: [any PipelineOwner]) {
        guard let context, failure == nil, context.channel.isActive else {
            let cause = failure ?? .closed(midReply: false)
            for owner in owners { owner.ended(.failure(PipelineFailure(cause, wasSent: false))) }
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: 64 * owners.count)
        var commands = 0
        var first = NIODeadline.distantFuture
        for owner in owners {
            if owner.isWithdrawn {
                owner.ended(.failure(PipelineFailure(.cancelled, wasSent: false)))
                continue
            }
            let words = owner.commands
            for command in words { command.encode(into: &buffer) }
            commands += words.count
            first = min(first, owner.deadline)
            waiting.append(
                Waiting(
                    request: PipelineRequest(
                        buffer: Self.nothing, count: words.count, deadline: .zero, sink: .owner(owner))))
        }
        guard commands > 0 else { return }
        traffic.sent(bytes: buffer.readableBytes, commands: commands)
        if overdue.map({ first < $0.at }) ?? true { lookForLate(at: first, context) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private static let nothing = ByteBuffer()

    /// One timer for all: nobody has to end it when a reply comes.
    private func lookForLate(at instant: NIODeadline, _ context: ChannelHandlerContext) {
        overdue?.timer.cancel()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(deadline: instant) {
            let (handler, context) = loopBound.value
            handler.overdue = nil
            handler.failIfLate(context)
        }
        overdue = (timer, instant)
    }

    private func failIfLate(_ context: ChannelHandlerContext) {
        var first: NIODeadline?
        for one in waiting {
            if case .owner(let owner) = one.request.sink { first = min(first ?? owner.deadline, owner.deadline) }
        }
        guard let first else { return }
        let now = NIODeadline.now()
        if first > now { return lookForLate(at: first, context) }
        fail(.timedOut(.nanoseconds((now - first).nanoseconds)), context: context)
    }

    /// From now on what others publish is told, also where it comes between replies.
    func listen(_ onPush: @escaping @Sendable (RESPValue) -> Void) {
        self.onPush = onPush
        isListening = true
    }

    private static let messages = ["message", "pmessage", "smessage"].map { Array($0.utf8) }

    private func isPublished(_ reply: RESPValue) -> Bool {
        guard isListening, case .array(let words) = reply, case .string(let kind)? = words.first else { return false }
        return Self.messages.contains(kind)
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
        done.timeout?.cancel()
        if case .flat(let promise) = done.request.sink { promise.succeed(reader.takeArena()) }
        return true
    }

    private func take(_ reply: RESPValue, context: ChannelHandlerContext) throws(CacheError) {
        sawReply = true
        if isPublished(reply) {
            onPush?(reply)
            return
        }
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
        done.timeout?.cancel()
        switch done.request.sink {
        case .values(let promise): promise.succeed(done.replies)
        case .owner(let owner): owner.ended(.success(done.replies))
        case .flat: break
        }
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
        overdue?.timer.cancel()
        overdue = nil
        // Whoever hears of it must not find the connection open.
        if context.channel.isActive { context.close(promise: nil) }
        for one in abandoned {
            one.timeout?.cancel()
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
