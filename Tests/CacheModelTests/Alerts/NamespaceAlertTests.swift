import Support
import Testing

@testable import CacheModel

@Suite struct NamespaceAlertTests {
    private func report(_ counts: [String: Int], never: [String: Int] = [:], at seconds: Int) -> NamespaceReport {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for (namespace, count) in counts {
            for number in 0..<count {
                let key = Array("\(namespace):\(number)".utf8)
                let place = tally.count(key.span)
                let lifetime: KeyFacts.Lifetime = number < never[namespace] ?? 0 ? .never : .milliseconds(1000)
                tally.note(KeyFacts(lifetime: lifetime, bytes: 100), key: key.span, namespace: place)
            }
        }
        return .sweep(
            tally, full: true, complete: true, expected: 0,
            NamespaceReport.Circumstances(
                takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .seconds(1)))
    }

    private func snapshot(_ report: NamespaceReport?, at seconds: Int, policy: String = "noeviction") -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.elapsed = .seconds(seconds)
        snapshot.nodes[0].info?.memory.policy = policy
        snapshot.namespaces = report
        return snapshot
    }

    private func raised(_ engine: AlertEngine, _ id: Alert.ID) -> Alert? { engine.raised.first { $0.id == id } }

    @Test func keysWithoutTTLBreakTheContract() {
        var engine = AlertEngine()
        _ = engine.evaluate(
            snapshot(report(["rate:limit": 50, "foo": 9], never: ["rate:limit": 7, "foo": 9], at: 1), at: 2))
        let alert = raised(engine, .ttlContractBroken)
        #expect(alert?.level == .warning)
        #expect(alert?.node == nil, "it concerns the deployment")
        #expect(alert?.value == 7)
        #expect(alert?.message.contains("rate:limit 7") == true)
        #expect(alert?.remedy.contains { $0.contains("EXPIRE key 3600 NX") } == true)
        #expect(alert?.evidence.first?.hasPrefix("without TTL: rate:limit:") == true)
        _ = engine.evaluate(snapshot(report(["rate:limit": 50], at: 60), at: 61))
        #expect(raised(engine, .ttlContractBroken) == nil)
        #expect(engine.past.first?.id == .ttlContractBroken)
    }

    @Test func whatIsBackHasNotVanished() {
        for (back, stands) in [(400, false), (150, true)] {
            var engine = AlertEngine()
            for (count, second) in [(400, 1), (100, 60), (back, 120)] {
                _ = engine.evaluate(snapshot(report(["session": count], at: second), at: second))
            }
            #expect((raised(engine, .namespaceVanished) != nil) == stands, "\(back)")
        }
        // What is drawn may be somewhat less than what there is.
        var engine = AlertEngine()
        for (count, high, second) in [(400, 400, 1), (0, 0, 60), (390, 420, 120), (390, 420, 180)] {
            var report = report(["session": count, "cart": 100], at: second)
            if let index = report.items.firstIndex(where: { $0.name == "session" }) {
                report.items[index].keys = Estimated(Double(count), low: Double(count), high: Double(high))
            }
            _ = engine.evaluate(snapshot(report, at: second))
            #expect((raised(engine, .namespaceVanished) != nil) == (second == 60), "\(second)")
        }
    }

    @Test func halfOfANamespaceGoneIsAnAlert() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(report(["session": 400, "cart": 100], at: 1), at: 1))
        #expect(raised(engine, .namespaceVanished) == nil)
        _ = engine.evaluate(snapshot(report(["session": 150, "cart": 90], at: 60), at: 60))
        let alert = raised(engine, .namespaceVanished)
        #expect(alert?.message.contains("session from 400 to 150 keys") == true)
        #expect(alert?.message.contains("cart") == false)
        _ = engine.evaluate(snapshot(report(["session": 150, "cart": 90], at: 60), at: 300))
        #expect(raised(engine, .namespaceVanished) != nil)
        _ = engine.evaluate(snapshot(report(["session": 150, "cart": 90], at: 60), at: 400))
        #expect(raised(engine, .namespaceVanished) == nil, "an event ends by itself")
    }

    @Test func chanceIsNotALoss() {
        var engine = AlertEngine()
        func estimate(_ hits: Int, at seconds: Int) -> NamespaceReport {
            var tally = KeyspaceTally(classifier: KeyClassifier())
            for number in 0..<1000 {
                let key = Array((number < hits ? "cart:\(number)" : "x:\(number)").utf8)
                tally.count(key.span)
            }
            return .estimate(
                tally, keys: 1_000_000,
                NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .zero))
        }
        _ = engine.evaluate(snapshot(estimate(5, at: 1), at: 1))
        _ = engine.evaluate(snapshot(estimate(2, at: 2), at: 2))
        #expect(raised(engine, .namespaceVanished) == nil, "5 and 2 of 1,000 draws may be the same")
        _ = engine.evaluate(snapshot(estimate(200, at: 3), at: 3))
        _ = engine.evaluate(snapshot(estimate(20, at: 4), at: 4))
        #expect(raised(engine, .namespaceVanished) != nil)
    }

    @Test func partialLooksLoseNothing() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(report(["session": 400], at: 1), at: 1))
        var partial = report(["session": 10], at: 2)
        partial.complete = false
        _ = engine.evaluate(snapshot(partial, at: 2))
        #expect(raised(engine, .namespaceVanished) == nil)
    }

    @Test(arguments: ["allkeys-lru", "volatile-ttl"]) func revocationsMustNotBeEvictable(policy: String) {
        var engine = AlertEngine()
        let held = report(["token:blacklist": 12], at: 1)
        _ = engine.evaluate(snapshot(held, at: 1, policy: policy))
        let alert = raised(engine, .revocationsEvictable)
        #expect(alert?.message.contains("\(policy) may evict 12 keys of token:blacklist") == true)
        _ = engine.evaluate(snapshot(held, at: 2))
        #expect(raised(engine, .revocationsEvictable) == nil)
        _ = engine.evaluate(snapshot(report(["session": 12], at: 3), at: 3, policy: policy))
        #expect(raised(engine, .revocationsEvictable) == nil, "there is nothing to lose")
    }

    @Test func fastestGrowingNamespaceIsEvidence() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(report(["session": 400, "cart": 100], at: 1), at: 1))
        _ = engine.evaluate(
            snapshot(report(["session": 450, "cart": 300], never: ["cart": 1], at: 60), at: 60))
        let evidence = raised(engine, .ttlContractBroken)?.evidence ?? []
        #expect(evidence.contains("fastest growing: cart, 200 keys more than at the look before"))
    }

    /// What another server has less of is not gone, and what it has more of has not grown.
    @Test func looksAtTwoServersAreNotCompared() {
        var engine = AlertEngine()
        func show(_ report: NamespaceReport?, at seconds: Int, runID: String) {
            var snapshot = snapshot(report, at: seconds)
            snapshot.nodes[0].info?.server.runID = runID
            _ = engine.evaluate(snapshot)
        }
        let before = report(["session": 400, "cart": 100], at: 1)
        show(before, at: 1, runID: "one")
        show(before, at: 60, runID: "two")
        // Begun at the server before.
        show(report(["session": 390, "cart": 100], at: 60), at: 61, runID: "two")
        show(report(["session": 150, "cart": 9], at: 70), at: 70, runID: "two")
        #expect(raised(engine, .namespaceVanished) == nil)
        show(report(["session": 15, "cart": 9], at: 90), at: 90, runID: "two")
        #expect(raised(engine, .namespaceVanished)?.message.contains("session from 150 to 15 keys") == true)
    }
}
