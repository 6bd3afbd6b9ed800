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
        case .stream(var stream):
            try? stream.end()
            return nil
        }
    }
}

/// The lines of a recording on standard output, as they would stand in a file.
struct RecordStream {
    private var course: RecordCourse
    private var audit: AuditTail?
    /// As the latest snapshot has named them.
    private var nodes: Set<String> = []

    /// - Throws: an exit where nobody can have them.
    init(_ order: RecordOrder) throws {
        course = Recorder.course(order.header)
        audit = order.auditTail
        try Self.write(course.beginSegment())
    }

    mutating func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) throws {
        nodes = Set(snapshot.nodes.map(\.address))
        try Self.write(course.note(snapshot, changes, raised: raised) + acts())
    }

    /// What others have done since it was asked last.
    private mutating func acts() -> [RecordEntry] {
        audit?.take(nodes: nodes).map { course.note(.action($0)) } ?? []
    }

    mutating func end() throws { try Self.write(acts() + [.end]) }

    private static func write(_ entries: [RecordEntry]) throws {
        let (time, monotonic) = (WallTime.now, Recorder.clock)
        let lines = entries.flatMap { RecordLine.encode($0, time: time, monotonic: monotonic) }
        let delivery = FileDescriptor.deliver(1, String(decoding: lines, as: UTF8.self))
        if let complaint = delivery.complaint { StandardError.write("cachewatch: \(complaint)") }
        // Without a reader there is nothing more to do.
        guard delivery == .written else { throw ExitCode(delivery.status(of: .data) ?? .done) }
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
