import CacheModel
import Support
import Testing

/// What is pasted into a shell: whole, with this server's names and figures.
@Suite struct RemedyCommandTests {
    private func lines(_ id: Alert.ID, _ snapshot: Snapshot, node: String? = nil) -> [String] {
        let alert = Alert(id: id, level: .warning, node: node, message: "", since: Sample.takenAt)
        return RemedyCommand.lines(for: alert, in: snapshot, Invocation(options: ["--config", "/etc/shop's.toml"]))
    }

    @Test func memoryIsRaisedByHalfWhereTheHostHasIt() {
        #expect(lines(.memoryHigh, Sample.full) == ["redis-cli -h cache-1 -p 6379 CONFIG SET maxmemory 3072mb"])
        var snapshot = Sample.full
        snapshot.nodes[0].info?.memory.system = ByteCount(3 << 30)
        #expect(lines(.memoryHigh, snapshot) == ["redis-cli -h cache-1 -p 6379 CONFIG SET maxmemory 2304mb"])
        snapshot.nodes[0].info?.memory.system = ByteCount(2 << 30)
        #expect(lines(.memoryHigh, snapshot).isEmpty, "the host has no more")
        snapshot.nodes[0].info?.memory.system = nil
        #expect(lines(.memoryHigh, snapshot).isEmpty, "nobody knows what the host has")
        snapshot.nodes[0].info?.memory = Sample.hostile.nodes[0].info?.memory ?? .init()
        _ = lines(.memoryHigh, snapshot)
    }

    @Test func theServerIsReachedAsItIsHere() {
        var snapshot = Sample.healthy
        snapshot.target = "rediss://watcher:***@[::1]:6379/0"
        snapshot.nodes[0].address = "[::1]:6379"
        snapshot.nodes[0].user = "watcher"
        #expect(
            lines(.slowQueries, snapshot) == [
                "redis-cli -h ::1 -p 6379 --tls --user watcher --askpass SLOWLOG GET 10"
            ])
        snapshot.target = "unix:///run/my redis.sock"
        snapshot.nodes[0].address = "/run/my redis.sock"
        snapshot.nodes[0].user = "default"
        #expect(lines(.accessDenied, snapshot) == ["redis-cli -s '/run/my redis.sock' ACL LOG 10"])
    }

    @Test func theNodeOfTheAlertIsMeant() {
        var snapshot = Sample.healthy
        var other = Sample.node()
        other.address = "cache-2:6380"
        snapshot.nodes.append(other)
        #expect(
            lines(.clientsHigh, snapshot, node: "cache-2:6380") == [
                "redis-cli -h cache-2 -p 6380 CLIENT LIST",
                "redis-cli -h cache-2 -p 6380 CONFIG SET maxclients 20000",
            ])
    }

    @Test func namespacesAreMendedByThisProgram() {
        var snapshot = Sample.swept
        let names = (snapshot.namespaces?.items ?? []).filter { $0.mustExpire && ($0.withoutTTL?.value ?? 0) > 0 }
        #expect(lines(.ttlContractBroken, snapshot).count == min(3, names.count))
        snapshot.namespaces?.items[0].name = "rate:limit"
        snapshot.namespaces?.items[0].mustExpire = true
        snapshot.namespaces?.items[0].withoutTTL = Estimated(exactly: 6_000_000_000)
        #expect(
            lines(.ttlContractBroken, snapshot).first
                == "cachewatch repair --config '/etc/shop'\\''s.toml' rate:limit --dry-run")
    }

    @Test func everyLineIsOneLineAndChangesNothingByItself() {
        for id in Alert.ID.allCases {
            for snapshot in [Sample.full, Sample.hostile, Sample.hostileCluster, Sample.hostileSentinels] {
                for line in lines(id, snapshot) {
                    #expect(line.hasPrefix("redis-cli ") || line.hasPrefix("cachewatch "), "\(id): \(line)")
                    #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "\(id)")
                }
            }
        }
    }
}
