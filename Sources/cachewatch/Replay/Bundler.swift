internal import CacheModel
internal import CacheWatch
internal import Dashboard
internal import Recording
internal import TerminalUI

/// Puts together what an operator attaches to a ticket: a part of a recording that can be read alone, what was raised and
/// done in it as text, and how the screen looked.
///
/// All times in it are UTC, and nothing is of the place where it is made: the same lines give the same bytes.
struct Bundler {
    private let archive: RecordArchive
    private let reader: ReplayReader
    private let isAnonymous: Bool
    private var parts: [Part] = []
    private var shots: [Shot] = []
    private(set) var summary: BundleSummary
    private var account = AlertAccount()
    private let (alerts, acts): (Spool, Spool)
    /// Of the run that is read.
    private var interval = Duration.seconds(1)
    private var last: WallTime?
    /// Of the window, those that were not told yet.
    private var marks: ArraySlice<RecordMarks.Mark> = []
    private let marksText: Spool
    private var gap: RecordedGap?
    /// Segments of which it is known who is named in them.
    private var met: Set<Int> = []

    /// Lines of one segment.
    private struct Part {
        var segment: Int
        var name: SegmentName
        var ranges: [Range<Int>]
    }

    /// A screen that is drawn.
    private struct Shot {
        var place: ReplayReader.Place
        var time: WallTime
        var name: String
    }

    private static let mostShots = 64
    private static let shortestGap = Duration.seconds(3)
    /// Clocks are set, and files are named by them.
    private static let clockError = Duration.seconds(2 * 3600)
    private static let hour = Duration.seconds(3600)
    /// Of what a salt is made, in bytes.
    private static let saltBytes = 64 << 10

    /// Reads what is to be bundled; the recording may grow meanwhile.
    ///
    /// - Throws: ``RecordError`` where there is nothing, and ``CacheError/file(path:_:)`` where there is no room.
    init(_ archive: RecordArchive, _ window: ClosedRange<WallTime>, isAnonymous: Bool) throws {
        self.isAnonymous = isAnonymous
        self.archive = isAnonymous ? archive.anonymised(salt: try Self.salt(archive, window)) : archive
        reader = ReplayReader(archive: self.archive)
        summary = BundleSummary(window: window)
        summary.isAnonymous = isAnonymous
        summary.folder = "cachewatch-\(Self.stamp(window.lowerBound).prefix(17))Z"
        (alerts, acts) = (try Spool(), try Spool())
        marksText = try Spool()
        do throws(RecordError) {
            marks = try archive.marks.all().filter { window.contains($0.time) }[...]
        } catch { summary.damaged.append("marks cannot be read, and none of them is in this: \(Self.words(error))") }
        let day =
            "\(CivilClock.utc.dateAndClock(window.lowerBound)) to \(CivilClock.utc.dateAndClock(window.upperBound))"
        try alerts.append("Alerts, \(day) UTC\n\n")
        try acts.append("Acts, marks and gaps, \(day) UTC\n\n")
        let (noAlerts, noActs) = (alerts.size, acts.size)
        for segment in archive.segments.indices where Self.mayHold(window, segment, archive) { try survey(segment) }
        guard summary.snapshots > 0 else { throw try nothing(window) }
        try tellMarks(upTo: window.upperBound)
        noteEnd(window.upperBound)
        if alerts.size == noAlerts { try alerts.append("none stood, and none was raised\n") }
        if acts.size == noActs { try acts.append("nothing was done with cachewatch, and nothing was marked\n") }
    }

    private static func salt(_ archive: RecordArchive, _ window: ClosedRange<WallTime>) throws(RecordError) -> [UInt8] {
        var bytes: [UInt8] = []
        for segment in archive.segments.indices where mayHold(window, segment, archive) {
            guard let index = try? archive.index(of: segment) else { continue }
            for range in index.ranges(within: window) {
                for line in try archive.needed(before: range.lowerBound, of: segment) + range {
                    guard bytes.count < saltBytes else { return RecordMask.salt(of: bytes) }
                    bytes += try archive.bytes(line, of: segment) ?? []
                }
            }
        }
        return RecordMask.salt(of: bytes)
    }

    /// Whether a segment may have lines of a time, by its name and that of the next one: others are not unpacked.
    private static func mayHold(_ window: ClosedRange<WallTime>, _ segment: Int, _ archive: RecordArchive) -> Bool {
        guard let hour = archive.segments[segment].name?.hour else { return true }
        if hour > window.upperBound.adding(clockError) { return false }
        guard segment + 1 < archive.segments.count, let next = archive.segments[segment + 1].name?.hour else {
            return true
        }
        return next.adding(Self.hour + clockError) >= window.lowerBound
    }

    /// `2026-11-25T142007.412Z`.
    private static func stamp(_ time: WallTime) -> String { time.iso8601.filter { $0 != ":" } }

    // MARK: looking what there is

