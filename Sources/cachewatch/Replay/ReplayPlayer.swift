internal import CacheWatch
internal import CacheModel
internal import Dashboard
internal import Recording

/// Plays a recording: brings its lines one after the other as they came, or goes where somebody wants to look.
///
/// Where somebody still records there, what comes is shown as it comes.
actor ReplayPlayer {
    private var reader: ReplayReader
    private let mailbox: Mailbox
    private let clock: CivilClock
    private var place: ReplayReader.Place
    private var assembly = RecordAssembly()
    private var clients = ClientMemory()
    private var snapshot: Snapshot?
    /// Up to here no snapshot can be read, at the end of all; they are not looked at again.
    private var passedOver: ReplayReader.Place?
    /// The server that it was recorded from.
    private var target: String?
    private var (speed, isPaused, isAtEnd) = (1.0, false, false)
    private var timer: Task<Void, Never>?
    /// The earliest first.
    private var marks: [RecordMarks.Mark] = []
    /// When something new has come, or was looked for the first time; nil while the end is not reached.
    private var heardAt: ContinuousClock.Instant?
    /// Whether anything has come behind its end.
    private var hasGrown = false

    /// A gap is not waited through.
    private static let longestPause = Duration.seconds(1)
    private static let shortestGap = Duration.seconds(3)
    private static let endWords = "This is where the recording ends"
    private static let growsWords = "Somebody still records: what comes is shown as it comes"
    /// A minute without anything new makes it less often.
    private static let (looksEvery, looksSeldom) = (Duration.seconds(1), Duration.seconds(5))

    init(
        reader: ReplayReader, from place: ReplayReader.Place, speed: Double, isPaused: Bool, clock: CivilClock,
        mailbox: Mailbox
    ) {
        (self.reader, self.place, self.speed, self.isPaused) = (reader, place, speed, isPaused)
        (self.clock, self.mailbox) = (clock, mailbox)
    }

    /// - Parameter wished: the time that somebody wants to see; nil where it is the beginning.
    func begin(at wished: WallTime? = nil) {
        guarded { player throws(RecordError) in
            let place = player.place
            try player.show(place)
            if player.place == place { try player.tellRemarks(wished: wished) }
        }
        do throws(RecordError) { marks = try reader.archive.marks.all() } catch {
            say(Printable.escape("Marks are not shown: \(error)"))
        }
        tell()
        wind()
    }

    func perform(_ order: ReplayOrder) {
        // What is there can be looked at, whatever has become of the rest.
        _ = try? takeGrowth()
        switch order {
        case .pause: isPaused = true
        case .go:
            isPaused = false
            if isAtEnd, !isExpected { say(Self.endWords) }
        case .speed(let speed): self.speed = speed
        case .step(let count): guarded { player throws(RecordError) in try player.step(count) }
        case .skip(let time): guarded { player throws(RecordError) in try player.skip(time) }
        case .alert(let isNext): guarded { player throws(RecordError) in try player.goToAlert(isNext: isNext) }
        case .at(let text): guarded { player throws(RecordError) in try player.go(to: text) }
        case .mark(let words): mark(words)
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
    }

    private func mark(_ words: String) {
        guard let snapshot else { return }
        do throws(RecordError) {
            try reader.archive.marks.add(words, at: snapshot.takenAt)
            let mark = RecordMarks.Mark(time: snapshot.takenAt, words: words)
            marks.insert(mark, at: marks.firstIndex { $0.time > mark.time } ?? marks.count)
            say("Marked \(clock.clock(mark.time)): \(Printable.escape(words))")
        } catch { say(Printable.escape("Not marked: \(error)")) }
    }

    // MARK: where it stands

    /// - Parameter onward: whether what cannot be read is passed over forwards first.
    private func show(_ place: ReplayReader.Place, onward: Bool = false) throws(RecordError) {
        let isAtHand = reader.isAtHand(place)
        let header = try reader.header(at: place)
        if !isAtHand { reader.archive.prepare(place.segment - 1) }
        let found = try reader.moment(at: place, isWhole: isAtHand)
        guard !found.moment.snapshots.isEmpty else { return try pass(over: place, onward: onward) }
        let isNew = place.segment != self.place.segment
        (self.place, assembly, isAtEnd) = (place, found.assembly, false)
        heardAt = nil
        (clients, snapshot) = (found.moment.clients, found.moment.snapshots.last)
        mailbox.post(.replay(.moved(found.moment)))
        if let header, header.target != target {
            let isOther = target != nil
            target = header.target
            mailbox.post(.replay(.concerns(target: header.target, isNew: isOther)))
        }
        if isNew { try tellRemarks() }
        guard !isAtHand else { return }
        // Nobody waits for the hour before to be unpacked.
        tell()
        guard let snapshot else { return }
        let histories = try reader.histories(
            until: place, snapshot, assembly.header?.interval ?? .seconds(1), at: snapshot.elapsed)
        mailbox.post(.replay(.remembered(try reader.alerts(at: place), histories)))
    }

    /// What cannot be read is shown as of the snapshot before it, or else the next one; whoever goes on, goes on.
    private func pass(over place: ReplayReader.Place, onward: Bool) throws(RecordError) {
        for isNext in [onward, !onward] {
            var at = place
            while let other = try reader.line(from: at, [.snapshot], isNext: isNext) {
                at = other
                guard try reader.isReadable(other) else { continue }
                try show(other)
                return say("What stands there cannot be read: this is the snapshot \(isNext ? "behind" : "before") it")
            }
        }
        throw .foreign(path: reader.archive.path, "has no snapshot that can be read")
    }

    private func tellRemarks(wished: WallTime? = nil) throws(RecordError) {
        let remarks = try reader.remarks(on: place, wished: wished, clock)
        guard !remarks.isEmpty else { return }
        let words = remarks.joined(separator: "; ")
        say(words.prefix(1).uppercased() + words.dropFirst())
    }

    private func tell() {
        guard let snapshot else { return }
        mailbox.post(
            .replay(
                .placed(
                    ReplayPlace(
                        now: snapshot.takenAt, elapsed: snapshot.elapsed, speed: speed, isPaused: isPaused,
                        isAtEnd: isAtEnd && !isExpected))))
    }

    /// Whether the next snapshot is not late yet, at the end of what somebody still records.
    private var isExpected: Bool {
        guard let heardAt, hasGrown else { return false }
        return ContinuousClock.now - heardAt <= max((assembly.header?.interval ?? .seconds(1)) * 3, Self.shortestGap)
    }

    // MARK: playing

    /// Waits for the next snapshot, as long as it was then.
    private func wind() {
        timer?.cancel()
        guard !isPaused else { return }
        timer = Task { [weak self] in
            guard let pause = await self?.pause else { return }
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else { return }
            await self?.advance()
        }
    }

    private var pause: Duration {
        if isAtEnd {
            let silence = heardAt.map { ContinuousClock.now - $0 } ?? .zero
            return silence > .seconds(60) ? Self.looksSeldom : Self.looksEvery
        }
        guard let next = try? reader.line(from: place, [.snapshot], isNext: true), let after = try? reader.head(next),
            let before = try? reader.head(place)
        else { return .zero }
        let length =
            after.monotonic >= before.monotonic
            ? Duration.milliseconds(after.monotonic - before.monotonic) : max(.zero, after.time - before.time)
        let isGap = length > max((assembly.header?.interval ?? .seconds(1)) * 3, Self.shortestGap)
        return isGap ? min(length / speed, Self.longestPause) : length / speed
    }

    private func advance() {
        guard !isPaused else { return }
        guarded { player throws(RecordError) in
            let wasAtEnd = player.isAtEnd
            if wasAtEnd { _ = try player.takeGrowth() }
            guard try player.goOn() else { return player.reachEnd() }
            guard wasAtEnd else { return }
            player.heardAt = .now
            if !player.hasGrown { player.say(Self.growsWords) }
            player.hasGrown = true
        }
        tell()
        wind()
    }

    private func reachEnd() {
        isAtEnd = true
        heardAt = heardAt ?? .now
    }

    /// - Returns: whether anything was written since it was read.
    private func takeGrowth() throws(RecordError) -> Bool {
        guard let archive = try reader.archive.grown() else { return false }
        reader = ReplayReader(archive: archive)
        if isAtEnd, try reader.line(from: place, [.snapshot], isNext: true) != nil { isAtEnd = false }
        return true
    }

    /// Brings all lines up to the next snapshot, and those that belong to it.
    ///
    /// - Returns: false at the end.
    private func goOn() throws(RecordError) -> Bool {
        guard let next = try readable(behind: place) else { return false }
        // Another run has seen nothing of what this one has.
        guard try isSameRun(next) else { return try jump(to: next) }
        let interval = assembly.header?.interval ?? .seconds(1)
        let (before, after) = (try reader.head(place), try reader.head(next))
        let lines = try reader.lines(after: place, upTo: next)
        // What was done and said then is worth more than that nothing is known around it: it comes later.
        tellGap(before, after, interval, try why(lines))
        for line in lines { try bring(line, isBehind: line.isBehind(next)) }
        tellMarks(before, after)
        (place, isAtEnd) = (next, false)
        return true
    }

    /// The next snapshot that can be read; what cannot is passed over, and said.
    private func readable(behind place: ReplayReader.Place) throws(RecordError) -> ReplayReader.Place? {
        var (at, passed) = (place, 0)
        if let known = passedOver, known.isBehind(place) { at = known }
        defer {
            if passed > 0 { say("\(Format.count(passed, "snapshot")) cannot be read: damaged, or a newer version's") }
        }
        while let next = try reader.line(from: at, [.snapshot], isNext: true) {
            guard try !reader.isReadable(next) else { return next }
            (at, passed) = (next, passed + 1)
        }
        passedOver = at == place ? nil : at
        return nil
    }

    private func tellMarks(_ before: LineHead, _ after: LineHead) {
        for mark in marks where before.time < mark.time && mark.time <= after.time {
            mailbox.post(.replay(.marked(mark.words)))
        }
    }

    /// Of a gap among these lines, the last one.
    private func why(_ lines: [ReplayReader.Place]) throws(RecordError) -> String? {
        for line in lines.reversed() where try reader.head(line).kind == .gap {
            if case .gap(let gap) = try reader.archive.entry(line.line, of: line.segment) { return gap.why }
        }
        return nil
    }

    /// Brings one line.
    ///
    /// - Parameter isBehind: whether it came with the snapshot before it.
    private func bring(_ place: ReplayReader.Place, isBehind: Bool) throws(RecordError) {
        guard let entry = try reader.archive.entry(place.line, of: place.segment) else { return }
        switch entry {
        case .alert(let alert):
            // A segment begins with those that stand, whatever was seen before.
            if isBehind || alert.change == .standing {
                mailbox.post(.replay(alert.asChange.map { .alert($0) } ?? .worded(alert.alert)))
            }
        case .clients(let look):
            clients.note(look)
            mailbox.post(.replay(.clients(clients)))
        case .mark(let words): mailbox.post(.replay(.marked(words)))
        case .action(let action): mailbox.post(.replay(.acted(action.words)))
        case .header, .snapshot, .namespaces, .counters, .slow, .gap, .end: break
        }
        if let whole = assembly.take(entry) {
            snapshot = whole
            mailbox.post(.snapshotArrived(whole))
        }
    }

    /// Whether the snapshot was seen by who has seen the one before it: an hour's file ends in the middle of a run.
    private func isSameRun(_ next: ReplayReader.Place) throws(RecordError) -> Bool {
        if next.segment == place.segment {
            let header = try reader.archive.index(of: place.segment).line(after: place.line, of: [.header])
            if header == nil || header.map({ $0 > next.line }) == true { return true }
        }
        guard let snapshot, case .snapshot(let later) = try reader.archive.entry(next.line, of: next.segment) else {
            return false
        }
        return try reader.isSameRun(place, snapshot, as: next, later)
    }

    private func jump(to next: ReplayReader.Place) throws(RecordError) -> Bool {
        let (before, interval) = (try reader.head(place), assembly.header?.interval ?? .seconds(1))
        let earlier = target
        try show(next)
        let after = try reader.head(next)
        tellGap(before, after, interval, nil)
        tellMarks(before, after)
        if let target, target != earlier { mailbox.post(.replay(.concerns(target: target, isNew: true))) }
        return true
    }

    private func tellGap(_ before: LineHead, _ after: LineHead, _ interval: Duration, _ why: String?) {
        guard why != nil || after.time - before.time > max(interval * 3, Self.shortestGap) else { return }
        mailbox.post(
            .replay(.passed(ReplayGap(since: before.time, until: after.time, why: why.map { Printable.escape($0) }))))
    }

    // MARK: going elsewhere

    private func step(_ count: Int) throws(RecordError) {
        isPaused = true
        if count > 0 {
            for _ in 0..<count {
                let before = passedOver
                guard try !goOn() else { continue }
                reachEnd()
                // Else it has just been said why.
                if passedOver == before { say(Self.endWords) }
            }
            return
        }
        var to = place
        for _ in 0..<(-count) { to = try reader.line(from: to, [.snapshot], isNext: false) ?? to }
        guard to != place else { return say("This is where the recording begins") }
        try show(to)
    }

    private func skip(_ time: Duration) throws(RecordError) {
        guard let snapshot else { return }
        try go(to: snapshot.takenAt.adding(time), onward: time > .zero)
    }

    private func go(to time: WallTime, onward: Bool = false) throws(RecordError) {
        guard let to = try reader.snapshot(at: time) else { return }
        try show(to, onward: onward)
        if let last = try reader.end(isLast: true), last == to, time > (try reader.head(last)).time {
            return say(Self.endWords)
        }
        if place == to { try tellRemarks(wished: time) }
    }

    private func goToAlert(isNext: Bool) throws(RecordError) {
        guard let to = try reader.alert(from: place, isNext: isNext) else {
            return say("No alert was raised, worse or explained \(isNext ? "after" : "before") this")
        }
        isPaused = true
        try show(to, onward: isNext)
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
