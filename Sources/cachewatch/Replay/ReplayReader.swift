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
        let index = try archive.index(of: place.segment)
        guard index.lines.indices.contains(place.line) else {
            let path = archive.segments[place.segment].path
            throw .file(path: path, "was cut meanwhile: what was shown is not there any more")
        }
        return index.lines[place.line].head
    }

    /// The first snapshot of all, or the last one; segments that cannot be read are passed over.
    ///
    /// - Throws: ``RecordError`` where none can be.
    func end(isLast: Bool) throws(RecordError) -> Place? {
        let segments = Array(archive.segments.indices)
        var (problem, isRead): (RecordError?, Bool) = (nil, false)
        for segment in isLast ? segments.reversed() : segments {
            do throws(RecordError) {
                let index = try archive.index(of: segment)
                isRead = true
                let line =
                    isLast
                    ? index.line(before: index.lines.count, of: [.snapshot]) : index.line(after: -1, of: [.snapshot])
                if let line { return Place(segment: segment, line: line) }
            } catch { problem = error }
        }
        if let problem, !isRead { throw problem }
        return nil
    }

    /// From the first snapshot to the last; nil without any.
    func span() throws(RecordError) -> ClosedRange<WallTime>? {
        guard let first = try end(isLast: false), let last = try end(isLast: true) else { return nil }
        let (from, to) = (try head(first).time, try head(last).time)
        return min(from, to)...max(from, to)
    }

    /// The same with what stands in front of the first snapshot and behind the last one.
    func ends(around span: ClosedRange<WallTime>) throws(RecordError) -> ClosedRange<WallTime> {
        let kinds = Set(RecordKind.allCases)
        var (from, to) = (span.lowerBound, span.upperBound)
        if var first = try end(isLast: false), var last = try end(isLast: true) {
            while let before = try line(from: first, kinds, isNext: false) { first = before }
            while let after = try line(from: last, kinds, isNext: true) { last = after }
            (from, to) = (min(from, try head(first).time), max(to, try head(last).time))
        }
        return from...to
    }

    /// The next line of some kinds, or the one before, in whichever segment can be read.
    func line(from place: Place, _ kinds: Set<RecordKind>, isNext: Bool) throws(RecordError) -> Place? {
        let first = try archive.index(of: place.segment)
        if let line = isNext ? first.line(after: place.line, of: kinds) : first.line(before: place.line, of: kinds) {
            return Place(segment: place.segment, line: line)
        }
        var segment = place.segment + (isNext ? 1 : -1)
        while archive.segments.indices.contains(segment) {
            defer { segment += isNext ? 1 : -1 }
            // What cannot be read is a gap.
            guard let index = try? archive.index(of: segment) else { continue }
            let line =
                isNext ? index.line(after: -1, of: kinds) : index.line(before: index.lines.count, of: kinds)
            if let line { return Place(segment: segment, line: line) }
        }
        return nil
    }

    /// The last snapshot that is no later than a time; the first of all where each is.
    func snapshot(at time: WallTime) throws(RecordError) -> Place? {
        for segment in archive.segments.indices.reversed() {
            // A name tells the hour: nothing later is unpacked.
            if let hour = archive.segments[segment].name?.hour, hour > time { continue }
            guard let index = try? archive.index(of: segment), let line = index.line(at: time),
                index.lines[line].head.time <= time
            else { continue }
            return Place(segment: segment, line: line)
        }
        return try end(isLast: false)
    }

    /// The snapshot at which the next alert was raised or became worse, or at which it was known who is behind one, or the
    /// one before; nil where there is none.
    func alert(from place: Place, isNext: Bool) throws(RecordError) -> Place? {
        // What is told behind a snapshot is of that one.
        var at = isNext ? try snapshotEnd(of: place) : place
        while let found = try line(from: at, [.alert], isNext: isNext) {
            at = found
            guard case .alert(let alert) = try archive.entry(found.line, of: found.segment),
                [.raised, .changed, .explained].contains(alert.change),
                let snapshot = try line(from: found, [.snapshot], isNext: false), snapshot != place
            else { continue }
            if alert.change == .raised { return snapshot }
            if try isNews(alert.alert, at: snapshot) { return snapshot }
        }
        return nil
    }

    /// Whether a standing alert has become worse here, or it is named here who is behind it, and was not at the snapshot before.
    private func isNews(_ alert: Alert, at snapshot: Place) throws(RecordError) -> Bool {
        let who = alert.culprit.flatMap { $0.brief == nil ? nil : $0.name }
        guard let before = try line(from: snapshot, [.snapshot], isNext: false) else { return true }
        let known = try alerts(at: before, isWhole: false).raised.first { $0.id == alert.id && $0.node == alert.node }
        if let known, alert.level > known.level { return true }
        return who != nil && (known?.culprit?.brief == nil || known?.culprit?.name != who)
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
            let all = try? archive.index(of: segment).lines.count
            let end = segment == last.segment ? last.line + 1 : all ?? 0
            if first < end { lines += (first..<end).map { Place(segment: segment, line: $0) } }
        }
        return lines
    }

    /// Whether a snapshot can be shown: one that is damaged, or that a newer version has written in other words, cannot.
    func isReadable(_ snapshot: Place) throws(RecordError) -> Bool {
        if case .snapshot? = try archive.entry(snapshot.line, of: snapshot.segment) { true } else { false }
    }

    /// What people should know of a snapshot that they have wished to see.
    ///
    /// - Parameter wished: nil where any would do.
    func remarks(on place: Place, wished: WallTime?, _ clock: CivilClock) throws(RecordError) -> [String] {
        let header = try header(at: place)
        var remarks: [String] = []
        if let wished,
            let words = RecordedTime.remark(
                wished: wished, found: try head(place).time, interval: header?.interval ?? .seconds(1), clock)
        {
            remarks.append(words)
        }
        if let schema = header?.schema, schema > RecordHeader.schema {
            remarks.append(
                "a newer cachewatch has written it (schema \(schema)): it is shown as far as it is known here")
        }
        let unreadable = try archive.index(of: place.segment).unreadable
        if unreadable > 0 {
            let name = archive.segments[place.segment].name.map { " in \($0.text)" } ?? ""
            remarks.append("\(Format.count(unreadable)) unreadable \(unreadable == 1 ? "line" : "lines")\(name)")
        }
        return remarks
    }

    // MARK: what was known

    func header(at place: Place) throws(RecordError) -> RecordHeader? {
        let index = try archive.index(of: place.segment)
        guard let line = index.line(before: place.line, of: [.header]),
            case .header(let header) = try archive.entry(line, of: place.segment)
        else { return nil }
        return header
    }

    /// Whether all that was known at a place is read without unpacking another segment.
    func isAtHand(_ place: Place) -> Bool { place.segment == 0 || archive.isAtHand(place.segment - 1) }

    /// All that was known at a snapshot.
    ///
    /// - Parameter isWhole: false for what its own segment tells: charts and past alerts reach no further back.
    func moment(
        at place: Place, isWhole: Bool = true
    ) throws(RecordError) -> (moment: ReplayMoment, assembly: RecordAssembly) {
        let index = try archive.index(of: place.segment)
        let begin = index.line(before: place.line, of: [.header]) ?? 0
        var assembly = try archive.assembly(before: place.line, of: place.segment)
        var moment = ReplayMoment()
        guard let entry = try archive.entry(place.line, of: place.segment), let snapshot = assembly.take(entry) else {
            return (moment, assembly)
        }
        var known = try commands(before: place, from: begin, index)
        moment.looks = try looks(before: place, from: begin, index)
        for line in last(Self.clientLooks, .clients, before: place.line, from: begin, index) {
            if case .clients(let look) = try archive.entry(line, of: place.segment) { moment.clients.note(look) }
        }
        moment.alerts = try alerts(at: place, isWhole: isWhole)
        for (earlier, found) in try beforeOutages(moment.alerts.raised, at: place, snapshot)
        where !known.contains(where: { $0.place == earlier }) && earlier != place { known.append((earlier, found)) }
        moment.snapshots = known.sorted { $1.place.isBehind($0.place) }.map(\.snapshot) + [snapshot]
        moment.histories = try histories(
            until: place, snapshot, assembly.header?.interval ?? .seconds(1), at: snapshot.elapsed, isWhole: isWhole)
        return (moment, assembly)
    }

    /// Those that stand at a snapshot, and those that are over.
    ///
    /// - Parameter isWhole: with those of the segment before: the charts go as far back.
    func alerts(at place: Place, isWhole: Bool = true) throws(RecordError) -> RecordedAlerts {
        let index = try archive.index(of: place.segment)
        var alerts = RecordedAlerts()
        if isWhole, place.segment > 0, let ended = try? archive.endedAlerts(of: place.segment - 1) {
            for alert in ended { alert.asChange.map { alerts.take($0) } }
        }
        for line in 0..<(try snapshotEnd(of: place).line + 1) {
            // Those that stand follow it.
            if index.lines[line].head.kind == .header { alerts.forgetStanding() }
            guard index.lines[line].head.kind == .alert,
                case .alert(let alert) = try archive.entry(line, of: place.segment)
            else { continue }
            alert.asChange.map { alerts.take($0) } ?? alerts.word(alert.alert)
        }
        return alerts
    }

    /// What the nodes said last that are not reached, and the first snapshot without them.
    ///
    /// - Parameter latest: at a place; what another run has seen is not known to its one.
    private func beforeOutages(
        _ alerts: [Alert], at end: Place, _ latest: Snapshot
    ) throws(RecordError) -> [(place: Place, snapshot: Snapshot)] {
        var found: [(place: Place, snapshot: Snapshot)] = []
        for alert in alerts.filter({ $0.id == .unreachable }).prefix(Self.outages) {
            var place = try snapshot(at: alert.since)
            var silent: (place: Place, snapshot: Snapshot)?
            for _ in 0..<Self.pollsOfHold {
                guard let at = place, case .snapshot(let snapshot)? = try? archive.entry(at.line, of: at.segment),
                    try isSameRun(at, snapshot, as: end, latest)
                else { break }
                if snapshot.nodes.contains(where: { $0.address == alert.node ?? $0.address && $0.info != nil }) {
                    found += [(at, snapshot), silent].compactMap { $0 }
                    break
                }
                silent = (at, snapshot)
                place = try line(from: at, [.snapshot], isNext: false)
            }
        }
        return found
    }

    /// Whether a snapshot was seen by who has seen an earlier one: both clocks have gone on alike.
    func isSameRun(
        _ place: Place, _ snapshot: Snapshot, as later: Place, _ latest: Snapshot
    ) throws(RecordError) -> Bool {
        let (before, after) = (try head(place), try head(later))
        let drift = latest.elapsed - snapshot.elapsed - .milliseconds(after.monotonic - before.monotonic)
        return latest.target == snapshot.target && after.monotonic >= before.monotonic
            && (.seconds(-2)...(.seconds(2))).contains(drift)
    }

    private static let outages = 4
    /// An alert is raised some polls after it began.
    private static let pollsOfHold = 60
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
    private func commands(
        before place: Place, from begin: Int, _ index: RecordIndex
    ) throws(RecordError) -> [(place: Place, snapshot: Snapshot)] {
        var found: [(place: Place, snapshot: Snapshot)] = []
        for line in last(Self.pollsOfCommands, .snapshot, before: place.line, from: begin, index).reversed() {
            guard found.count < 2, case .snapshot(let snapshot) = try archive.entry(line, of: place.segment) else {
                continue
            }
            if snapshot.nodes.contains(where: { $0.commands != nil }) {
                found.append((Place(segment: place.segment, line: line), snapshot))
            }
        }
        return found.reversed()
    }

    /// The one that growth is counted from, and the latest.
    private func looks(
        before place: Place, from begin: Int, _ index: RecordIndex
    ) throws(RecordError) -> [NamespaceReport] {
        let since = try head(place).monotonic - 3_600_000
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

    /// - Parameters:
    ///   - elapsed: of the latest snapshot, on the clock of what it is drawn beside.
    ///   - isWhole: false goes no further back than the place's own segment.
    func histories(
        until place: Place, _ latest: Snapshot, _ interval: Duration, at elapsed: Duration, isWhole: Bool = true
    ) throws(RecordError) -> [String: History] {
        let now = try head(place)
        let all = latest.nodes + [latest.sum].compactMap { $0 }
        var samples: [(at: Duration, apart: Duration, nodes: [ChartedNode])] = [
            (.zero, interval, all.map { ChartedNode($0) })
        ]
        var at = place
        while let before = try line(from: at, [.snapshot], isNext: false) {
            at = before
            if !isWhole, at.segment != place.segment { break }
            let age = try Self.age(of: head(before), at: now)
            guard let grain = Self.grain.first(where: { age <= $0.within }) else { break }
            let apart = max(grain.apart, interval)
            // Polls come a little early, or late.
            guard age - samples[samples.count - 1].at >= apart - interval / 2 else { continue }
            // What is gone is a hole in the charts.
            guard let nodes = try? archive.charted(before.line, of: before.segment) else { continue }
            samples.append((age, apart, nodes))
        }
        var histories: [String: History] = [:]
        for sample in samples.reversed() {
            for node in sample.nodes {
                histories[node.address, default: History()].record(
                    node.values, at: elapsed - sample.at, every: sample.apart)
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