    private mutating func survey(_ segment: Int) throws {
        let index: RecordIndex
        do throws(RecordError) { index = try archive.index(of: segment) } catch {
            let name = archive.segments[segment].name?.text ?? "the file"
            return summary.damaged.append("\(name) cannot be read, and nothing of it is in this: \(Self.words(error))")
        }
        let ranges = index.ranges(within: summary.window)
        guard let first = ranges.first?.lowerBound else { return }
        let name = archive.segments[segment].name?.plain ?? SegmentName(at: index.lines[first].head.time)
        parts.append(Part(segment: segment, name: name, ranges: ranges))
        for range in ranges {
            summary.unreadable += index.unreadable(in: range)
            let place = ReplayReader.Place(segment: segment, line: range.lowerBound)
            if isAnonymous { try meet(before: place) }
            if let header = try reader.header(at: place) { note(header) }
            let time = index.lines[range.lowerBound].head.time
            try alerts.append(account.begin(try standing(before: place), at: time))
            for line in range { try survey(ReplayReader.Place(segment: segment, line: line), index.lines[line].head) }
        }
    }

    /// Who is named in texts is known from lines before them: those of the segment, and of the one in which an alert was
    /// raised that stands.
    private mutating func meet(before place: ReplayReader.Place) throws(RecordError) {
        for line in try archive.needed(before: place.line, of: place.segment) {
            _ = try archive.entry(line, of: place.segment)
        }
        guard !met.contains(place.segment) else { return }
        var segments: Set<Int> = [place.segment]
        for alert in try standing(before: place) {
            guard let raised = try reader.snapshot(at: alert.since) else { continue }
            segments.formUnion([raised.segment, max(0, raised.segment - 1)])
        }
        for segment in segments.subtracting(met).sorted() where segment <= place.segment {
            met.insert(segment)
            guard let index = try? archive.index(of: segment) else { continue }
            let end = segment == place.segment ? place.line : index.lines.count
            for line in 0..<end where Self.naming.contains(index.lines[line].head.kind) {
                _ = try? archive.entry(line, of: segment)
            }
        }
    }

    private static let naming: Set<RecordKind?> = [.header, .snapshot, .clients, .counters, .slow]

    private static func words(_ error: RecordError) -> String {
        switch error {
        case .taken(let path): path
        case .foreign(_, let words), .file(_, let words): words
        }
    }

    private mutating func survey(_ place: ReplayReader.Place, _ head: LineHead) throws {
        summary.lines += 1
        try tellMarks(upTo: head.time)
        guard let kind = head.kind else {
            if isAnonymous { summary.withheld += 1 } else { summary.unknown += 1 }
            return
        }
        let isTold = ![.snapshot, .namespaces, .clients, .counters, .latency, .slow].contains(kind)
        let isFirst = kind == .snapshot && (last == nil || summary.nodes == 0)
        let entry = isTold || isAnonymous || isFirst ? try archive.entry(place.line, of: place.segment) : nil
        if isAnonymous, entry == nil { summary.withheld += 1 }
        if kind == .snapshot {
            note(snapshotAt: head.time)
            if case .snapshot(let snapshot) = entry { summary.nodes = max(summary.nodes, snapshot.nodes.count) }
        }
        guard let entry else { return }
        switch entry {
        case .header(let header): note(header)
        case .alert(let change):
            let picture = account.isNews(change) ? try shot(of: change.alert, place) : nil
            try alerts.append(account.take(change, at: head.time, picture: picture))
            summary.raised = account.raised
        case .action: summary.acts += 1
        case .mark: summary.marks += 1
        case .gap(let told): gap = told
        case .snapshot, .namespaces, .clients, .counters, .slow, .end: break
        }
        try acts.append(ActAccount.text(entry, at: head.time))
    }

    /// Those that were noted beside the lines.
    private mutating func tellMarks(upTo time: WallTime) throws {
        while let noted = marks.first, noted.time <= time {
            marks.removeFirst()
            guard let mark = archive.told(noted) else { continue }
            summary.marks += 1
            try marksText.append(RecordLine.encode(.mark(mark.words), time: mark.time, monotonic: .zero))
            try acts.append(ActAccount.text(.mark(mark.words), at: mark.time))
        }
    }

    private mutating func note(_ header: RecordHeader) {
        interval = header.interval
        summary.note(target: header.target, version: header.version, schema: header.schema)
    }

    private mutating func note(snapshotAt time: WallTime) {
        summary.snapshots += 1
        noteGap(until: time)
        summary.first = min(summary.first ?? time, time)
        summary.last = max(summary.last ?? time, time)
        (last, gap) = (time, nil)
    }

    private mutating func noteGap(until time: WallTime) {
        let since = last ?? summary.window.lowerBound
        guard gap != nil || time - since > max(interval * 3, Self.shortestGap) else { return }
        summary.note(RecordedStretch(from: since, to: time, why: gap?.why))
    }

    private mutating func noteEnd(_ time: WallTime) { if let last, time > last { noteGap(until: time) } }

