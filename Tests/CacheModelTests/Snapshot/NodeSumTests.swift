import Support
import Testing

@testable import CacheModel

/// What a cluster's sum and the rates are made of, compared with the properties that there are.
@Suite struct NodeSumTests {
    @Test func everyFigureIsSummedOrLeftOutOnPurpose() throws {
        let node = Sample.node()
        let sum = try #require(NodeSnapshot.sum(of: [node, node], address: "all"))
        let missing = Set(Properties.empty(in: sum)).subtracting(Properties.empty(in: node))
        #expect(
            missing.sorted() == [
                "Memory.allocatorFragmentation", "Memory.allocatorFragmentationRatio", "Memory.system",
                "NodeSnapshot.slowlog", "Persistence.appendOnlyEnabled", "Persistence.changesSinceSave",
                "Persistence.lastAppendWriteSucceeded", "Persistence.lastRewriteSucceeded", "Persistence.lastSave",
                "Persistence.lastSaveSucceeded", "Persistence.loading", "Processor.system", "Processor.user",
                "Replication.primaryOffset", "Replication.replicas", "Server.hz", "Server.operatingSystem",
                "Server.processID", "Server.runID", "Server.tcpPort", "Server.time", "ServerInfo.clusterEnabled",
                "ServerInfo.errors", "Stats.instantaneousIn", "Stats.instantaneousOut",
            ], "what does not add up, or is shown node by node")
    }

    /// What is in a database on all nodes; a part of it is not it.
    @Test func databasesAddUpWhereAllNodesTell() throws {
        func sum(_ parts: [[Int: ServerInfo.Keyspace]?]) throws -> ServerInfo {
            let nodes = parts.map { part in
                var node = Sample.node()
                node.info?.keyspace = part ?? [:]
                node.info?.tellsKeyspace = part != nil
                return node
            }
            return try #require(NodeSnapshot.sum(of: nodes, address: "all")?.info)
        }
        let one = ServerInfo.Keyspace(keys: 10, expires: 4, averageTTL: .seconds(10))
        let all = try sum([[0: one], [0: ServerInfo.Keyspace(keys: 20, expires: 1, averageTTL: .seconds(60))], [:]])
        #expect(all.tellsKeyspace)
        #expect(all.keyspace == [0: ServerInfo.Keyspace(keys: 30, expires: 5, averageTTL: .seconds(20))])
        let untold = try sum([[0: one], [0: ServerInfo.Keyspace(keys: .max, expires: nil), 3: one]])
        #expect(untold.keyspace == [0: ServerInfo.Keyspace(keys: .max, expires: nil), 3: one])
        let none = try sum([[:], [:]])
        #expect(none.tellsKeyspace && none.keyspace.isEmpty)
        let silent = try sum([[0: one], nil])
        #expect(!silent.tellsKeyspace && silent.keyspace.isEmpty)
    }

    @Test func everyRateIsMadeOfACounter() {
        var rates = Rates()
        let paths = Counter.all.compactMap(\.rate)
        for path in paths { rates[keyPath: path] = 1 }
        #expect(Properties.empty(in: rates) == ["Rates.errors", "Rates.leftOut"], "those are made otherwise")
        #expect(Set(paths.map { $0 as AnyKeyPath }).count == paths.count)
    }

    @Test func everyCounterAddsUp() throws {
        var stats = ServerInfo.Stats()
        for counter in Counter.all { stats[keyPath: counter.total] = 3 }
        #expect(Properties.empty(in: stats) == ["Stats.instantaneousIn", "Stats.instantaneousOut", "Stats.latestFork"])
        var node = Sample.node()
        node.info?.stats = stats
        let sum = try #require(NodeSnapshot.sum(of: [node, node, node], address: "all")?.info?.stats)
        #expect(Counter.all.allSatisfy { sum[keyPath: $0.total] == 9 })
    }

    @Test func everyCounterOfOursIsSubtracted() throws {
        let own = Counter.all.compactMap(\.own)
        #expect(Set(own.map { $0 as AnyKeyPath }).count == Properties.names(of: OwnTraffic()).count)
        var later = Sample.node()
        for counter in Counter.all { later.info?.stats[keyPath: counter.total]? += 100 }
        let ours = OwnTraffic(commands: 40, bytesIn: 40, bytesOut: 40, hits: 40, misses: 40, errors: 40)
        let rates = try #require(Rates.between(Sample.node(), later, over: .seconds(10), own: ours))
        for counter in Counter.all {
            guard let rate = counter.rate else { continue }
            #expect(rates[keyPath: rate] == (counter.own == nil ? 10 : 6))
        }
    }
}
