internal import CacheModel
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers

/// Tells a program of the operator's own of alerts, one after the other, on a thread of its own: no poll and no key
/// waits for it.
public final class AlertMessenger: Sendable {
    /// What people are told of a program that fails, once each.
    public let complaints: AsyncStream<String>
    private let post: Post

    private init(_ complaints: AsyncStream<String>, _ post: Post) { (self.complaints, self.post) = (complaints, post) }

    deinit { post.end(within: .zero, telling: nil) }

    /// - Parameters:
    ///   - words: the program's path and its arguments.
    ///   - environment: what it is given of it, secrets aside.
    /// - Returns: nil where there is nobody to tell, or no thread for it.
    public static func start(_ words: [String], environment: [String: String]) -> AlertMessenger? {
        start(words, environment: environment, deadline: longest)
    }

    static func start(_ words: [String], environment: [String: String], deadline: Duration) -> AlertMessenger? {
        guard let path = words.first else { return nil }
        let program = AlertProgram(words, environment: environment, deadline: deadline)
        let (complaints, continuation) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let post = Post(path, continuation)
        // At three in the morning it is too late.
        if let obstacle = program.obstacle { post.note(obstacle) }
        guard DetachedThread.start({ post.serve(program) }) else { return nil }
        return AlertMessenger(complaints, post)
    }

    /// How long it may take for one alert.
    public static let longest = Duration.seconds(10)
    /// How long it may still take when this program is left.
    private static let lastMoment = Duration.milliseconds(30)

    /// - Parameter document: on the program's standard input.
    /// - Returns: false where too many wait, and nobody will be told of it.
    public func put(_ document: String) -> Bool { post.put(document) }

    /// Ends what runs, where it does not end by itself at once.
    ///
    /// - Returns: what was not told, for people; nil where all was.
    public func end() async -> String? {
        await withCheckedContinuation { continuation in
            post.end(within: Self.lastMoment) { continuation.resume(returning: $0) }
        }
    }
}

/// What waits to be told.
private final class Post: Sendable {
    private struct State {
        var queue: NoticeQueue
        /// When whatever runs is ended; nil as long as this program watches.
        var end: ContinuousClock.Instant?
        var listeners: [@Sendable (String?) -> Void] = []
        var hasEnded = false
        var rest: String?
    }

    private let state: NIOLockedValueBox<State>
    private let complaints: AsyncStream<String>.Continuation
    private let wake = DispatchSemaphore(value: 0)

    init(_ path: String, _ complaints: AsyncStream<String>.Continuation) {
        state = NIOLockedValueBox(State(queue: NoticeQueue(program: path)))
        self.complaints = complaints
    }

    func put(_ document: String) -> Bool {
        let (isTaken, words) = state.withLockedValue { state -> (Bool, String?) in
            guard state.end == nil else { return (false, nil) }
            return state.queue.put(document) ? (true, nil) : (false, state.queue.noteDrop())
        }
        if let words { complaints.yield(words) }
        wake.signal()
        return isTaken
    }

    func note(_ outcome: NoticeOutcome) {
        if let words = state.withLockedValue({ $0.queue.note(outcome) }) { complaints.yield(words) }
    }

    func end(within time: Duration, telling listener: (@Sendable (String?) -> Void)?) {
        let (hasEnded, rest) = state.withLockedValue { state in
            state.end = state.end ?? .now + time
            if let listener, !state.hasEnded { state.listeners.append(listener) }
            return (state.hasEnded, state.rest)
        }
        if hasEnded { listener?(rest) } else { wake.signal() }
    }

    private var isCut: Bool { state.withLockedValue { $0.end.map { $0 <= .now } ?? false } }

    /// The thread's own: returns when nobody is to be told of anything any more.
    func serve(_ program: AlertProgram) {
        // One that reads nothing is no reason to die.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        var isCutOff = false
        while true {
            wake.wait()
            while !isCut, !isCutOff, let document = state.withLockedValue({ $0.queue.next() }) {
                if let outcome = program.run(document, isCut: { isCut }) { note(outcome) } else { isCutOff = true }
            }
            let (isOver, rest, listeners) = state.withLockedValue {
                state -> (Bool, String?, [@Sendable (String?) -> Void]) in
                guard state.end != nil else { return (false, nil, []) }
                (state.hasEnded, state.rest) = (true, state.queue.rest(isCutOff: isCutOff))
                defer { state.listeners = [] }
                return (true, state.rest, state.listeners)
            }
            guard isOver else { continue }
            complaints.finish()
            for listener in listeners { listener(rest) }
            return
        }
    }
}
