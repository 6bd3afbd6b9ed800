internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Recording

/// A recording beside what is shown: what it says at the same distance of time, however that moves.
struct TwinReader {
    private(set) var reader: ReplayReader
    let path: String
    private var offset: Duration?
    private var place: ReplayReader.Place?
    private var lookedAt = ContinuousClock.now

    /// Polls come a little late.
    private static let leastReach = Duration.seconds(5)
    private static let looksEvery = Duration.seconds(10)
    /// Where none of its times stands beside what is shown.
    static let noTime = "no time of it is chosen: :twin TIME"

    init(_ archive: RecordArchive, path: String) { (reader, self.path) = (ReplayReader(archive: archive), path) }

    /// Of the latest segment.
    func target() throws(RecordError) -> String? {
        guard let last = try reader.end(isLast: true) else { return nil }
        return try reader.header(at: last)?.target
    }

    /// Stands still beside what is shown at another distance.
    ///
    /// - Parameters:
    ///   - text: a time as it is typed; nil takes the same time of another day.
    /// - Returns: what is wrong; nil where nothing is.
    mutating func align(_ text: String?, at now: WallTime, _ clock: CivilClock) throws(RecordError) -> String? {
        guard let span = try reader.span() else { return "\(name) holds no snapshot" }
        guard let text else {
            offset = TwinAlignment.offset(at: now, within: span)
            return offset == nil
                ? "\(name) has nothing of \(clock.clock(now)) on any day, it reaches from \(clock.full(span.lowerBound)) "
                    + "to \(clock.full(span.upperBound)); :twin TIME puts one beside it" : nil
        }
        // From where it stands, as `:at` goes from where a recording stands.
        guard let time = TimeWish.parse(text, from: now.adding(offset ?? .zero), within: span, clock) else {
            return "A time is 14:20, 14:20:07, 2026-11-25T14:20, or so far on or back: +1h, -10m"
        }
        (offset, place) = (time - now, nil)
        return nil
    }

    private var name: String { Printable.escape(path) }

    /// What stands beside a time; nil where the same still does.
    mutating func show(
        _ now: WallTime, _ elapsed: Duration, jumps: Bool, _ clock: CivilClock
    ) throws(RecordError) -> TwinEvent? {
        guard let offset else { return nil }
        let wanted = now.adding(offset)
        try followGrowth(to: wanted)
        guard let found = try reader.snapshot(at: wanted), try isNear(found, wanted) else {
            place = nil
            return .missing("nothing recorded at \(clock.clock(wanted))")
        }
        guard found != place || jumps else { return nil }
        let isFirst = place == nil || jumps
        place = found
        guard let snapshot = try whole(found) else { return .missing("a line that cannot be read") }
        guard isFirst else { return .came(snapshot, elapsed: elapsed) }
        let interval = try reader.header(at: found)?.interval ?? .seconds(1)
        let histories = try reader.histories(until: found, snapshot, interval, at: elapsed)
        return .moved(TwinMoment(snapshot: snapshot, offset: offset, elapsed: elapsed, histories: histories))
    }

    /// With the latest looks at keys and clients.
    private func whole(_ place: ReplayReader.Place) throws(RecordError) -> Snapshot? {
        var assembly = try reader.archive.assembly(before: place.line, of: place.segment)
        return try reader.archive.entry(place.line, of: place.segment).flatMap { assembly.take($0) }
    }

    /// A snapshot tells of the time until the next one, as long as that is not late.
    private func isNear(_ place: ReplayReader.Place, _ wanted: WallTime) throws(RecordError) -> Bool {
        let head = try reader.head(place)
        let reach = max(Self.leastReach, (try reader.header(at: place)?.interval ?? .seconds(1)) * 3)
        return head.time <= wanted.adding(reach) && wanted <= head.time.adding(reach)
    }

    /// Somebody may still record there: what has come since it was opened is read where it is needed.
    private mutating func followGrowth(to wanted: WallTime) throws(RecordError) {
        guard ContinuousClock.now - lookedAt > Self.looksEvery, let last = try reader.end(isLast: true),
            try reader.head(last).time < wanted
        else { return }
        lookedAt = .now
        if let archive = try reader.archive.grown() { reader = ReplayReader(archive: archive) }
    }
}
