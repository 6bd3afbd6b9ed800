internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import Glibc
internal import Recording

/// Where the lines of a recording go.
enum RecordSink {
    case files(Recorder)
    /// Standard output.
    case stream(RecordStream)

    mutating func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) throws {
        switch self {
        case .files(let recorder): recorder.note(snapshot, changes, raised: raised)
        case .stream(var stream):
            defer { self = .stream(stream) }
            try stream.note(snapshot, changes, raised: raised)
        }
    }

    /// - Returns: why its end is missing, for people; nil where it is not.
    func end() async -> String? {
        switch self {
        case .files(let recorder):
            await recorder.close()
            return recorder.complaint
        case .stream(var stream): return await stream.end()
        }
    }
}

/// The lines of a recording on standard output, as they would stand in a file.
struct RecordStream {
    private var course: RecordCourse
    private var audit: AuditTail?
    /// As the latest snapshot has named them.
    private var nodes: Set<String> = []
    private let outlet: RecordOutlet

    private static let slow = "the reader was slower than the watching"

    /// - Throws: an exit where nobody can have them.
    init(_ order: RecordOrder) throws {
        course = Recorder.course(order.header)
        audit = order.auditTail
        let delivery = FileDescriptor.deliver(1, Self.lines(course.beginSegment()))
        guard delivery == .written else { throw Self.exit(delivery) }
        outlet = RecordOutlet()
    }

    /// - Throws: an exit where nobody reads it any more.
    mutating func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) throws {
        nodes = Set(snapshot.nodes.map(\.address))
        // Without a reader there is nothing more to do.
        if let delivery = outlet.failure { throw Self.exit(delivery) }
        // What stands is known to the course, whether it was told or not.
        let missed = outlet.hasRoom ? missed + (outlet.missedSince == nil ? [] : course.beginSegment()) : []
        let entries = missed + course.note(snapshot, changes, raised: raised) + acts()
        outlet.put(Self.lines(entries), tells: !missed.isEmpty)
    }

    private var missed: [RecordEntry] {
        outlet.missedSince.map { [.gap(RecordedGap(since: $0, why: Self.slow))] } ?? []
    }

    /// What others have done since it was asked last.
    private mutating func acts() -> [RecordEntry] {
        audit?.take(nodes: nodes).map { course.note(.action($0)) } ?? []
    }

    /// - Returns: why its end is missing, for people; nil where it is not.
    mutating func end() async -> String? {
        outlet.end(with: Self.lines(missed + acts() + [.end]))
        guard await outlet.hasEnded else { return "its reader takes nothing more" }
        return outlet.failure?.complaint
    }

    private static func lines(_ entries: [RecordEntry]) -> [UInt8] {
        let (time, monotonic) = (WallTime.now, Recorder.clock)
        return entries.flatMap { RecordLine.encode($0, time: time, monotonic: monotonic) }
    }

    private static func exit(_ delivery: Delivery) -> ExitCode {
        if let complaint = delivery.complaint { StandardError.write("cachewatch: \(complaint)") }
        return ExitCode(delivery.status(of: .data) ?? .done)
    }
}

extension Exit {
    /// - Parameter status: for what is neither taken nor the typist's.
    static func failure(_ error: RecordError, else status: ProgramStatus = .notDone) -> ExitCode {
        let words = Printable.escape("\(error)")
        switch error {
        case .taken: return refused(words)
        case .foreign, .file: return status == .unknown ? unknown(words) : notDone(words)
        }
    }
}
