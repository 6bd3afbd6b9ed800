internal import CacheModel
internal import TerminalUI

/// A recording instead of a server: what a player brings, and what is asked of it.
extension DashboardState {
    var isReplay: Bool { options.replayed != nil }

    /// For how long a line was read: the time of whoever sits here, whatever a recording's clock does.
    var readingTime: Duration { isReplay ? uptime : elapsed }

    mutating func handle(_ event: ReplayEvent) -> [Effect] {
        switch event {
        case .moved(let moment):
            begin(at: moment)
            // What was said of another place is not true of this one.
            if message?.ticket == nil { message = nil }
            return followTwin(jumps: true)
        case .remembered(let alerts, let histories): (self.alerts, self.histories) = (.recorded(alerts), histories)
        case .placed(let place):
            replay = place
            (now, elapsed) = (place.now, place.elapsed)
        case .concerns(let target, let isNew):
            options.target = target
            if isNew { say("From here on it was recorded from \(target)", .warning) }
        case .alert(let change): alerts.take(change)
        case .worded(let alert): alerts.word(alert)
        case .clients(let memory): clients.record(memory, nil)
        case .marked(let text): say("Mark: \(Printable.escapeControls(text))", lasts: Message.lasts)
        case .acted(let words): say("Act: \(Printable.escapeControls(words))", lasts: Message.lasts)
        case .passed(let gap): say(Self.words(of: gap, options.clock), .warning)
        }
        return []
    }

    /// Nothing of another place is known here; what is chosen, sorted and filtered stays.
    private mutating func begin(at moment: ReplayMoment) {
        (latest, held, failingSince) = (nil, nil, nil)
        (known, servers, place) = ([:], [:], nil)
        (slowlog, commands) = (SlowlogStore(), CommandRates())
        namespaces.forget(at: .zero)
        namespaces.acceptAll()
        clients.forget()
        clients.record(moment.clients, nil)
        alerts = .recorded(moment.alerts)
        (now, elapsed) = (WallTime(milliseconds: 0), .zero)
        for look in moment.looks { namespaces.adopt(look) }
        for snapshot in moment.snapshots { record(snapshot) }
        histories = moment.histories
    }

    mutating func handle(_ event: RecordingEvent) {
        switch event {
        case .began(let path):
            recording = (path, nil)
            say("Recording to \(Printable.escape(path)); :mark WORDS notes something, :record off ends it")
        case .failed(let words): say(words, .warning)
        case .paused(let words):
            recording?.pause = words
            say("Not recorded: \(words)", .warning)
        case .resumed:
            recording?.pause = nil
            say("Recorded again")
        case .ended:
            recording = nil
            say("The recording has its end")
        }
    }

    /// `:record PATH`, `:record off`, `:mark WORDS`.
    mutating func ask(_ order: RecordingOrder) -> [Effect] {
        if isReplay {
            if case .mark(let words) = order { return [.replay(.mark(words))] }
            say("What is shown is a recording: another one is begun while a server is watched", .warning)
            return []
        }
        guard recording != nil || order.begins else {
            say("Nothing is recorded: :record PATH, or --record PATH", .warning)
            return []
        }
        if case .mark(let words) = order { say("Marked: \(Printable.escape(words))") }
        return [.record(order)]
    }

    /// A dot while it is recorded.
    var recordingSpans: [Span]? {
        recording.map {
            [Span($0.pause == nil ? "● rec" : "\(charset.alert) not recorded", $0.pause == nil ? .critical : .warning)]
        }
    }

    /// What a key or a command asks of the player; words where nothing is played.
    mutating func ask(_ order: ReplayOrder) -> [Effect] {
        guard isReplay else {
            say("A recording only: cachewatch replay PATH", lasts: Message.briefly)
            return []
        }
        return [.replay(order)]
    }

    /// - Returns: nil for what a recording has no other meaning for.
    mutating func performInReplay(_ intent: Intent) -> [Effect]? {
        guard isReplay else { return nil }
        switch intent {
        case .pause: return [.replay(replay?.isPaused == true ? .go : .pause)]
        // `+` is more of it: of pauses between polls, of a recording's speed.
        case .slower: return changeSpeed(Self.speeds.first { $0 > speed })
        case .faster: return changeSpeed(Self.speeds.last { $0 < speed })
        default:
            guard intent.asksServer else { return nil }
            say("\(Self.noServer): nothing is asked, nothing is changed", lasts: Message.briefly)
            return []
        }
    }

    static let noServer = "a recording, not a server"
    static let speeds: [Double] = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

    private var speed: Double { replay?.speed ?? 1 }

    private mutating func changeSpeed(_ new: Double?) -> [Effect] {
        guard let new else {
            say("×\(Self.number(speed)), which is as far as it goes")
            return []
        }
        return [.replay(.speed(new))]
    }

    /// What the header says instead of the time: `REPLAY 14:20:07 ×10`.
    var replaySpans: [Span]? {
        guard let replay else { return isReplay ? [Span(" REPLAY ", Style(.info, bold: true, reverse: true))] : nil }
        let clock = options.clock
        let (role, word): (Role, String) =
            replay.isAtEnd ? (.warning, "END") : replay.isPaused ? (.warning, "PAUSED") : (.info, "REPLAY")
        let speed = replay.isPaused || replay.isAtEnd ? "" : " ×\(Self.number(replay.speed))"
        return [Span(" \(word) \(clock.clock(replay.now))\(speed) ", Style(role, bold: true, reverse: true))]
    }

    private static func words(of gap: ReplayGap, _ clock: CivilClock) -> String {
        let end = gap.until.map { " to \(clock.clock($0))" } ?? ""
        return "nothing recorded from \(clock.clock(gap.since))\(end)\(gap.why.map { ": \($0)" } ?? "")"
    }

    private static func number(_ speed: Double) -> String {
        Format.number(speed, digits: speed == speed.rounded() ? 0 : speed * 2 == (speed * 2).rounded() ? 1 : 2)
    }
}
