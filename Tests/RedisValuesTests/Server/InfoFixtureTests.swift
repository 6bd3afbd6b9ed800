import RedisValues
import Support
import Testing

/// What real servers say, one fixture a kind of server.
@Suite struct InfoFixtureTests {
    static let servers = [
        "redis-6.2-standalone", "redis-6.2-replica-link-down", "redis-6.2-sentinel", "redis-7.0-primary",
        "redis-7.0-replica", "redis-7.0-cluster-node", "redis-7.0-sentinel", "valkey-9-primary", "valkey-9-replica",
        "valkey-9-cluster-node",
    ]
    static let dataNodes = servers.filter { !$0.hasSuffix("sentinel") }

    @Test(arguments: servers) func everyServerSaysWhatItIs(name: String) throws {
        let server = InfoParser.parse(try Fixture.info(name)).server
        #expect(server.software == (name.hasPrefix("valkey") ? .valkey : .redis))
        #expect(server.version?.hasPrefix(name.split(separator: "-")[1]) == true)
        let mode = name.contains("cluster") ? "cluster" : name.contains("sentinel") ? "sentinel" : "standalone"
        #expect(server.mode == mode)
        #expect(server.runID?.count == 40)
        #expect(server.uptime != nil && server.tcpPort != nil && server.processID != nil && server.hz != nil)
    }

    @Test(arguments: dataNodes) func everyDataNodeFillsTheTypedFigures(name: String) throws {
        let info = InfoParser.parse(try Fixture.info(name))
        #expect(info.clients.maximum == 10_000 && (info.clients.connected ?? 0) >= 1 && info.clients.blocked == 0)
        let memory = info.memory
        for bytes in [memory.used, memory.rss, memory.peak, memory.dataset, memory.system] {
            #expect((bytes?.bytes ?? 0) > 10_000)
        }
        #expect(memory.policy != nil && memory.fragmentationRatio != nil && memory.notCountedForEviction != nil)
        #expect(memory.allocatorFragmentationRatio != nil && memory.allocatorFragmentation != nil)
        let stats = info.stats
        for counter in [
            stats.connectionsReceived, stats.commandsProcessed, stats.operationsPerSecond, stats.bytesIn,
            stats.bytesOut,
            stats.rejectedConnections, stats.expiredKeys, stats.evictedKeys, stats.keyspaceHits, stats.keyspaceMisses,
            stats.errorReplies,
        ] { #expect(counter != nil) }
        #expect(stats.instantaneousIn != nil && stats.latestFork != nil)
        #expect(info.persistence.loading == false && info.persistence.lastSaveSucceeded == true)
        #expect(info.persistence.lastAppendWriteSucceeded == true && info.persistence.lastSave != nil)
        #expect(info.processor.system != nil && info.processor.user != nil)
        #expect(info.clusterEnabled == name.contains("cluster"))
    }

    /// A property that no field of `INFO` is written to stays nil for ever, and looks like a server that does not say.
    @Test func everyPropertyIsReadFromSomeServer() throws {
        var answers = try Self.servers.map { InfoParser.parse(try Fixture.info($0)) }
        // What is said only while a server loads, or once a link has been down for seconds.
        let rare = "loading_loaded_perc:41.50\r\nloading_eta_seconds:12\r\nmaster_link_down_since_seconds:74\r\n"
        answers.append(InfoParser.parse(Array(rare.utf8)))
        #expect(Properties.empty(in: answers) == [])
    }

    @Test(arguments: servers) func typedFieldsAreNotAmongTheUnknown(name: String) throws {
        let info = InfoParser.parse(try Fixture.info(name))
        for typed in ["used_memory", "maxmemory", "role", "redis_version", "server_mode", "db0", "slave0", "loading"] {
            #expect(info.unknown[typed] == nil)
        }
        #expect(info.unknown["arch_bits"] == "64" && info.unknown["gcc_version"] != nil)
    }

    @Test func primaryCountsKeysErrorsAndReplicas() throws {
        let info = InfoParser.parse(try Fixture.info("redis-7.0-primary"))
        #expect(info.keyspace[0]?.keys == 60 && info.keyspace[0]?.expires == 30)
        #expect(info.keyspace[0]?.averageTTL == .milliseconds(7_192_449))
        #expect(info.keyspace[3]?.keys == 1 && info.keyspace.count == 2)
        #expect(info.errors == ["ERR": 1, "OOM": 2, "WRONGPASS": 1, "WRONGTYPE": 1])
        #expect(info.stats.keyspaceHits == 31 || info.stats.keyspaceHits == 30)
        #expect(info.memory.maximum == ByteCount(100 * 1024 * 1024) && info.memory.policy == "allkeys-lru")
        #expect(info.replication.role == .primary && info.replication.connectedReplicas == 1)
        let replica = try #require(info.replication.replicas.first)
        #expect(replica.address == "127.0.0.1:27171" && replica.state == "online")
        #expect(replica.offset == 157 && replica.lag == .seconds(1))
        #expect(info.persistence.appendOnlyEnabled == true)
    }

    @Test func replicaKnowsItsPrimary() throws {
        let replication = InfoParser.parse(try Fixture.info("valkey-9-replica")).replication
        #expect(replication.role == .replica && replication.linkUp == true)
        #expect(replication.primaryHost == "127.0.0.1" && replication.primaryPort == 27190)
        #expect(replication.lastPrimaryIO != nil && replication.linkDownFor == nil)
    }

    @Test func brokenLinkThatNeverStoodHasNoDuration() throws {
        let replication = InfoParser.parse(try Fixture.info("redis-6.2-replica-link-down")).replication
        #expect(replication.role == .replica && replication.linkUp == false)
        // The server writes -1.
        #expect(replication.linkDownFor == nil && replication.lastPrimaryIO == nil)
    }

    @Test func sentinelHasARoleAndNoMemory() throws {
        let info = InfoParser.parse(try Fixture.info("redis-7.0-sentinel"))
        #expect(info.replication.role == .sentinel)
        #expect(info.memory.used == nil && info.keyspace.isEmpty)
        #expect(info.unknown["sentinel_masters"] == "1")
    }

    @Test(arguments: ["redis-6.2", "redis-7.0", "valkey-9"]) func commandStatisticsAreRead(server: String) throws {
        let stats = InfoParser.commandStats(try Fixture.info("\(server)-commandstats"))
        let get = try #require(stats["get"])
        #expect(get.calls == 60 && get.time > .zero && get.failedCalls == 0 && get.rejectedCalls == 0)
        #expect(stats["set"]?.rejectedCalls == 2)
        #expect(stats["config|set"] != nil || stats["config"] != nil)
    }
}
