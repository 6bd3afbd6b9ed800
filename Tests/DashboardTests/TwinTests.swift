import CacheModel
import RedisValues
import Support
import Testing
import TerminalUI

@testable import Dashboard

/// Figures beside those of another time, or of another server.
@Suite struct TwinTests {
    private static let start = WallTime(seconds: 1_764_061_200)

    private static func snapshot(at second: Int, ops: Double = 1000, address: String = "cache-1:6379") -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.takenAt = WallTime(seconds: start.seconds + Int64(second))
        snapshot.elapsed = .seconds(second)
        snapshot.nodes[0].address = address
        snapshot.nodes[0].rates?.commands = ops
        return snapshot
    }

    private static func state(_ size: Size = Size(columns: 120, rows: 36), twin: String? = nil) -> DashboardState {
        var options = DashboardOptions(target: "redis://cache-1:6379", themes: ["dark"], looksAtClients: false)
        options.twin = twin
        var state = DashboardState(options: options, interval: .seconds(1), theme: "dark", now: start)
        _ = state.update(.terminal(.resize(size)))
        return state
    }

    /// A day before, with ten minutes of it that are 100 commands a second apart at most.
    private static func moment(ops: Double, at second: Int, address: String = "cache-1:6379") -> TwinMoment {
        var history = History()
        for back in (0..<600).reversed() {
            var node = snapshot(at: 0, ops: ops + Double(back % 3) * 50 - 50).nodes[0]
            node.address = address
            history.record(History.values(of: node), at: .seconds(second - back), every: .seconds(1))
        }
        return TwinMoment(
            snapshot: snapshot(at: second - 86_400, ops: ops, address: address), offset: .seconds(-86_400),
            elapsed: .seconds(second), histories: [address: history])
    }

    private static func beside(ops: Double, twin: Double, _ size: Size = Size(columns: 120, rows: 36)) -> DashboardState
    {
        var state = state(size)
        _ = state.update(.snapshotArrived(snapshot(at: 1000, ops: ops)))
        _ = state.update(.twin(.began(name: "R", isServer: false)))
        _ = state.update(.twin(.moved(moment(ops: twin, at: 1000))))
        return state
    }

    private static func words(_ state: DashboardState) -> String { state.render().text }

    @Test func aWishIsAskedForWithTheFirstSnapshot() {
        var state = Self.state(twin: "R@14:20")
        let effects = state.update(.snapshotArrived(Self.snapshot(at: 3)))
        let now = WallTime(seconds: Self.start.seconds + 3)
        #expect(effects.contains(.twin(.wish("R@14:20", now: now, elapsed: .seconds(3)))))
        #expect(
            !state.update(.snapshotArrived(Self.snapshot(at: 4))).contains {
                if case .twin = $0 { true } else { false }
            })
        let shows = state.update(.twin(.began(name: "R", isServer: false)))
        #expect(
            shows == [
                .twin(
                    .show(now: WallTime(seconds: Self.start.seconds + 4), elapsed: .seconds(4), jumps: true))
            ])
    }

    @Test func whatIsShownIsFollowed() {
        var state = Self.beside(ops: 1000, twin: 1000)
        let effects = state.update(.snapshotArrived(Self.snapshot(at: 1001)))
        let now = WallTime(seconds: Self.start.seconds + 1001)
        #expect(effects.contains(.twin(.show(now: now, elapsed: .seconds(1001), jumps: false))))
    }

    /// Beyond noise it stands out; within, it is said and no more.
    @Test(arguments: [(2000.0, "+100 %", true), (1100, "+10 %", false), (500, "-50 %", true), (1000, "±0 %", false)])
    func differencesAreSaid(ops: Double, words: String, standsOut: Bool) throws {
        let state = Self.beside(ops: ops, twin: 1000)
        let span = try #require(state.twinSpan(.operations))
        #expect(span.text == words)
        #expect(span.style == (standsOut ? Style(.accent, bold: true) : Style(.dim)))
        #expect(Self.words(state).contains(words))
        #expect(Self.words(state).contains("twin 1 d before"))
    }

    @Test(
        arguments: [
            (0.95, 0.93, true, "+2.0 pt"), (0.93, 0.93, true, "±0.0 pt"), (0.5, 0.931, true, "-43.1 pt"),
            (5, 0, false, "twin 0"), (0, 0, false, "±0 %"), (14_000, 1000, false, "×14"), (1004, 1000, false, "±0 %"),
        ] as [(Double, Double, Bool, String)])
    func differencesHaveTheirWords(now: Double, twin: Double, isShare: Bool, words: String) {
        #expect(TwinDifference(now: now, twin: twin, noise: 0).words(isShare: isShare) == words)
    }

    /// Nothing recorded is not the same as no difference.
    @Test func aGapIsSaid() {
        var state = Self.beside(ops: 1000, twin: 1000)
        _ = state.update(.twin(.missing("nothing recorded at 14:20")))
        #expect(state.twinSpan(.operations)?.text == "–")
        #expect(Self.words(state).contains("twin: nothing recorded at 14:20"))
        // It goes on, a second later, and is not said again: the last line has other things to say.
        state.message = nil
        _ = state.update(.twin(.missing("nothing recorded at 14:21")))
        #expect(state.message == nil)
        #expect(Self.words(state).contains("twin: nothing recorded at 14:21"))
        _ = state.update(.twin(.came(Self.snapshot(at: 5, ops: 900), elapsed: .seconds(1002))))
        #expect(state.twinSpan(.operations)?.text == "+11 %")
        // What was asked for before it was taken away comes too late.
        state.twin = nil
        state.message = nil
        _ = state.update(.twin(.missing("nothing recorded at 14:22")))
        #expect(state.message == nil && state.twin == nil)
    }

    @Test func aServerIsComparedUnderItsOwnAddress() {
        var state = Self.state()
        _ = state.update(.snapshotArrived(Self.snapshot(at: 9, ops: 1500)))
        #expect(state.update(.twin(.began(name: "redis://b:6379", isServer: true))) == [])
        _ = state.update(.twin(.came(Self.snapshot(at: 2, ops: 1000, address: "b:6379"), elapsed: nil)))
        #expect(state.twinSpan(.operations)?.text == "+50 %")
        #expect(Self.words(state).contains("twin redis://b:6379"))
        #expect(
            !state.update(.snapshotArrived(Self.snapshot(at: 10))).contains {
                if case .twin = $0 { true } else { false }
            })
        var dead = Sample.unreachable
        dead.nodes[0].address = "b:6379"
        _ = state.update(.twin(.came(dead, elapsed: nil)))
        #expect(state.twinSpan(.operations)?.text == "–")
        #expect(Self.words(state).contains("twin: "))
    }

    /// Two estimates differ where their intervals do not overlap.
    @Test(arguments: [
        (5000.0, 4000.0, 6000.0, "keys the same within both intervals"), (15_000, 14_000, 16_000, "keys -33 %"),
        (9_500, 9_400, 9_900, "keys +5 %"),
    ])
    func aNamespaceIsCompared(keys: Double, low: Double, high: Double, words: String) throws {
        var state = Self.state()
        var now = Self.snapshot(at: 1000)
        now.namespaces = Sample.surveyed.namespaces
        now.namespaces?.items[0].keys = Estimated(10_000, low: 9_950, high: 10_500)
        if low < 9_000 { now.namespaces?.items[0].keys = Estimated(5_500, low: 4_500, high: 6_500) }
        _ = state.update(.snapshotArrived(now))
        let usage = try #require(now.namespaces?.items[0])
        #expect(state.twinWords(of: usage, NamespaceWords(state: state)) == nil)
        _ = state.update(.twin(.began(name: "R", isServer: false)))
        var moment = Self.moment(ops: 1000, at: 1000)
        _ = state.update(.twin(.moved(moment)))
        #expect(state.twinWords(of: usage, NamespaceWords(state: state))?.contains("nobody has looked") == true)
        moment.snapshot.namespaces = now.namespaces
        moment.snapshot.namespaces?.items[0].keys = Estimated(keys, low: low, high: high)
        _ = state.update(.twin(.moved(moment)))
        let text = try #require(state.twinWords(of: usage, NamespaceWords(state: state)))
        #expect(text.hasPrefix("Twin, 1 d before: ") && text.contains(words), "\(text)")
    }

    @Test func theSecondLineIsDrawn() {
        let alone = Self.state()
        var state = Self.beside(ops: 1000, twin: 3000)
        let shown = state.twinHistory(.operations, samples: 40)
        #expect(shown.count == 40 && shown.allSatisfy { $0 != nil })
        #expect(alone.twinHistory(.operations, samples: 40).isEmpty)
        _ = state.update(.twin(.moved(Self.moment(ops: 10, at: 1000))))
        let low = Self.words(state)
        _ = state.update(.twin(.moved(Self.moment(ops: 3000, at: 1000))))
        #expect(Self.words(state) != low)
    }

    /// What is held shows what it was compared with then.
    @Test func pauseHoldsTheTwinToo() {
        var state = Self.beside(ops: 1000, twin: 1000)
        _ = state.update(.terminal(.key(.character("p"))))
        _ = state.update(.twin(.came(Self.snapshot(at: 5, ops: 10), elapsed: .seconds(1001))))
        #expect(state.twinSpan(.operations)?.text == "±0 %")
    }

    @Test func commandsAskAndEnd() {
        var state = Self.state()
        _ = state.update(.snapshotArrived(Self.snapshot(at: 9)))
        func type(_ text: String) -> [Effect] {
            _ = state.update(.terminal(.key(.character(":"))))
            for character in text { _ = state.update(.terminal(.key(.character(character)))) }
            return state.update(.terminal(.key(.enter)))
        }
        #expect(type("twin off") == [])
        #expect(Self.words(state).contains("Nothing is compared"))
        let now = WallTime(seconds: Self.start.seconds + 9)
        #expect(type("twin my file@14:20") == [.twin(.wish("my file@14:20", now: now, elapsed: .seconds(9)))])
        _ = state.update(.twin(.began(name: "R", isServer: false)))
        #expect(type("twin off") == [.twin(.end)])
        #expect(state.twin == nil)
    }

    @Test(arguments: [(80, 24), (59, 20), (30, 12), (24, 8), (19, 4), (1, 1)])
    func itFitsEverywhere(columns: Int, rows: Int) {
        let state = Self.beside(ops: 2000, twin: 1000, Size(columns: columns, rows: rows))
        let text = Self.words(state)
        if columns == 80 { #expect(text.contains("twin 1 d before") && text.contains("+100 %")) }
        if columns == 30 { #expect(text.contains("+100 %")) }
    }
}
