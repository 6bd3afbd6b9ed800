import CacheModel
import RedisValues
import Support
import Testing
import TerminalUI

@testable import Dashboard

/// A recording is shown as a server was, and nobody is asked for anything.
@Suite struct ReplayTests {
    private static let start = WallTime(seconds: 1_764_061_200)

    private static func state(recording: String? = "R") -> DashboardState {
        var options = DashboardOptions(target: "redis://cache-1:6379", themes: ["dark"], looksAtClients: false)
        options.replayed = recording
        var state = DashboardState(options: options, interval: .seconds(1), theme: "dark", now: start)
        _ = state.update(.terminal(.resize(Size(columns: 120, rows: 36))))
        return state
    }

    private static func alert(_ id: Alert.ID, _ message: String, at second: Int64 = 0) -> Alert {
        Alert(id: id, level: .critical, message: message, since: WallTime(seconds: start.seconds + second))
    }

    private static func snapshot(at second: Int, keys: Int = 10) -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.takenAt = WallTime(seconds: start.seconds + Int64(second))
        snapshot.elapsed = .seconds(second)
        snapshot.nodes[0].keys = keys
        return snapshot
    }

    private static func moment(at second: Int, _ alerts: [Alert] = []) -> ReplayMoment {
        var recorded = RecordedAlerts()
        for alert in alerts { recorded.take(.raised(alert)) }
        return ReplayMoment(snapshots: [snapshot(at: second)], alerts: recorded)
    }

    /// What was said of one place is not true of another; whose figures are shown is said where that changes.
    @Test func anotherPlaceHasOtherWords() {
        var state = Self.state()
        _ = state.update(.noticed("No alert was raised, worse or explained before this"))
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        #expect(state.message == nil)
        _ = state.update(.replay(.concerns(target: "redis://cache-2:6379", isNew: true)))
        #expect(state.message?.text == "From here on it was recorded from redis://cache-2:6379")
        #expect(state.render().text.contains("redis://cache-2:6379") && state.options.target == "redis://cache-2:6379")
        _ = state.update(.replay(.moved(Self.moment(at: 8))))
        _ = state.update(.replay(.concerns(target: "redis://cache-3:6379", isNew: false)))
        #expect(state.message == nil && state.options.target == "redis://cache-3:6379")
    }

    private static func place(_ second: Int, paused: Bool = false, end: Bool = false) -> Action {
        .replay(
            .placed(
                ReplayPlace(
                    now: WallTime(seconds: start.seconds + Int64(second)), elapsed: .seconds(second), speed: 10,
                    isPaused: paused, isAtEnd: end)))
    }

    private static func words(_ state: DashboardState) -> String { state.render().text }

    @Test func headerHasTheRecordingsClock() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        _ = state.update(Self.place(7))
        #expect(Self.words(state).contains("REPLAY 09:00:07 ×10"))
        // What this program's own clock says is somebody else's time.
        _ = state.update(.ticked(now: WallTime(seconds: Self.start.seconds + 99_999), elapsed: .seconds(50)))
        #expect(Self.words(state).contains("REPLAY 09:00:07 ×10"))
        _ = state.update(Self.place(8, paused: true))
        #expect(Self.words(state).contains("PAUSED 09:00:08"))
        _ = state.update(Self.place(8, paused: true, end: true))
        #expect(Self.words(state).contains("END 09:00:08"))
    }

    /// Also where there is room for one line: what is over is not taken for what is.
    @Test func oneLineSaysThatItIsARecording() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        _ = state.update(Self.place(7))
        _ = state.update(.terminal(.resize(Size(columns: 40, rows: 2))))
        #expect(Self.words(state).contains("REPLAY 09:00:07 "))
    }

    @Test func whatWasDoneIsSaid() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        _ = state.update(.replay(.acted("flush session done: removed 3\u{1b}[2J")))
        #expect(Self.words(state).contains("Act: flush session done: removed 3\\x1b[2J"))
    }

    /// They are those that were recorded: no rule is applied to what was seen.
    @Test func alertsAreTheRecordings() {
        var state = Self.state()
        var burning = Self.snapshot(at: 5)
        let used = burning.nodes[0].info?.memory.used
        burning.nodes[0].info?.memory.maximum = used
        _ = state.update(.replay(.moved(Self.moment(at: 4, [Self.alert(.evicting, "as it was then")]))))
        for second in 5...30 {
            (burning.takenAt, burning.elapsed) = (
                WallTime(seconds: Self.start.seconds + Int64(second)), .seconds(second)
            )
            #expect(state.update(.snapshotArrived(burning)) == [])
        }
        #expect(state.raised.map(\.message) == ["as it was then"])
        _ = state.update(.replay(.worded(Self.alert(.evicting, "as it was later"))))
        #expect(state.raised.map(\.message) == ["as it was later"])
        _ = state.update(.replay(.alert(.raised(Self.alert(.memoryHigh, "memory", at: 9)))))
        #expect(state.raised.map(\.id) == [.memoryHigh, .evicting])
        _ = state.update(.replay(.alert(.cleared(Self.alert(.evicting, "gone")))))
        #expect(state.raised.map(\.id) == [.memoryHigh])
        #expect(state.alerts.past.map(\.message) == ["gone"])
        _ = state.update(.replay(.moved(Self.moment(at: 1))))
        #expect(state.raised.isEmpty && state.alerts.past.isEmpty)
    }

    /// Going back, nothing is known of what came later.
    @Test func anotherPlaceForgetsWhatCameLater() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 100))))
        var later = Self.snapshot(at: 101, keys: 4711)
        later.namespaces = Sample.surveyed.namespaces
        later.namespaces?.elapsed = .seconds(101)
        _ = state.update(.snapshotArrived(later))
        #expect(state.namespaces.report != nil)
        _ = state.update(.replay(.moved(Self.moment(at: 20))))
        _ = state.update(Self.place(20))
        #expect(state.namespaces.report == nil)
        #expect(state.latest?.elapsed == .seconds(20) && state.elapsed == .seconds(20))
        #expect(!Self.words(state).contains("4,711"))
    }

    @Test func keysGoToThePlayer() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        let asked: [(Character, ReplayOrder)] = [
            (".", .step(1)), (",", .step(-1)), (">", .skip(.seconds(60))), ("<", .skip(.seconds(-60))),
            ("}", .alert(isNext: true)), ("{", .alert(isNext: false)), ("p", .pause), ("-", .speed(0.5)),
            ("+", .speed(2)),
        ]
        for (key, order) in asked {
            #expect(state.update(.terminal(.key(.character(key)))) == [.replay(order)], "\(key)")
        }
        _ = state.update(Self.place(7, paused: true))
        #expect(state.update(.terminal(.key(.character("p")))) == [.replay(.go)])
        for (typed, order) in [("at 14:20", ReplayOrder.at("14:20")), ("speed x30", .speed(30))] {
            _ = state.update(.terminal(.key(.character(":"))))
            for letter in typed { _ = state.update(.terminal(.key(.character(letter)))) }
            #expect(state.update(.terminal(.key(.enter))) == [.replay(order)], "\(typed)")
        }
    }

    /// Whatever is pressed or typed, on whatever screen: only the player, the screen and the clipboard are asked.
    @Test func nobodyElseIsAsked() {
        for screen in Screen.allCases {
            for key in Keymap.bindings.flatMap(\.keys) {
                var state = Self.state()
                _ = state.update(.replay(.moved(Self.moment(at: 7, [Self.alert(.memoryHigh, "memory")]))))
                _ = state.update(.terminal(.key(.character(Character(String(screen.rawValue))))))
                for effect in state.update(.terminal(.key(key))) {
                    switch effect {
                    case .replay, .quit, .suspend, .redraw, .copy, .keep, .applyTheme: break
                    default: Issue.record("\(key) on \(screen): \(effect)")
                    }
                }
            }
        }
        for typed in [
            "flush session", "keys cart", "journals", "revoked", "poll 2s", "record /tmp/x", "undo x",
        ] {
            var state = Self.state()
            _ = state.update(.replay(.moved(Self.moment(at: 7))))
            _ = state.update(.terminal(.key(.character(":"))))
            for letter in typed { _ = state.update(.terminal(.key(.character(letter)))) }
            #expect(state.update(.terminal(.key(.enter))) == [], "\(typed)")
            #expect(state.message?.text.contains("recording") == true, "\(typed): \(state.message?.text ?? "")")
        }
    }

    @Test func marksAreMadeWhereItStands() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        _ = state.update(.terminal(.key(.character(":"))))
        for letter in "mark deployed 1.2" { _ = state.update(.terminal(.key(.character(letter)))) }
        #expect(state.update(.terminal(.key(.enter))) == [.replay(.mark("deployed 1.2"))])
    }

    /// A line is read for as long as it is shown here, whether the recording stands or runs at three hundred times its speed.
    @Test func messagesHaveTheReadersTime() {
        var state = Self.state()
        _ = state.update(.replay(.moved(Self.moment(at: 7))))
        _ = state.update(.ticked(now: Self.start, elapsed: .seconds(1)))
        _ = state.update(.replay(.marked("deployed 1.2")))
        _ = state.update(Self.place(900))
        _ = state.update(.ticked(now: Self.start, elapsed: .seconds(2)))
        #expect(Self.words(state).contains("Mark: deployed 1.2"))
        _ = state.update(.ticked(now: Self.start, elapsed: .seconds(20)))
        #expect(!Self.words(state).contains("Mark: deployed 1.2"))
    }

    @Test func withoutARecordingItsKeysSaySo() {
        var state = Self.state(recording: nil)
        #expect(state.update(.terminal(.key(.character("}")))) == [])
        #expect(state.message?.text == "} is for recordings: cachewatch replay PATH")
    }

    @Test func aRecordingThatIsMadeHasADot() {
        var state = Self.state(recording: nil)
        _ = state.update(.snapshotArrived(Self.snapshot(at: 1)))
        _ = state.update(.recording(.began(path: "/tmp/R")))
        #expect(Self.words(state).contains("● rec"))
        _ = state.update(.terminal(.key(.character(":"))))
        for letter in "mark deployed 1.2" { _ = state.update(.terminal(.key(.character(letter)))) }
        #expect(state.update(.terminal(.key(.enter))) == [.record(.mark("deployed 1.2"))])
        _ = state.update(.recording(.paused("no space left on device")))
        #expect(Self.words(state).contains("not recorded"))
        _ = state.update(.recording(.ended))
        #expect(!Self.words(state).contains("not recorded") && !Self.words(state).contains("● rec"))
    }
}
