internal import CacheWatch
internal import CacheModel
internal import Dashboard
internal import Recording

/// Finds places in a recording, and what was known there.
struct ReplayReader {
    /// A line of a recording.
    struct Place: Equatable, Sendable {
        var segment: Int
        var line: Int

        /// Whether it stands later.
        func isBehind(_ other: Place) -> Bool { (segment, line) > (other.segment, other.line) }
    }

    let archive: RecordArchive

    func head(_ place: Place) throws(RecordError) -> LineHead {
        try archive.index(of: place.segment).lines[place.line].head
    }

    /// The first snapshot of all, or the last one.
    func end(isLast: Bool) throws(RecordError) -> Place? {
        let segments = Array(archive.segments.indices)
        for segment in isLast ? segments.reversed() : segments {
            let index = try archive.index(of: segment)
            let line =
                isLast
                ? index.line(before: index.lines.count, of: [.snapshot]) : index.line(after: -1, of: [.snapshot])
            if let line { return Place(segment: segment, line: line) }
        }
        return nil
    }

    /// From the first snapshot to the last; nil without any.
    func span() throws(RecordError) -> ClosedRange<WallTime>? {
        guard let first = try end(isLast: false), let last = try end(isLast: true) else { return nil }
        let (from, to) = (try head(first).time, try head(last).time)
        return min(from, to)...max(from, to)
    }

    /// The next line of some kinds, or the one before, in whichever segment.
    func line(from place: Place, _ kinds: Set<RecordKind>, isNext: Bool) throws(RecordError) -> Place? {
        let first = try archive.index(of: place.segment)
        if let line = isNext ? first.line(after: place.line, of: kinds) : first.line(before: place.line, of: kinds) {
            return Place(segment: place.segment, line: line)
        }
        var segment = place.segment + (isNext ? 1 : -1)
        while archive.segments.indices.contains(segment) {
            let index = try archive.index(of: segment)
            let line =
                isNext ? index.line(after: -1, of: kinds) : index.line(before: index.lines.count, of: kinds)
            if let line { return Place(segment: segment, line: line) }
            segment += isNext ? 1 : -1
        }
        return nil
    }

    /// The last snapshot that is no later than a time; the first of all where each is.
    func snapshot(at time: WallTime) throws(RecordError) -> Place? {
        for segment in archive.segments.indices.reversed() {
            // A name tells the hour: nothing later is unpacked.
            if let hour = archive.segments[segment].name?.hour, hour > time { continue }
            let index = try archive.index(of: segment)
            guard let line = index.line(at: time), index.lines[line].head.time <= time else { continue }
            return Place(segment: segment, line: line)
        }
        return try end(isLast: false)
    }

    /// The snapshot at which the next alert was raised, or the one before; nil where there is none.
    func alert(from place: Place, isNext: Bool) throws(RecordError) -> Place? {
        // What is told behind a snapshot is of that one.
        var at = isNext ? try snapshotEnd(of: place) : place
        while let found = try line(from: at, [.alert], isNext: isNext) {
            at = found
            guard case .alert(let alert) = try archive.entry(found.line, of: found.segment), alert.change == .raised
            else { continue }
            guard let snapshot = try line(from: found, [.snapshot], isNext: false) else { continue }
            if snapshot != place { return snapshot }
        }
        return nil
    }

    /// The last line that belongs to a snapshot.
    private func snapshotEnd(of place: Place) throws(RecordError) -> Place {
        let index = try archive.index(of: place.segment)
        let next = index.line(after: place.line, of: [.snapshot, .header]) ?? index.lines.count
        return Place(segment: place.segment, line: next - 1)
    }

    /// Those behind a place, up to the last one that belongs to a snapshot.
    func lines(after place: Place, upTo snapshot: Place) throws(RecordError) -> [Place] {
        let last = try snapshotEnd(of: snapshot)
        var lines: [Place] = []
        for segment in place.segment...last.segment {
            let first = segment == place.segment ? place.line + 1 : 0
            let end = segment == last.segment ? last.line + 1 : try archive.index(of: segment).lines.count
            if first < end { lines += (first..<end).map { Place(segment: segment, line: $0) } }
        }
        return lines
    }

    // MARK: what was known

    func header(at place: Place) throws(RecordError) -> RecordHeader? {
        let index = try archive.index(of: place.segment)
        guard let line = index.line(before: place.line, of: [.header]),
            case .header(let header) = try archive.entry(line, of: place.segment)
        else { return nil }
        return header
    }

