internal import CacheWatch
internal import CacheModel
internal import Dashboard
internal import Recording

/// Plays a recording: brings its lines one after the other as they came, or goes where somebody wants to look.
actor ReplayPlayer {
    private let reader: ReplayReader
    private let mailbox: Mailbox
    private let clock: CivilClock
    private var place: ReplayReader.Place
    private var assembly = RecordAssembly()
    private var clients = ClientMemory()
    private var snapshot: Snapshot?
    private var (speed, isPaused, isAtEnd) = (1.0, false, false)
    private var timer: Task<Void, Never>?

    /// A gap is not waited through.
    private static let longestPause = Duration.seconds(1)

    init(
        reader: ReplayReader, from place: ReplayReader.Place, speed: Double, isPaused: Bool, clock: CivilClock,
        mailbox: Mailbox
    ) {
        (self.reader, self.place, self.speed, self.isPaused) = (reader, place, speed, isPaused)
        (self.clock, self.mailbox) = (clock, mailbox)
    }

    func begin() { guarded { player throws(RecordError) in try player.show(player.place) } }

    func perform(_ order: ReplayOrder) {
        switch order {
        case .pause: isPaused = true
        case .go: isPaused = isAtEnd
        case .speed(let speed): self.speed = speed
        case .step(let count): guarded { player throws(RecordError) in try player.step(count) }
        case .skip(let time): guarded { player throws(RecordError) in try player.skip(time) }
        case .alert(let isNext): guarded { player throws(RecordError) in try player.goToAlert(isNext: isNext) }
        case .at(let text): guarded { player throws(RecordError) in try player.go(to: text) }
        }
        tell()
        wind()
    }

    private func say(_ words: String) { mailbox.post(.noticed(words)) }

    /// A file that has gone since is no reason to end.
    private func guarded(_ body: (isolated ReplayPlayer) throws(RecordError) -> Void) {
        do throws(RecordError) { try body(self) } catch {
            isPaused = true
            say(Printable.escape("\(error)"))
        }
        tell()
        wind()
    }

    // MARK: where it stands

    private func show(_ place: ReplayReader.Place) throws(RecordError) {
        let found = try reader.moment(at: place)
        (self.place, assembly, isAtEnd) = (place, found.assembly, false)
        (clients, snapshot) = (found.moment.clients, found.moment.snapshots.last)
        mailbox.post(.replay(.moved(found.moment)))
    }

    private func tell() {
        guard let snapshot else { return }
        mailbox.post(
            .replay(
                .placed(
                    ReplayPlace(
                        now: snapshot.takenAt, elapsed: snapshot.elapsed, speed: speed, isPaused: isPaused,
                        isAtEnd: isAtEnd))))
    }

    // MARK: playing

    /// Waits for the next snapshot, as long as it was then.
    private func wind() {
        timer?.cancel()
        guard !isPaused, !isAtEnd else { return }
        timer = Task { [weak self] in
            guard let pause = await self?.pause else { return }
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else { return }
            await self?.advance()
        }
    }

    private var pause: Duration {
        guard let next = try? reader.line(from: place, [.snapshot], isNext: true), let after = try? reader.head(next),
            let before = try? reader.head(place)
        else { return .zero }
        let length =
            after.monotonic >= before.monotonic
            ? Duration.milliseconds(after.monotonic - before.monotonic) : max(.zero, after.time - before.time)
        return min(length / speed, Self.longestPause)
    }

    private func advance() {
        guard !isPaused else { return }
        guarded { player throws(RecordError) in
            if try !player.goOn() {
                player.isAtEnd = true
                player.isPaused = true
            }
        }
    }

    /// Brings all lines up to the next snapshot, and those that belong to it.
    ///
    /// - Returns: false at the end.
    private func goOn() throws(RecordError) -> Bool {
        guard let next = try reader.line(from: place, [.snapshot], isNext: true) else { return false }
        // Another run has seen nothing of what this one has.
        if next.segment != place.segment { return try jump(to: next) }
        let index = try reader.archive.index(of: place.segment)
        if let header = index.line(after: place.line, of: [.header]), header < next.line { return try jump(to: next) }
        let interval = assembly.header?.interval ?? .seconds(1)
        var why: String?
        let end = index.line(after: next.line, of: [.snapshot, .header]) ?? index.lines.count
        for line in place.line + 1..<end {
            guard let entry = try reader.archive.entry(line, of: place.segment) else { continue }
            switch entry {
            case .alert(let alert):
                // Those behind the last snapshot are shown with it.
                if line > next.line { mailbox.post(.replay(alert.asChange.map { .alert($0) } ?? .worded(alert.alert))) }
            case .clients(let look):
                clients.note(look)
                mailbox.post(.replay(.clients(clients)))
            case .mark(let words): mailbox.post(.replay(.marked(words)))
            case .gap(let gap): why = gap.why
            case .header, .snapshot, .namespaces, .counters, .slow, .action, .end: break
            }
            if let whole = assembly.take(entry) {
                snapshot = whole
                mailbox.post(.snapshotArrived(whole))
            }
        }
        tellGap(index.lines[place.line].head, index.lines[next.line].head, interval, why)
        place = next
        return true
    }

    private func jump(to next: ReplayReader.Place) throws(RecordError) -> Bool {
        let (before, interval) = (try reader.head(place), assembly.header?.interval ?? .seconds(1))
        try show(next)
        tellGap(before, try reader.head(next), interval, nil)
        return true
    }

    private func tellGap(_ before: LineHead, _ after: LineHead, _ interval: Duration, _ why: String?) {
        guard why != nil || after.time - before.time > max(interval * 3, .seconds(3)) else { return }
        mailbox.post(
            .replay(.passed(ReplayGap(since: before.time, until: after.time, why: why.map { Printable.escape($0) }))))
    }

    // MARK: going elsewhere

    private func step(_ count: Int) throws(RecordError) {
        isPaused = true
        if count > 0 {
            for _ in 0..<count where try !goOn() { isAtEnd = true }
            return
        }
        var to = place
        for _ in 0..<(-count) { to = try reader.line(from: to, [.snapshot], isNext: false) ?? to }
        guard to != place else { return say("This is where the recording begins") }
        try show(to)
    }

    private func skip(_ time: Duration) throws(RecordError) {
        guard let snapshot else { return }
        try go(to: snapshot.takenAt.adding(time))
    }

    private func go(to time: WallTime) throws(RecordError) {
        guard let to = try reader.snapshot(at: time) else { return }
        if let last = try reader.end(isLast: true), last == to, time > (try reader.head(last)).time {
            say("This is where the recording ends")
        }
        try show(to)
    }

    private func goToAlert(isNext: Bool) throws(RecordError) {
        guard let to = try reader.alert(from: place, isNext: isNext) else {
            return say(isNext ? "No alert was raised after this" : "No alert was raised before this")
        }
        isPaused = true
        try show(to)
    }

    private func go(to text: String) throws(RecordError) {
        guard let snapshot,
            let time = TimeWish.parse(text, from: snapshot.takenAt, within: try reader.span(), clock)
        else {
            return say("A time is 14:20, 14:20:07, 2026-11-25T14:20, or so far on or back: +1h, -10m")
        }
        try go(to: time)
    }
}
