public import CacheModel
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
public import Recording

/// Records what is watched, on a thread of its own: no poll and no key waits for a disk.
///
/// What is noted is written in its order. Where the disk is full the recording pauses, and goes on with a line that says
/// so; where the disk is slower than what is noted, some of it is left out, which is said as well.
public final class Recorder: Sendable {
    public enum Event: Equatable, Sendable {
        /// Nothing is written at present; the words say where, why, and what to do.
        case paused(String)
        case resumed
    }

    public let path: String
    /// Ends with the recording.
    public let events: AsyncStream<Event>
    private let inbox: Inbox

    private init(path: String, events: AsyncStream<Event>, inbox: Inbox) {
        (self.path, self.events, self.inbox) = (path, events, inbox)
    }

    deinit { inbox.end(telling: nil) }

    /// Makes the folder or the file, and writes the first lines.
    ///
    /// - Throws: ``RecordError``; ``RecordError/taken(path:)`` where somebody else records there.
    public static func open(_ order: RecordOrder) throws(RecordError) -> Recorder {
        try open(order, write: { Glibc.write($0, $1.baseAddress, $1.count) })
    }

    static func open(
        _ order: RecordOrder, gzip: String = "gzip", write: @escaping GrowingSegment.Write
    ) throws(RecordError) -> Recorder {
        let inbox = Inbox()
        // Whoever wants to leave does not wait for a segment to be packed.
        let place = try SegmentPlace(order, write: write, gzip: gzip) { inbox.isEnding }
        let writer = try RecordWriter(place, course(order.header), at: .current)
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(16))
        // Only that thread has it from now on.
        nonisolated(unsafe) let only = writer
        let tail = order.auditTail
        let hasBegun = DetachedThread.start { inbox.serve(only, tail, continuation) }
        guard hasBegun else { throw .file(path: order.path, "cannot be recorded to: no thread can be started") }
        return Recorder(path: order.path, events: events, inbox: inbox)
    }

    /// Says what is written; each recording has hashes of its own.
    public static func course(_ header: RecordHeader) -> RecordCourse {
        RecordCourse(header, salt: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// - Parameters:
    ///   - changes: of the alerts, that the snapshot has made.
    ///   - raised: all that stand after it.
    public func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) {
        inbox.put(.snapshot(snapshot, changes, raised: raised))
    }

    public func note(_ report: NamespaceReport) { inbox.put(.namespaces(report)) }

    /// Looks may come as often as they are made: one in ten seconds or so is written.
    public func note(_ look: ClientLook) { inbox.put(.clients(look)) }

    public func note(_ action: RecordedAction) { inbox.put(.entry(.action(action))) }

    /// - Parameter text: an operator's words.
    public func mark(_ text: String) { inbox.put(.entry(.mark(text))) }

    /// What culprits were found for since they were raised, at the end of a watch.
    public func note(raised: [Alert]) { inbox.put(.raised(raised)) }

    /// Since the host has begun, by the clock that never jumps.
    public static var clock: Duration { RecordWriter.Moment.current.now }

    /// Why nothing is written at present; nil where all is.
    public var complaint: String? { inbox.complaint }

    /// Lines and bytes that were written.
    public var written: (lines: Int, bytes: Int) { inbox.written }

    /// Writes all that was noted, and that it has ended; returns when the disk has it.
    public func close() async {
        await withCheckedContinuation { continuation in inbox.end { continuation.resume() } }
    }
}

extension RecordWriter.Moment {
    static var current: RecordWriter.Moment {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return RecordWriter.Moment(
            wall: .now, now: .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec)))
    }
}

/// What waits to be written.
private final class Inbox: Sendable {
    private struct State {
        var items: [(item: RecordItem, at: RecordWriter.Moment)] = []
        /// When something was left out for the first time since the last was taken.
        var missedSince: WallTime?
        var isEnding = false
        var hasEnded = false
        var listeners: [@Sendable () -> Void] = []
        var written = (lines: 0, bytes: 0)
        var complaint: String?
    }

    private let state = NIOLockedValueBox(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Some minutes of one a second; each may be large.
    private static let most = 256
    private static let slow = "the disk was slower than the watching"

    func put(_ item: RecordItem) {
        let moment = RecordWriter.Moment.current
        state.withLockedValue { state in
            guard !state.isEnding else { return }
            if state.items.count < Self.most {
                state.items.append((item, moment))
            } else {
                state.missedSince = state.missedSince ?? moment.wall
            }
        }
        wake.signal()
    }

    func end(telling listener: (@Sendable () -> Void)?) {
        let hasEnded = state.withLockedValue { state in
            state.isEnding = true
            if let listener, !state.hasEnded { state.listeners.append(listener) }
            return state.hasEnded
        }
        if hasEnded { listener?() } else { wake.signal() }
    }

    var written: (lines: Int, bytes: Int) { state.withLockedValue { $0.written } }
    var complaint: String? { state.withLockedValue { $0.complaint } }
    var isEnding: Bool { state.withLockedValue { $0.isEnding } }

    /// The thread's own: returns when the recording has ended.
    func serve(
        _ writer: RecordWriter, _ audit: AuditTail?, _ events: AsyncStream<Recorder.Event>.Continuation
    ) {
        var (complaint, audit): (String?, AuditTail?) = (nil, audit)
        var nodes: Set<String> = []
        while true {
            _ = wake.wait(timeout: .now() + .seconds(1))
            let (items, missedSince, isEnding) = state.withLockedValue { state in
                defer { (state.items, state.missedSince) = ([], nil) }
                return (state.items, state.missedSince, state.isEnding)
            }
            for (item, moment) in items {
                if case .snapshot(let snapshot, _, _) = item { nodes = Set(snapshot.nodes.map(\.address)) }
                writer.take(item, at: moment)
            }
            for action in audit?.take(nodes: nodes) ?? [] { writer.take(.entry(.action(action)), at: .current) }
            if let missedSince { writer.miss(since: missedSince, why: Self.slow, at: .current) }
            if isEnding { writer.end(at: .current) } else { writer.tick(at: .current) }
            let words = writer.complaint
            if words != complaint { events.yield(words.map { .paused($0) } ?? .resumed) }
            complaint = words
            let listeners = state.withLockedValue { state in
                (state.written, state.complaint) = ((writer.lines, writer.bytes), words)
                state.hasEnded = isEnding
                defer { if isEnding { state.listeners = [] } }
                return isEnding ? state.listeners : []
            }
            guard isEnding else { continue }
            events.finish()
            for listener in listeners { listener() }
            return
        }
    }
}
