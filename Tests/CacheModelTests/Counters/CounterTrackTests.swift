import CacheModel
import Support
import Testing

/// Counters of one poll after the other.
struct CounterScript {
    var track = CounterTrack()
    var reading = CounterReading()
    private(set) var report: CounterReport?

    mutating func publish(
        _ service: String, _ namespace: String = "product", at: Int, hits: Int = 0, misses: Int = 0,
        sideMisses: Int = 0
    ) {
        var counts = reading.services[service]?.namespaces[namespace] ?? StoreCounts()
        counts.hits += hits
        counts.misses += misses
        counts.sideMisses += sideMisses
        counts.loads += misses
        counts.loadMilliseconds += 4 * misses
        reading.services[service, default: CounterReading.Service()].namespaces[namespace] = counts
        reading.services[service]?.publishedAt = at
    }

    mutating func poll(at seconds: Int, _ nodes: [NodeSnapshot] = []) {
        report = track.note(reading, of: nodes, at: .seconds(seconds))
    }
}

@Suite struct CounterTrackTests {
    private func close(_ figure: Double?, _ expected: Double) -> Bool {
        figure.map { abs($0 - expected) < 1e-6 } ?? false
    }

    @Test func firstReadingTellsTheRatioOfAllAndNoRate() throws {
        var script = CounterScript()
        script.publish("a", at: 0, hits: 70, misses: 30)
        script.poll(at: 0)
        let traffic = try #require(script.report?.traffic(in: "product"))
        #expect(traffic.hitRatio == 0.7 && traffic.lookups == nil && traffic.misses == nil)
        #expect(traffic.meanLoad == .milliseconds(4))
    }

    /// Ten seconds' worth come at once: between two polls lies nothing, or all of it.
    @Test func ratesLieBetweenPublicationsWhateverIsPolled() throws {
        for every in [1, 3, 7] {
            var script = CounterScript()
            for second in stride(from: 0, through: 75, by: every) {
                let due = second / 10
                while (script.reading.services["a"]?.namespaces["product"]?.hits ?? 0) < (due + 1) * 700 {
                    script.publish("a", at: second, hits: 700, misses: 300)
                }
                script.poll(at: second)
            }
            let traffic = try #require(script.report?.traffic(in: "product"))
            #expect(close(traffic.hitRatio, 0.7))
            let misses = try #require(traffic.misses)
            #expect(abs(misses - 30) <= 30 * Double(every) / 50, "every \(every) s: \(misses)")
        }
    }

    @Test func oneThatFallsIsAGapForItsServiceAlone() throws {
        var script = CounterScript()
        for second in stride(from: 0, through: 30, by: 10) {
            script.publish("a", at: second, hits: 90, misses: 10)
            script.publish("b", at: second, hits: 10, misses: 90)
            script.poll(at: second)
        }
        script.reading.services["a"]?.namespaces["product"]?.hits = 5
        script.poll(at: 31)
        let lines = try #require(script.report).lines
        #expect(lines.first { $0.service == "a" }?.recent == nil)
        #expect(lines.first { $0.service == "b" }?.recent?.misses == 270)
        script.publish("a", at: 40, hits: 50, misses: 50)
        script.poll(at: 41)
        #expect(script.report?.lines.first { $0.service == "a" }?.recent?.hits == 50)
    }

    @Test func flushIsAGapForAll() {
        var script = CounterScript()
        script.publish("a", at: 0, hits: 10)
        script.poll(at: 0)
        script.publish("a", at: 10, hits: 10)
        script.poll(at: 10)
        #expect(script.report?.lines.first?.recent?.hits == 10)
        script.reading = CounterReading()
        script.poll(at: 11)
        #expect(script.report == nil)
        script.publish("a", at: 20, hits: 100)
        script.poll(at: 20)
        #expect(script.report?.lines.first?.recent == nil)
    }

    @Test func whoHasGoneSilentHasNoRates() {
        var script = CounterScript()
        for second in [0, 10, 20] {
            script.publish("a", at: second, hits: 10)
            script.poll(at: second)
        }
        script.poll(at: 79)
        #expect(script.report?.lines.first?.recent != nil)
        script.poll(at: 81)
        #expect(script.report?.lines.first?.recent == nil)
    }

    @Test func restOfTheServersFigureIsOthers() throws {
        var script = CounterScript()
        for second in stride(from: 0, through: 60, by: 10) {
            script.publish("a", at: second, hits: 300, misses: 100, sideMisses: 70)
            var node = Sample.node()
            node.info?.stats.keyspaceHits = 1_000 + 50 * second
            node.info?.stats.keyspaceMisses = 500 + 20 * second
            node.ownTraffic = OwnTraffic(hits: second)
            script.poll(at: second, [node])
        }
        let others = try #require(script.report?.others)
        #expect(close(others.lookups, 49 + 13 - 40) && close(others.misses, 3))
    }

    @Test func othersAreNotKnownWhereANodeDoesNotTell() {
        var script = CounterScript()
        var silent = Sample.node()
        silent.info?.stats.keyspaceHits = nil
        for second in [0, 10, 20] {
            script.publish("a", at: second, hits: 10)
            script.poll(at: second, [Sample.node(), silent])
        }
        #expect(script.report?.others == nil && script.report?.lines.first?.recent != nil)
    }

    @Test func wordsNameWhoCountsAndHowOldItIs() {
        var script = CounterScript()
        for name in ["search", "checkout-api", "\u{202e}evil"] { script.publish(name, at: 100, hits: 1) }
        script.poll(at: 0)
        let report = script.report
        #expect(report?.words(at: WallTime(seconds: 104)) == "counted by checkout-api, search, \\u{202e}evil; 4 s ago")
        #expect(report?.words(at: WallTime(seconds: 90)).hasSuffix("; 0 s ago") == true)
        #expect(report?.age(at: WallTime(seconds: 30)) == nil, "a clock that is far ahead says nothing")
        for number in 0..<300 { script.publish("s\(number)", at: 1, hits: 1) }
        script.poll(at: 1)
        #expect(script.report?.words(at: WallTime(seconds: 104)).contains("and 299 more") == true)
    }

    @Test func servicesOfANamespaceComeByTheirMisses() {
        var script = CounterScript()
        for second in [0, 10] {
            script.publish("few", at: second, hits: 90, misses: 1)
            script.publish("many", at: second, hits: 10, misses: 90)
            script.publish("other", "cart", at: second, hits: 1)
            script.poll(at: second)
        }
        #expect(script.report?.services(in: "product").map(\.name) == ["many", "few"])
        #expect(script.report?.namespaces == ["cart", "product"])
        #expect(script.report?.traffic(in: "session") == nil)
    }
}
