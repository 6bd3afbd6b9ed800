public import RedisValues

/// Where the lines of a segment begin, and when each was written: all that seeking needs, at 40 bytes a line.
public struct RecordIndex: Equatable, Sendable {
    public struct Line: Equatable, Sendable {
        /// Bytes from the segment's beginning.
        public var offset: Int
        /// In bytes, without the end of the line.
        public var length: Int
        public var head: LineHead
    }

    /// Unreadable lines in a row.
    public struct Break: Equatable, Sendable {
        /// The line that they stand in front of; how many there are where they are the last.
        public var line: Int
        public var count: Int
    }

    /// Those that can be read, in the file's order.
    public private(set) var lines: [Line] = []
    /// Lines that are no lines of a recording, such as a torn one.
    public var unreadable: Int { breaks.reduce(0) { $0 + $1.count } }
    /// Where they are.
    public private(set) var breaks: [Break] = []
    /// Lines of kinds that a newer version has written.
    public private(set) var unknown = 0
    /// Bytes that were looked at.
    public private(set) var size = 0
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []
    private var isOverlong = false

    /// No line is longer: what is, is none of a recording.
    public static let longestLine = 16 << 20

    public init() {}

    public init(of bytes: [UInt8]) {
        add(bytes.span)
        finish()
    }

    /// Adds what follows, cut anywhere.
    public mutating func add(_ bytes: Span<UInt8>) {
        var start = 0
        for index in bytes.indices where bytes[index] == 0x0a {
            if rest.isEmpty, !isOverlong {
                note(bytes.extracting(start..<index), at: size + start)
            } else {
                keep(bytes.extracting(start..<index))
                noteRest(endingAt: size + index)
            }
            start = index + 1
        }
        if start < bytes.count { keep(bytes.extracting(start..<bytes.count)) }
        size += bytes.count
    }

    /// What was cut off in the middle is no line: it is counted, unless it is being written now.
    public mutating func finish(isGrowing: Bool = false) {
        guard !rest.isEmpty || isOverlong else { return }
        // A last line without its end may be whole.
        if !isGrowing || LineHead(reading: rest.span) != nil { noteRest(endingAt: size) }
    }

    private mutating func keep(_ part: Span<UInt8>) {
        guard !isOverlong, rest.count + part.count <= Self.longestLine else {
            (rest, isOverlong) = ([], true)
            return
        }
        for index in part.indices { rest.append(part[index]) }
    }

    private mutating func noteRest(endingAt end: Int) {
        let line = rest
        (rest, isOverlong) = ([], false)
        note(line.span, at: end - line.count)
    }

    private mutating func note(_ line: Span<UInt8>, at offset: Int) {
        guard let head = LineHead(reading: line) else { return noteBreak() }
        if head.kind == nil { unknown += 1 }
        lines.append(Line(offset: offset, length: line.count, head: head))
    }

    private mutating func noteBreak() {
        if breaks.last?.line == lines.count {
            breaks[breaks.count - 1].count += 1
        } else {
            breaks.append(Break(line: lines.count, count: 1))
        }
    }
}

extension RecordIndex {
    /// The lines that were written in a stretch of time, as they follow each other: one range, unless a clock was set.
    public func ranges(within window: ClosedRange<WallTime>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, line) in lines.enumerated() where window.contains(line.head.time) {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    /// Unreadable lines among some, and at an end of the file where they reach it.
    public func unreadable(in range: Range<Int>) -> Int {
        breaks.reduce(0) { sum, found in
            let isInside = range.contains(found.line) && found.line > range.lowerBound
            let isAtAnEnd =
                found.line == 0 && range.lowerBound == 0
                || found.line == lines.count && range.upperBound == lines.count
            return sum + (isInside || isAtAnEnd ? found.count : 0)
        }
    }
    /// Whether anything in it is of a recording.
    public var isRecording: Bool { !lines.isEmpty }

    /// From the earliest to the latest line; nil without any. A clock that was set back makes it longer.
    public var span: ClosedRange<WallTime>? {
        guard let first = lines.lazy.map(\.head.time).min(), let last = lines.lazy.map(\.head.time).max() else {
            return nil
        }
        return first...last
    }

    /// The last line of a kind, in the file's order, that is no later than a time; where all are later, the first one.
    ///
    /// A wall clock may jump back: the later part is meant then.
    public func line(at time: WallTime, kind: RecordKind = .snapshot) -> Int? {
        lines.lastIndex { $0.head.kind == kind && $0.head.time <= time } ?? lines.firstIndex { $0.head.kind == kind }
    }

    /// The next line of one of some kinds behind another one; nil where there is none.
    public func line(after line: Int, of kinds: Set<RecordKind>) -> Int? {
        // Of one or two, a list is looked through faster than a set.
        let kinds = Array(kinds)
        return lines.indices.dropFirst(max(0, line + 1)).first { isOne($0, of: kinds) }
    }

    /// The last line of one of some kinds in front of another one; nil where there is none.
    public func line(before line: Int, of kinds: Set<RecordKind>) -> Int? {
        let kinds = Array(kinds)
        return lines.indices.prefix(max(0, line)).last { isOne($0, of: kinds) }
    }

    private func isOne(_ line: Int, of kinds: [RecordKind]) -> Bool {
        lines[line].head.kind.map { kinds.contains($0) } ?? false
    }

    /// All lines of a kind.
    public func lines(of kind: RecordKind) -> [Int] { lines.indices.filter { lines[$0].head.kind == kind } }
}

/// A stretch of time without snapshots.
public struct RecordHole: Equatable, Sendable {
    /// The last snapshot before it, and the first one behind it.
    public var last: Int
    public var next: Int
    public var from: WallTime
    public var to: WallTime
    /// By the clock that never jumps, where it is the same run.
    public var length: Duration
    /// The line that tells why; nil where none does.
    public var told: Int?
}

extension RecordIndex {
    /// Where two snapshots lie further apart than three intervals, or a line says that nothing was recorded.
    ///
    /// - Parameter interval: of the polls, as the header has it.
    public func holes(interval: Duration) -> [RecordHole] {
        var holes: [RecordHole] = []
        var last: Int?
        var told: Int?
        for (index, line) in lines.enumerated() {
            if line.head.kind == .gap { told = index }
            guard line.head.kind == .snapshot else { continue }
            defer { (last, told) = (index, nil) }
            guard let last else { continue }
            let before = lines[last].head
            let length = Self.length(from: before, to: line.head)
            guard told != nil || length > interval * 3 else { continue }
            holes.append(
                RecordHole(
                    last: last, next: index, from: before.time, to: line.head.time, length: length, told: told))
        }
        return holes
    }

    /// Another boot has another clock: the wall's tells then.
    static func length(from before: LineHead, to after: LineHead) -> Duration {
        after.monotonic >= before.monotonic
            ? .milliseconds(after.monotonic - before.monotonic) : max(.zero, after.time - before.time)
    }
}
