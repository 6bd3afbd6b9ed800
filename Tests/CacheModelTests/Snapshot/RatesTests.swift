import CacheModel
import Support
import Testing

private func after(_ change: (inout ServerInfo) -> Void) -> NodeSnapshot {
    var node = Sample.node()
    if var info = node.info {
        change(&info)
        node.info = info
    }
    return node
}

private func difference(_ old: NodeSnapshot, _ new: NodeSnapshot, over: Duration = .seconds(2), own: Int = 0) -> Rates?
{
    Rates.between(
        old, new, over: over,
        own: OwnTraffic(commands: own, bytesIn: own * 10, bytesOut: own * 100))
}

@Suite struct RatesTests {
    @Test func ownLookupsAreNoTraffic() {
        let (old, new) = (Sample.healthy.nodes[0], Sample.healthy.nodes[0])
        var later = new
        later.info?.stats.keyspaceHits = (old.info?.stats.keyspaceHits ?? 0) + 1000
        later.info?.stats.keyspaceMisses = (old.info?.stats.keyspaceMisses ?? 0) + 20
        let rates = Rates.between(old, later, over: .seconds(10), own: OwnTraffic(hits: 900, misses: 20))
        #expect(rates?.hits == 10 && rates?.misses == 0)
    }

    @Test func countersBecomeRatesLessOurOwnLoad() throws {
        let new = after {
            $0.stats.commandsProcessed! += 108
            $0.stats.bytesIn! += 1_080
            $0.stats.bytesOut! += 10_800
            $0.stats.keyspaceHits! += 30
            $0.stats.keyspaceMisses! += 10
            $0.stats.evictedKeys! += 4
            $0.errors["OOM"] = 6
        }
        let rates = try #require(difference(Sample.node(), new, own: 8))
        #expect(rates.commands == 50 && rates.inputBytes == 500 && rates.outputBytes == 5_000)
        #expect(rates.hits == 15 && rates.hitRatio == 0.75 && rates.evicted == 2 && rates.errors == ["OOM": 3])
    }

    @Test func ourOwnLoadNeverMakesARateNegative() throws {
        #expect(try #require(difference(Sample.node(), Sample.node(), own: 1_000)).commands == 0)
    }

    @Test func aRestartIsAGap() {
        #expect(difference(Sample.node(), after { $0.server.runID = "other" }) == nil)
        #expect(difference(Sample.node(), after { $0.server.uptime = 3 }) == nil)
    }

    @Test func resetCountersAreGapsAndTheOthersAreNot() throws {
        let new = after {
            $0.stats.keyspaceHits = 5
            $0.stats.commandsProcessed! += 10
        }
        let rates = try #require(difference(Sample.node(), new))
        #expect(rates.hits == nil && rates.hitRatio == nil && rates.commands == 5)
    }

    @Test func missingCountersStayUnknown() throws {
        let new = after { $0.stats.evictedKeys = nil }
        #expect(try #require(difference(Sample.node(), new)).evicted == nil)
    }

    @Test func noTimeAndNoAnswerAreGaps() {
        #expect(difference(Sample.node(), Sample.node(), over: .zero) == nil)
        #expect(difference(Sample.node(), Sample.node(), over: .seconds(-1)) == nil)
        #expect(difference(Sample.unreachable.nodes[0], Sample.node()) == nil)
    }

    @Test func hostileCountersDoNotTrap() {
        let least = after { $0.stats.keyspaceHits = .min }
        let greatest = after { $0.stats.keyspaceHits = .max }
        #expect(difference(least, greatest)?.hits?.isFinite == true)
        #expect(difference(greatest, least)?.hits == nil)
        #expect(difference(least, greatest, over: .nanoseconds(1))?.hits?.isFinite == true)
    }

    @Test func aSinglePollKnowsWhatTheServerMeasured() {
        let rates = Rates.instantaneous(Sample.node().info ?? ServerInfo())
        #expect(rates.commands == 18_204 && rates.inputBytes == 4_198.4 * 1024 && rates.evicted == nil)
    }
}

@Suite struct NodeFiguresTests {
    @Test func pressureLeavesOutWhatEvictionDoesNotCount() {
        let node = after {
            $0.memory.used = 950
            $0.memory.notCountedForEviction = 50
            $0.memory.maximum = 1000
        }
        #expect(node.pressure == 0.9)
    }

    @Test func withoutALimitThereIsNoPressure() {
        #expect(after { $0.memory.maximum = 0 }.pressure == nil && after { $0.memory.maximum = nil }.pressure == nil)
        #expect(after { $0.memory.maximum = 0 }.mayEvictAnything == false)
        #expect(after { $0.memory.policy = "noeviction" }.mayEvictAnything == false && Sample.node().mayEvictAnything)
    }

    /// Where nobody looks anything up now, what was once is no answer.
    @Test func theHitRatioIsRecentOrElseBeforeTheSecondPollOfTheWholeLife() {
        var node = Sample.node()
        #expect(abs((node.hitRatio ?? 0) - 0.964) < 1e-9)
        node.rates?.hits = 0
        node.rates?.misses = 0
        #expect(node.hitRatio == nil)
        node.rates = nil
        #expect(abs((node.hitRatio ?? 0) - 0.964) < 1e-3)
        node.info?.stats.keyspaceHits = 0
        node.info?.stats.keyspaceMisses = 0
        #expect(node.hitRatio == nil)
    }

    @Test func sharesOfNobodyAreUnknown() {
        #expect(
            after { $0.clients.connected = 0 }.blockedShare == nil
                && after { $0.clients.maximum = 0 }.clientShare == nil)
        #expect(after { $0.clients.blocked = -5 }.blockedShare == 0)
    }
}
