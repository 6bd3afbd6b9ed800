import Support
import Testing

@testable import CacheModel

/// Nobody is warned of what this program does itself, nor of keys that run out as was to be expected.
@Suite struct OwnActTests {
    private func report(_ keys: Int, lifetime: Int?, at seconds: Int) -> NamespaceReport {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<keys {
            let key = Array("session:\(number)".utf8)
            let place = tally.count(key.span)
            guard let lifetime else { continue }
            tally.note(KeyFacts(lifetime: .milliseconds(lifetime * 1000), bytes: 100), key: key.span, namespace: place)
        }
        return .sweep(
            tally, full: lifetime != nil, complete: true, expected: keys,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .seconds(1)))
    }

    private func snapshot(_ report: NamespaceReport?, at seconds: Int, expired: Int? = 0) -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.elapsed = .seconds(seconds)
        snapshot.nodes[0].info?.memory.policy = "noeviction"
        snapshot.nodes[0].info?.stats.expiredKeys = expired
        snapshot.namespaces = report
        return snapshot
    }

    private func hasVanished(_ engine: AlertEngine) -> Bool { engine.raised.contains { $0.id == .namespaceVanished } }

    /// Lifetime of the keys in seconds, keys that the server says have expired, and whether 400 keys that have become 20
    /// within a minute have vanished.
    @Test(
        arguments: [
            (30, 380, false), (3600, 380, true), (30, 3, true), (30, nil, false), (3600, nil, true), (nil, 380, false),
            (nil, 3, true),
        ] as [(Int?, Int?, Bool)])
    func keysThatRanOutHaveNotVanished(lifetime: Int?, expired: Int?, vanished: Bool) {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(report(400, lifetime: lifetime, at: 5), at: 5, expired: expired.map { _ in 0 }))
        _ = engine.evaluate(snapshot(report(20, lifetime: lifetime, at: 65), at: 65, expired: expired))
        #expect(hasVanished(engine) == vanished)
    }

    /// Counters that were reset tell of what came after, and not of what had expired before.
    @Test func resetOfTheCountersMakesNoNamespaceVanish() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(report(400, lifetime: 30, at: 5), at: 5, expired: 9000))
        _ = engine.evaluate(snapshot(nil, at: 60, expired: 3))
        _ = engine.evaluate(snapshot(report(20, lifetime: 30, at: 65), at: 65, expired: 5))
        #expect(!hasVanished(engine))
        // Whose lifetimes nobody knows may all have run out.
        var other = AlertEngine()
        _ = other.evaluate(snapshot(report(400, lifetime: nil, at: 5), at: 5, expired: 9000))
        _ = other.evaluate(snapshot(nil, at: 60, expired: 3))
        _ = other.evaluate(snapshot(report(20, lifetime: nil, at: 65), at: 65, expired: 5))
        #expect(!hasVanished(other))
    }

    @Test func whatWeHaveFlushedHasNotVanished() {
        var engine = AlertEngine()
        let before = report(400, lifetime: 3600, at: 5)
        _ = engine.evaluate(snapshot(before, at: 5))
        engine.beginRemoval(1, of: ["session"], at: .seconds(20))
        _ = engine.evaluate(snapshot(report(200, lifetime: 3600, at: 30), at: 30))
        #expect(!hasVanished(engine), "a look in the middle of it")
        engine.endRemoval(1, at: .seconds(40))
        _ = engine.evaluate(snapshot(report(0, lifetime: 3600, at: 60), at: 60))
        #expect(!hasVanished(engine))
        var other = AlertEngine()
        other.beginRemoval(1, of: ["cart"], at: .seconds(20))
        other.endRemoval(1, at: .seconds(21))
        _ = other.evaluate(snapshot(before, at: 5))
        _ = other.evaluate(snapshot(report(0, lifetime: 3600, at: 60), at: 60))
        #expect(hasVanished(other), "that was another namespace")
    }

    @Test func cacheThatWeHaveEmptiedHasLostNothing() {
        var script = AlertScript()
        script.at(0)
        script.engine.beginRemoval(1, of: ["session"], at: .seconds(1))
        script.at(1, changed { $0.keys = 0 })
        #expect(script.raised(.datasetLost) == nil)
        script.engine.endRemoval(1, at: .seconds(2))
        script.at(3)
        script.at(4)
        script.at(5, changed { $0.keys = 0 })
        #expect(script.raised(.datasetLost) != nil, "that was not us")
    }

    @Test func ourOwnCommandsInTheSlowLogAreNoAlert() {
        var script = AlertScript()
        func node(_ ids: ClosedRange<Int>, own: Bool) -> NodeSnapshot {
            changed {
                $0.slowlog = ids.reversed().map {
                    SlowlogEntry(
                        id: $0, at: Sample.takenAt, duration: .milliseconds(20), command: ["KEYS", "x"],
                        clientName: own ? "cachewatch" : "shop")
                }
            }
        }
        script.at(0, node(1...1, own: true))
        script.at(1, node(1...40, own: true))
        #expect(script.raised(.slowQueries) == nil && script.engine.newSlowQueries == 0)
        script.at(2, node(41...60, own: false))
        #expect(script.raised(.slowQueries) != nil && script.engine.newSlowQueries == 20)
    }

    /// Each estimate adds fifteen thousand hits; others have a ratio of a fifth.
    @Test(arguments: [true, false]) func ourOwnLooksDoNotHideALowHitRatio(looks: Bool) throws {
        var script = AlertScript()
        var own = OwnTraffic()
        var (hits, misses) = (1_000_000, 0)
        var value: Double?
        for second in 0...420 {
            (hits, misses) = (hits + 10, misses + 40)
            if looks, second % 60 == 30 {
                // Under way while the server answers: it has counted a part of them.
                hits += 9000
                own.hits += second % 120 == 30 ? 15_000 : 6000
            }
            if looks, second % 60 == 31 {
                hits += 6000
                own.hits += second % 120 == 31 ? 0 : 9000
            }
            script.at(
                second,
                changed {
                    $0.info?.stats.keyspaceHits = hits
                    $0.info?.stats.keyspaceMisses = misses
                    $0.ownTraffic = own
                })
            value = script.raised(.hitRatioLow)?.value ?? value
        }
        #expect(abs(try #require(value) - 0.2) < 0.01)
    }

    @Test func ourOwnLooksMakeNoLowHitRatio() {
        var script = AlertScript()
        var own = OwnTraffic()
        var (hits, misses) = (1_000_000, 0)
        for second in 0...420 {
            (hits, misses) = (hits + 45, misses + 5)
            if second % 60 == 30 {
                // Counted by us before the server's answer had them.
                own.hits += 15_000
            } else if second % 60 == 31 {
                hits += 15_000
            }
            script.at(
                second,
                changed {
                    $0.info?.stats.keyspaceHits = hits
                    $0.info?.stats.keyspaceMisses = misses
                    $0.ownTraffic = own
                })
            #expect(script.raised(.hitRatioLow) == nil, "\(second)")
        }
    }

    /// Seven sessions never expire.
    private var broken: NamespaceReport {
        var broken = report(400, lifetime: 3600, at: 5)
        for index in broken.items.indices where broken.items[index].name == "session" {
            broken.items[index].mustExpire = true
            broken.items[index].withoutTTL = Estimated(exactly: 7)
        }
        return broken
    }

    @Test func looksThatAreOldSayHowOld() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(broken, at: 5))
        func message() -> String { engine.raised.first { $0.id == .ttlContractBroken }?.message ?? "" }
        #expect(!message().contains("ago"))
        _ = engine.evaluate(snapshot(broken, at: 3605))
        #expect(message().contains("(as of the look "), "\(message())")
    }

    /// Where another server answers, what was said of the keys of the one before stands no more.
    @Test func keysOfAnotherServerKeepNoAlert() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(broken, at: 5))
        #expect(engine.raised.contains { $0.id == .ttlContractBroken })
        var other = snapshot(nil, at: 6)
        other.nodes[0].info?.server.runID = "another"
        _ = engine.evaluate(other)
        #expect(!engine.raised.contains { $0.id == .ttlContractBroken })
    }
}
