import RedisValues
import Testing

/// When a node is not asked any more, and when it is again.
@Suite struct BreakerStateTests {
    private func calls(_ outcomes: [BreakerState.Outcome], every time: Duration = .zero) -> BreakerState {
        var breaker = BreakerState()
        var now = Duration.zero
        for outcome in outcomes {
            _ = breaker.note(outcome, now: now, jitter: 0.5)
            now += time
        }
        return breaker
    }

    private func repeated(_ outcome: BreakerState.Outcome, _ count: Int) -> [BreakerState.Outcome] {
        [BreakerState.Outcome](repeating: outcome, count: count)
    }

    @Test func fiveTimeoutsInARowOpenIt() {
        #expect(calls(repeated(.timedOut, 4)).outage == nil)
        #expect(calls(repeated(.timedOut, 4) + [.answered] + repeated(.timedOut, 4)).outage == nil)
        let outage = calls(repeated(.timedOut, 5)).outage
        #expect(outage?.reason == Refusal(.hung, detail: "5 calls in a row without a reply in time"))
    }

    @Test func halfOfTheLastSecondsCallsOpenIt() {
        let pairs = (0..<20).flatMap { _ in [BreakerState.Outcome.timedOut, .answered] }
        #expect(calls(Array(pairs.prefix(18)), every: .milliseconds(10)).outage == nil, "20 calls at least")
        #expect(
            calls(pairs, every: .milliseconds(10)).outage?.reason.detail.hasSuffix("calls without a reply in time")
                == true)
        #expect(calls(pairs, every: .milliseconds(200)).outage == nil, "of one second they are 5")
        let third = (0..<40).flatMap { _ in [BreakerState.Outcome.timedOut, .answered, .answered] }
        #expect(calls(third, every: .milliseconds(5)).outage == nil)
    }

    @Test(arguments: [
        ("LOADING Redis is loading the dataset in memory", Refusal.Kind.loading),
        ("MASTERDOWN Link with MASTER is down", .primaryDown), ("CLUSTERDOWN The cluster is down", .clusterDown),
        ("OOM command not allowed", nil), ("READONLY You can't write", nil), ("NOPERM no", nil),
        ("WRONGTYPE Operation", nil), ("MOVED 1 127.0.0.1:1", nil), ("BUSY Redis is busy", nil), ("ERR x", nil),
        ("", nil),
    ])
    func whatTheServerAsAWholeCannot(words: String, kind: Refusal.Kind?) {
        #expect(BreakerState.reason(of: Array(words.utf8))?.kind == kind)
        guard let refusal = BreakerState.reason(of: Array(words.utf8)) else { return }
        #expect(calls([.answered, .cannot(refusal)]).outage?.reason == refusal)
    }

    /// Anything up to 50 ms, 100 ms, 200 ms … 5 s.
    @Test func probesComeLaterEachTime() {
        var breaker = BreakerState()
        let refused = Refusal(.refused)
        var bounds: [Duration] = []
        for _ in 0..<10 {
            breaker.dialFailed(refused, now: .seconds(7), jitter: 1)
            bounds.append((breaker.probeAt ?? .zero) - .seconds(7))
        }
        #expect(bounds == [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000].map { .milliseconds($0) })
        breaker.dialFailed(Refusal(.loading), now: .seconds(8), jitter: 0)
        #expect(breaker.probeAt == .seconds(8))
        #expect(breaker.outage?.since == .seconds(7) && breaker.outage?.reason.kind == .loading)
        breaker.close()
        #expect(breaker == BreakerState())
    }

    @Test func writesPassOneByOneWhileMemoryIsFull() {
        var gate = MemoryGate()
        let words = Array("OOM command not allowed when used memory > 'maxmemory'.".utf8)
        #expect(MemoryGate.isRefusal(words) && !MemoryGate.isRefusal(Array("OOMX".utf8)))
        #expect(gate.admits(now: .zero, jitter: 0) == true)
        gate.refused(words, now: .seconds(1), jitter: 1)
        #expect(gate.outage?.reason.kind == .outOfMemory && gate.outage?.since == .seconds(1))
        #expect(gate.admits(now: .milliseconds(1099), jitter: 1) == false)
        #expect(gate.admits(now: .milliseconds(1100), jitter: 1) == true, "one looks")
        #expect(gate.admits(now: .milliseconds(1101), jitter: 1) == false, "for all others")
        gate.refused(words, now: .milliseconds(1102), jitter: 1)
        #expect(gate.admits(now: .milliseconds(1299), jitter: 1) == false)
        #expect(gate.admits(now: .milliseconds(1300), jitter: 1) == true)
        gate.passed()
        #expect(gate == MemoryGate())
    }

    @Test(arguments: [
        (["GET", "SET"], true), (["MULTI", "INCR", "EXEC"], true), (["MULTI", "INCR"], false), (["WATCH"], false),
        (["WATCH", "MULTI", "EXEC"], true), (["WATCH", "UNWATCH"], true), (["MULTI", "UNWATCH"], false),
        (["SUBSCRIBE"], false), (["SELECT", "GET"], false), (["CLIENT"], false), (["MULTI", "DISCARD"], true),
    ])
    func whatIsLeftOpenSpoilsAConnection(names: [String], isClean: Bool) {
        var trace = ConnectionTrace()
        for name in names {
            trace.sent(name)
            #expect(!trace.isClean, "not answered yet")
            trace.answered(1)
        }
        #expect(trace.isClean == isClean)
    }
}
