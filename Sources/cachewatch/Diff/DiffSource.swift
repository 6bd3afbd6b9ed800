internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import Dashboard
internal import Recording
internal import Reports

/// The state that `--diff` names.
struct DiffSource: EarlierState {
    let wish: DiffWish
    /// nil for a recording.
    private var document: ComparedState?

    init(_ wish: DiffWish) { self.wish = wish }

    var name: String { wish.text }

    /// - Throws: an exit with 3 where nobody can read it, and with 64 where it was named in another way than it is.
    mutating func open() throws(ExitCode) {
        if wish.time != nil {
            return try Self.guarded { () throws(RecordError) in _ = try RecordArchive.open(wish.path) }
        }
        let file = try Self.guarded { () throws(RecordError) in try DocumentFile.read(wish.path) }
        let name = Printable.escape(wish.text)
        guard case .document(let bytes) = file else {
            throw Exit.usage("--diff \(name) is a recording: say of when, such as \(name)@-1m or \(name)@14:20")
        }
        do throws(ComparisonProblem) { document = try ComparedState(parsing: bytes) } catch {
            throw Exit.unknown("--diff: \(name) \(error)")
        }
    }

    func state(before now: WallTime, of target: String, isFinal: Bool) throws(ExitCode) -> ComparedState? {
        guard let time = wish.time else { return document }
        return try Self.guarded { () throws(RecordError) in
            let reader = ReplayReader(archive: try RecordArchive.open(wish.path))
            let wished = TimeWish.parse(time, from: now, within: try reader.span(), LocalTime.clock) ?? now
            if let place = try reader.snapshot(at: wished, of: target) {
                return try reader.state(at: place, wished: wished)
            }
            guard isFinal else { return nil }
            guard let place = try reader.snapshot(at: wished) else {
                throw .foreign(path: wish.path, "holds no snapshot")
            }
            return try reader.state(at: place, wished: wished)
        }
    }

    private static func guarded<Value>(_ body: () throws(RecordError) -> Value) throws(ExitCode) -> Value {
        do throws(RecordError) { return try body() } catch {
            throw Exit.unknown("--diff: \(Printable.escape("\(error)"))")
        }
    }
}

extension ReplayReader {
    /// The last snapshot of a deployment that is no later than a time, else its first one.
    ///
    /// - Parameter target: as headers have it.
    /// - Returns: nil where it has none.
    func snapshot(at time: WallTime, of target: String) throws(RecordError) -> Place? {
        guard var place = try snapshot(at: time) else { return nil }
        if try header(at: place)?.target == target { return place }
        // Others have recorded into the same folder.
        while let before = try line(from: place, [.header], isNext: false) {
            guard let last = try line(from: before, [.snapshot], isNext: false) else { break }
            if try header(at: last)?.target == target { return last }
            place = last
        }
        place = try snapshot(at: time) ?? place
        while let next = try line(from: place, [.header], isNext: true) {
            guard let first = try line(from: next, [.snapshot], isNext: true) else { break }
            if try header(at: first)?.target == target { return first }
            place = first
        }
        return nil
    }

    func state(at place: Place, wished: WallTime) throws(RecordError) -> ComparedState {
        let moment = try moment(at: place).moment
        guard let snapshot = moment.snapshots.last,
            var state = try? ComparedState(JSONReport.document(snapshot, alerts: moment.alerts.raised))
        else { throw .foreign(path: archive.path, "has a snapshot there that cannot be read") }
        let header = try header(at: place)
        state.isAnonymous = header?.isAnonymous ?? false
        let found = RecordedTime.remark(
            wished: wished, found: try head(place).time, interval: header?.interval ?? .seconds(1), LocalTime.clock)
        state.notes += [found].compactMap { $0 }
        if let schema = header?.schema, schema > RecordHeader.schema { state.note(newerSchema: schema) }
        return state
    }
}
