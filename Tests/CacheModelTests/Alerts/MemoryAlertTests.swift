import CacheModel
import Support
import Testing

private func look(_ node: NodeSnapshot) -> AlertScript {
    var script = AlertScript(immediate: true)
    script.at(0, node)
    return script
}

@Suite struct MemoryAlertTests {
    @Test(arguments: [(0.75, nil), (0.76, .warning), (0.90, .warning), (0.91, .critical)] as [(Double, Alert.Level?)])
    func memoryIsHighAboveItsThresholds(share: Double, level: Alert.Level?) {
        #expect(look(filled(share)).raised(.memoryHigh)?.level == level)
    }

    @Test func theRemediesAreTheGuides() throws {
        let lru = try #require(look(filled(0.91)).raised(.memoryHigh))
        #expect(lru.message.hasPrefix("Redis memory usage high"))
        #expect(lru.remedy == ["Enable key expiration (TTL)", "Increase Redis server memory"])
        var node = filled(0.91)
        node.info?.memory.policy = "noeviction"
        let other = try #require(look(node).raised(.memoryHigh))
        #expect(other.remedy.contains("Set `maxmemory-policy allkeys-lru`"))
        #expect(other.remedy.contains { $0.contains("token:blacklist") })
    }

    @Test func buffersAreNotCounted() {
        var node = filled(0.95)
        node.info?.memory.notCountedForEviction = 300_000
        #expect(look(node).raised(.memoryHigh) == nil)
    }

    @Test func withoutALimitTheHostsMemoryCounts() throws {
        var node = filled(0.1)
        node.info?.memory.maximum = 0
        node.info?.memory.system = 1_000_000
        node.info?.memory.rss = 910_000
        let alert = try #require(look(node).raised(.memoryHigh))
        #expect(alert.level == .critical && alert.message.contains("host's memory"))
    }

    @Test func evictionIsCriticalWhereItMayTakeRevocations() throws {
        let node = changed { $0.rates?.evicted = 140 }
        let alert = try #require(look(node).raised(.evicting))
        #expect(alert.level == .critical && alert.message.contains("token:blacklist") && alert.value == 140)
        let settled = changed {
            $0.rates?.evicted = 1
            $0.info?.memory.policy = "noeviction"
        }
        #expect(look(settled).raised(.evicting)?.level == .warning)
    }

    @Test func aSinglePollSaysNothingOfEviction() {
        let node = changed {
            $0.info?.stats.evictedKeys = 1_000_000
            $0.rates = .instantaneous($0.info ?? ServerInfo())
        }
        #expect(look(node).raised(.evicting) == nil)
    }

    @Test func errorsForLackOfMemoryAreCritical() {
        #expect(look(changed { $0.rates?.errors = ["OOM": 0.5] }).raised(.refusingWrites)?.level == .critical)
        #expect(look(changed { $0.rates?.errors = ["ERR": 0.5] }).raised(.refusingWrites) == nil)
    }

    @Test(arguments: [(1.6, 200, true), (1.6, 50, false), (1.4, 200, false)])
    func fragmentationNeedsRatioAndSize(ratio: Double, mebibytes: Int, raised: Bool) {
        let node = changed {
            $0.info?.memory.allocatorFragmentationRatio = ratio
            $0.info?.memory.allocatorFragmentation = ByteCount(mebibytes << 20)
        }
        #expect((look(node).raised(.fragmentation) != nil) == raised)
    }
}