    /// Alerts that were raised before a line, and stand there.
    private func standing(before place: ReplayReader.Place) throws(RecordError) -> [Alert] {
        let index = try archive.index(of: place.segment)
        // What stood when it was written follows a header.
        let begin = index.line(before: place.line, of: [.header]) ?? 0
        var alerts = RecordedAlerts()
        for line in begin..<max(begin, place.line) where index.lines[line].head.kind == .alert {
            guard case .alert(let alert) = try archive.entry(line, of: place.segment) else { continue }
            alert.asChange.map { alerts.take($0) } ?? alerts.word(alert.alert)
        }
        return alerts.raised
    }

    /// - Returns: the name of the picture of the screen that an alert was raised on; nil where there are enough.
    private mutating func shot(of alert: Alert, _ place: ReplayReader.Place) throws(RecordError) -> String? {
        guard let snapshot = try reader.line(from: place, [.snapshot], isNext: false) else { return nil }
        if let shot = shots.last, shot.place == snapshot { return shot.name }
        guard shots.count < Self.mostShots else {
            summary.unpictured += 1
            return nil
        }
        let time = try reader.head(snapshot).time
        let name = "screens/\(Self.stamp(time))-\(alert.id.rawValue).svg"
        shots.append(Shot(place: snapshot, time: time, name: name))
        summary.pictures.append(BundleSummary.Picture(time: time, alert: alert.id.rawValue))
        return name
    }

    // MARK: nothing

    private func nothing(_ window: ClosedRange<WallTime>) throws(RecordError) -> RecordError {
        let clock = LocalTime.clock
        func words(_ from: WallTime, _ to: WallTime) -> String {
            "\(clock.dateAndClock(from)) to \(clock.short(to, seenAt: from))"
        }
        var text = "has nothing of \(words(window.lowerBound, window.upperBound))"
        if let span = try? reader.span() {
            let isWithin = span.lowerBound < window.lowerBound && window.upperBound < span.upperBound
            if isWithin, let before = try reader.snapshot(at: window.lowerBound),
                let after = try reader.line(from: before, [.snapshot], isNext: true)
            {
                text += ": a gap from \(words(try reader.head(before).time, try reader.head(after).time))"
                if let told = try reader.line(from: before, [.gap], isNext: true), after.isBehind(told),
                    case .gap(let gap) = try archive.entry(told.line, of: told.segment)
                {
                    text += ", \(gap.why)"
                }
            } else {
                text += "; it goes from \(words(span.lowerBound, span.upperBound))"
            }
        }
        return .foreign(path: archive.path, ([text] + summary.damaged).joined(separator: "; "))
    }

    // MARK: writing it

    /// - Throws: ``RecordError`` where a file has gone meanwhile, ``CacheError/file(path:_:)`` where nothing can be written.
    func write(to tar: TarWriter) throws {
        let (folder, end) = (summary.folder, summary.window.upperBound)
        try tar.folder(folder, at: end)
        try tar.file("\(folder)/README.txt", summary.text, at: end)
        try tar.file("\(folder)/alerts.txt", alerts, at: end)
        try tar.file("\(folder)/acts.txt", acts, at: end)
        if !shots.isEmpty { try tar.folder("\(folder)/screens", at: end) }
        let picture = ReplayPicture(theme: .fallback, charset: .unicode, clock: .utc)
        for shot in shots {
            let moment = try reader.moment(at: shot.place).moment
            guard let snapshot = moment.snapshots.last else { continue }
            let header = try reader.header(at: shot.place) ?? RecordHeader(target: "")
            try tar.file("\(folder)/\(shot.name)", picture.draw(moment, snapshot, header, path: ""), at: shot.time)
        }
        try tar.folder("\(folder)/recording", at: end)
        for part in parts {
            let spool = try Spool()
            for range in part.ranges { try write(range, of: part.segment, to: spool) }
            try tar.file("\(folder)/recording/\(part.name.text)", spool, at: end)
        }
        if marksText.size > 0 { try tar.file("\(folder)/recording/\(RecordMarks.fileName)", marksText, at: end) }
    }

    private func write(_ range: Range<Int>, of segment: Int, to spool: Spool) throws {
        let place = ReplayReader.Place(segment: segment, line: range.lowerBound)
        let head = try reader.head(place)
        for line in try archive.needed(before: place.line, of: segment) { try write(line, of: segment, to: spool) }
        for alert in try standing(before: place) {
            try spool.append(
                RecordLine.encode(
                    .alert(RecordedAlert(.standing, alert)), time: head.time,
                    monotonic: .milliseconds(head.monotonic)))
        }
        for line in range { try write(line, of: segment, to: spool) }
    }

    private func write(_ line: Int, of segment: Int, to spool: Spool) throws {
        if !isAnonymous {
            // As it was written, whoever has written it.
            if let bytes = try archive.bytes(line, of: segment) { try spool.append(bytes + [0x0a]) }
            return
        }
        guard let entry = try archive.entry(line, of: segment) else { return }
        let head = try archive.index(of: segment).lines[line].head
        try spool.append(RecordLine.encode(entry, time: head.time, monotonic: .milliseconds(head.monotonic)))
    }
}
