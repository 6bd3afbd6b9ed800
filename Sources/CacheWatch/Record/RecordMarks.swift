internal import Glibc
public import Recording

/// Words that somebody has noted while a recording was looked at. They lie beside it, for what was recorded is changed by
/// nobody: `marks.jsonl` in a folder, `FILE.marks` beside a file.
public struct RecordMarks: Sendable {
    public struct Mark: Equatable, Sendable {
        /// Of what was looked at.
        public var time: WallTime
        public var words: String

        public init(time: WallTime, words: String) { (self.time, self.words) = (time, words) }
    }

    public static let fileName = "marks.jsonl"
    private static let most = 10_000

    private let path: String

    init(of recording: String, isFolder: Bool) {
        path = isFolder ? "\(recording)/\(Self.fileName)" : "\(recording).marks"
    }

    /// The earliest first; the latest ten thousand that were noted.
    ///
    /// - Throws: ``RecordError`` where there are some that cannot be read.
    public func all() throws(RecordError) -> [Mark] {
        guard access(path, F_OK) == 0 else { return [] }
        let file = try SegmentFile(path: path)
        var marks: [Mark] = []
        for line in file.index.lines(of: .mark).suffix(Self.most) {
            guard let bytes = file.bytes(of: line), case .mark(let words) = RecordLine.decode(bytes, escapes: true)
            else { continue }
            marks.append(Mark(time: file.index.lines[line].head.time, words: words))
        }
        // Those of one instant stay as they were noted.
        return marks.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Notes words at a time that was recorded; returns when the disk has them.
    ///
    /// - Throws: ``RecordError`` where nobody may write, or something else lies.
    public func add(_ words: String, at time: WallTime) throws(RecordError) {
        let file: GrowingSegment
        do throws(RecordError) {
            file = try GrowingSegment(
                path: path, name: nil, began: Recorder.clock, isAlone: true,
                write: { Glibc.write($0, $1.baseAddress, $1.count) })
        } catch {
            switch error {
            case .taken: throw .file(path: path, "is being written by somebody else; try it again")
            case .foreign: throw .foreign(path: path, "is not a file of marks, and stays as it is")
            case .file: throw error
            }
        }
        try file.append(RecordLine.encode(.mark(words), time: time, monotonic: .zero))
        try file.synchronize()
    }
}