    /// All that was known at a snapshot.
    func moment(at place: Place) throws(RecordError) -> (moment: ReplayMoment, assembly: RecordAssembly) {
        let index = try archive.index(of: place.segment)
        let begin = index.line(before: place.line, of: [.header]) ?? 0
        var assembly = try archive.assembly(before: place.line, of: place.segment)
        var moment = ReplayMoment()
        guard let entry = try archive.entry(place.line, of: place.segment), let snapshot = assembly.take(entry) else {
            return (moment, assembly)
        }
        moment.snapshots = try commands(before: place, from: begin, index) + [snapshot]
        moment.looks = try looks(before: place, from: begin, index)
        for line in last(Self.clientLooks, .clients, before: place.line, from: begin, index) {
            if case .clients(let look) = try archive.entry(line, of: place.segment) { moment.clients.note(look) }
        }
        let end = try snapshotEnd(of: place).line
        for line in index.lines(of: .alert) where line >= begin && line <= end {
            if case .alert(let alert) = try archive.entry(line, of: place.segment) {
                alert.asChange.map { moment.alerts.take($0) } ?? moment.alerts.word(alert.alert)
            }
        }
        moment.histories = try histories(until: place, snapshot, assembly.header?.interval ?? .seconds(1))
        return (moment, assembly)
    }

    private static let clientLooks = 6
    private static let keyspaceLooks = 12
    /// Command statistics are asked for every few polls.
    private static let pollsOfCommands = 12

    /// Those of the run, the latest last.
    private func last(
        _ count: Int, _ kind: RecordKind, before line: Int, from begin: Int, _ index: RecordIndex
    ) -> [Int] {
        var found: [Int] = []
        var at = line
        while found.count < count, let before = index.line(before: at, of: [kind]), before > begin {
            found.append(before)
            at = before
        }
        return found.reversed()
    }

    /// The two snapshots before with statistics of commands: rates are their difference.
    private func commands(before place: Place, from begin: Int, _ index: RecordIndex) throws(RecordError) -> [Snapshot]
    {
        var found: [Snapshot] = []
        for line in last(Self.pollsOfCommands, .snapshot, before: place.line, from: begin, index).reversed() {
            guard found.count < 2, case .snapshot(let snapshot) = try archive.entry(line, of: place.segment) else {
                continue
            }
            if snapshot.nodes.contains(where: { $0.commands != nil }) { found.append(snapshot) }
        }
        return found.reversed()
    }

    /// The one that growth is counted from, and the latest.
    private func looks(
        before place: Place, from begin: Int, _ index: RecordIndex
    ) throws(RecordError) -> [NamespaceReport] {
        let since = index.lines[place.line].head.monotonic - 3_600_000
        let all = index.lines(of: .namespaces).filter {
            $0 > begin && $0 < place.line && index.lines[$0].head.monotonic >= since
        }
        let chosen = all.count > Self.keyspaceLooks ? all.prefix(1) + all.suffix(Self.keyspaceLooks - 1) : all[...]
        var looks: [NamespaceReport] = []
        for line in chosen {
            if case .namespaces(let look) = try archive.entry(line, of: place.segment) { looks.append(look) }
        }
        return looks
    }

    // MARK: the charts

    /// How far back each part of the charts goes, and how far apart its samples lie: as fine as they are drawn.
    private static let grain: [(within: Duration, apart: Duration)] = [
        (.seconds(120), .seconds(1)), (.seconds(300), .seconds(2)), (.seconds(900), .seconds(8)),
        (.seconds(3660), .seconds(30)),
    ]

    private func histories(
        until place: Place, _ latest: Snapshot, _ interval: Duration
    ) throws(RecordError) -> [String: History] {
        let now = try head(place)
        var samples: [(at: Duration, apart: Duration, snapshot: Snapshot)] = [(.zero, interval, latest)]
        var at = place
        while let before = try line(from: at, [.snapshot], isNext: false) {
            at = before
            let age = try Self.age(of: head(before), at: now)
            guard let grain = Self.grain.first(where: { age <= $0.within }) else { break }
            let apart = max(grain.apart, interval)
            // Polls come a little early, or late.
            guard age - samples[samples.count - 1].at >= apart - interval / 2 else { continue }
            guard case .snapshot(let snapshot) = try archive.entry(before.line, of: before.segment) else { continue }
            samples.append((age, apart, snapshot))
        }
        var histories: [String: History] = [:]
        for sample in samples.reversed() {
            for node in sample.snapshot.nodes + [sample.snapshot.sum].compactMap({ $0 }) {
                histories[node.address, default: History()].record(
                    History.values(of: node), at: latest.elapsed - sample.at, every: sample.apart)
            }
        }
        return histories
    }

    /// By the clock that never jumps, which another boot begins anew.
    private static func age(of line: LineHead, at now: LineHead) -> Duration {
        line.monotonic <= now.monotonic
            ? .milliseconds(now.monotonic - line.monotonic) : max(.zero, now.time - line.time)
    }
}

extension RecordedAlert {
    /// What it does to the alerts that stand; nil where it has another figure only.
    var asChange: AlertChange? {
        switch change {
        case .raised, .standing: .raised(alert)
        case .changed, .explained: .changed(alert)
        case .cleared: .cleared(alert)
        case .withdrawn: .withdrawn(alert)
        case .worded: nil
        }
    }
}
