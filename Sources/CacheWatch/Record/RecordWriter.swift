internal import CacheModel
internal import Recording

/// What a recorder is told.
enum RecordItem: Sendable {
    case snapshot(Snapshot, [AlertChange], raised: [Alert])
    case namespaces(NamespaceReport)
    case clients(ClientLook)
    /// All that stand, where no snapshot has changed them.
    case raised([Alert])
    /// Marks and actions.
    case entry(RecordEntry)
}

/// Writes a recording, a line at a time. Where the disk takes nothing more it pauses, tries again each minute, and says in
/// the recording that something is missing.
final class RecordWriter {
    /// Two clocks: the wall's, and the one that never jumps.
    struct Moment {
        var wall: WallTime
        var now: Duration
    }

    private struct Pause {
        var since: WallTime
        var why: String
        var next: Duration
    }

    private let place: SegmentPlace
    private var course: RecordCourse
    /// nil while nothing can be opened.
    private var segment: GrowingSegment?
    private var pause: Pause?
    private var synchronized: Duration
    private var isDirty = false
    /// There are closed segments that are not packed, or may be.
    private var isUntidy = true
    private(set) var lines = 0
    private(set) var bytes = 0

    private static let betweenAttempts = Duration.seconds(60)
    private static let betweenSyncs = Duration.seconds(10)

    /// Opens the place, and writes the first lines.
    ///
    /// - Throws: ``RecordError``: what cannot be recorded from the beginning is no pause.
    init(_ place: SegmentPlace, _ course: RecordCourse, at moment: Moment) throws(RecordError) {
        (self.place, self.course, synchronized) = (place, course, moment.now)
        segment = try place.segment(at: moment.wall, now: moment.now, isNew: false)
        try put(self.course.beginSegment(), at: moment)
    }

    /// Why nothing is written at present; nil where all is.
    var complaint: String? { pause?.why }

    func take(_ item: RecordItem, at moment: Moment) {
        // What begins a segment forgets what was written before.
        if resumes(at: moment) {
            attempt(at: moment) { () throws(RecordError) in
                if try rotate(at: moment) { try put(course.beginSegment(), at: moment) }
            }
        }
        // Also while it pauses, so that it knows what stands.
        let entries =
            switch item {
            case .snapshot(let snapshot, let changes, let raised): course.note(snapshot, changes, raised: raised)
            case .namespaces(let report): course.note(report)
            case .clients(let look): course.note(look)
            case .raised(let alerts): course.note(raised: alerts)
            case .entry(let entry): [course.note(entry)]
            }
        guard pause == nil, !entries.isEmpty else { return }
        attempt(at: moment) { () throws(RecordError) in
            try put(entries, at: moment)
            if entries.contains(where: { $0.kind == .alert }) { try synchronize(moment.now) }
        }
    }

    /// Nothing was taken for a while, and somebody should know.
    func miss(since: WallTime, why: String, at moment: Moment) {
        guard pause == nil else { return }
        attempt(at: moment) { () throws(RecordError) in try put(beginning(since, why), at: moment) }
    }

    /// To be called each second or so; packing a closed segment takes its time.
    func tick(at moment: Moment) {
        if isUntidy {
            isUntidy = false
            place.tidy(growing: segment?.name, at: moment.wall)
        }
        guard resumes(at: moment), isDirty, moment.now - synchronized >= Self.betweenSyncs else { return }
        attempt(at: moment) { () throws(RecordError) in
            if segment?.isGone == true {
                segment = try place.segment(at: moment.wall, now: moment.now, isNew: false)
                try put(beginning(moment.wall, "the file was removed"), at: moment)
            }
            try synchronize(moment.now)
        }
    }

    /// Says that it has ended, and lets others record there.
    func end(at moment: Moment) {
        defer {
            segment = nil
            place.release()
        }
        guard resumes(at: moment) else { return }
        attempt(at: moment) { () throws(RecordError) in
            try put([.end], at: moment)
            try synchronize(moment.now)
        }
    }

    // MARK: pauses

    private func attempt(at moment: Moment, _ body: () throws(RecordError) -> Void) {
        do throws(RecordError) { try body() } catch {
            pause = Pause(since: moment.wall, why: "\(error)", next: moment.now + Self.betweenAttempts)
        }
    }

    /// Whether it writes, perhaps again.
    private func resumes(at moment: Moment) -> Bool {
        guard let pause else { return true }
        guard moment.now >= pause.next else { return false }
        // What is too old by now may be what fills the disk.
        place.tidy(growing: segment?.name, at: moment.wall)
        do throws(RecordError) {
            if segment == nil || segment?.isGone == true {
                segment = nil
                segment = try place.segment(at: moment.wall, now: moment.now, isNew: false)
            }
            try put(beginning(pause.since, pause.why), at: moment)
            try synchronize(moment.now)
        } catch {
            self.pause?.next = moment.now + Self.betweenAttempts
            return false
        }
        self.pause = nil
        return true
    }

    private func beginning(_ since: WallTime, _ why: String) -> [RecordEntry] {
        [course.note(.gap(RecordedGap(since: since, why: why)))] + course.beginSegment()
    }

    // MARK: lines

    private func put(_ entries: [RecordEntry], at moment: Moment) throws(RecordError) {
        guard let segment else { return }
        let lines = entries.map { RecordLine.encode($0, time: moment.wall, monotonic: moment.now) }
        for line in lines {
            try segment.append(line)
            (self.lines, bytes) = (self.lines + 1, bytes + line.count)
        }
        isDirty = true
    }

    private func synchronize(_ now: Duration) throws(RecordError) {
        synchronized = now
        try segment?.synchronize()
        isDirty = false
    }

    /// - Returns: whether there is a new segment.
    private func rotate(at moment: Moment) throws(RecordError) -> Bool {
        guard let full = segment, place.isFull(full, now: moment.now, line: 0) else { return false }
        try synchronize(moment.now)
        segment = nil
        segment = try place.segment(at: moment.wall, now: moment.now, isNew: true)
        isUntidy = true
        return true
    }
}
