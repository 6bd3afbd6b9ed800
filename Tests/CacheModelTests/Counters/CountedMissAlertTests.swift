import CacheModel
import Support
import Testing

@Suite struct CountedMissAlertTests {
    /// Six minutes of polls, each with so many hits and misses of the server; every tenth second servers publish.
    private func run(
        hits: Int, misses: Int, nodes: Int = 1, _ publish: (inout CounterScript, Int) -> Void
    ) -> AlertEngine {
        var engine = AlertEngine()
        var script = CounterScript()
        for second in 0...330 {
            if second.isMultiple(of: 10) { publish(&script, second) }
            script.poll(at: second)
            let all = (0..<nodes).map { index in
                changed {
                    $0.address = "cache-\(index + 1):6379"
                    $0.info?.stats.keyspaceHits = 9_000_000 + hits * second
                    $0.info?.stats.keyspaceMisses = misses * second
                }
            }
            var snapshot = Snapshot(
                takenAt: WallTime(seconds: Sample.takenAt.seconds + Int64(second)), elapsed: .seconds(second),
                target: "redis://cache-1:6379/0", nodes: all)
            snapshot.counters = script.report
            _ = engine.evaluate(snapshot)
        }
        return engine
    }

    private func alert(_ engine: AlertEngine) -> Alert? { engine.raised.first { $0.id == .hitRatioLow } }

    @Test func namespaceAndServiceThatMissAreNamed() throws {
        let engine = run(hits: 60, misses: 60) { script, second in
            script.publish("checkout-api", at: second, hits: 100, misses: 500)
            script.publish("search", at: second, hits: 400, misses: 40)
            script.publish("search", "cart", at: second, hits: 100, misses: 60)
        }
        let alert = try #require(self.alert(engine))
        #expect(
            alert.message.hasPrefix("Hit ratio 50.0 %; product misses most, asked by checkout-api; over")
                && alert.message.hasSuffix("lookups, revocation checks among them"), "\(alert.message)")
        #expect(alert.about == .namespace("product"))
        #expect(alert.culprit?.kind == .namespace && alert.culprit?.name == "product")
        #expect(alert.culprit?.part.map { abs($0.value - 0.9) < 1e-6 } == true)
        #expect(alert.culprit?.words.contains("54 misses/s, hit ratio 48.1 %, asked by checkout-api") == true)
        #expect(alert.evidence.first?.hasPrefix("product by checkout-api: hit ratio 16.7 %") == true)
    }

    /// Nine of ten lookups of products hit, and each request asks for three keys that are not there.
    @Test func revocationChecksAreTakenOut() {
        let counted = run(hits: 90, misses: 310) { script, second in
            script.publish("a", at: second, hits: 900, misses: 100)
            script.publish("a", "token:blacklist", at: second, misses: 3_000)
        }
        #expect(alert(counted) == nil)
        let uncounted = run(hits: 90, misses: 310) { script, second in
            script.publish("a", at: second, hits: 900, misses: 100)
        }
        #expect(alert(uncounted)?.message.contains("lookups, revocation checks among them") == true)
    }

    @Test func whatIsLeftIsWhatIsMeasured() throws {
        let engine = run(hits: 50, misses: 350) { script, second in
            script.publish("a", at: second, hits: 500, misses: 500)
            script.publish("a", "token:blacklist", at: second, misses: 3_000)
        }
        let alert = try #require(self.alert(engine))
        #expect(alert.value.map { abs($0 - 0.5) < 0.02 } == true)
        #expect(alert.message.contains("of revocation checks left out"))
        #expect(alert.message.contains("; product misses most, asked by a;"))
    }

    /// A response is looked for in two layouts, and an address that asks among those that are blocked: nobody misses them.
    @Test func keysThatAreLookedForBesidesAreTakenOut() throws {
        func publish(_ script: inout CounterScript, _ second: Int) {
            script.publish("a", "api:cache", at: second, hits: 900, misses: 100, sideMisses: 1_000)
            script.publish("a", "rate:limit", at: second, sideMisses: 500)
        }
        #expect(alert(run(hits: 90, misses: 160) { publish(&$0, $1) }) == nil)
        let low = try #require(alert(run(hits: 90, misses: 260) { publish(&$0, $1) }))
        #expect(low.value.map { abs($0 - 0.45) < 0.02 } == true)
        #expect(low.message.contains("for other layouts and blocks left out, revocation checks among them"))
    }

    /// Which of them was asked is not known.
    @Test func ofSeveralPrimariesNoneIsTakenOut() {
        let engine = run(hits: 90, misses: 310, nodes: 2) { script, second in
            script.publish("a", "token:blacklist", at: second, misses: 3_000)
        }
        #expect(alert(engine)?.message.contains("revocation checks among them") == true)
        #expect(alert(engine)?.about == nil, "that a token is not revoked is nobody's fault")
    }

    @Test func withoutCountersNobodyIsNamed() {
        let alert = self.alert(run(hits: 60, misses: 60) { _, _ in })
        #expect(alert?.about == nil)
        #expect(alert?.evidence.contains("misses by namespace: unknown, no server counts them") == true)
    }
}
