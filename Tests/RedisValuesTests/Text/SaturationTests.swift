import CacheModel
import RedisValues
import Testing

@Suite struct SaturationTests {
    @Test(
        arguments: [
            (1, 2, 3, -1), (.max, 1, .max, .max - 1), (.min, 1, .min + 1, .min), (.min, -1, .min, .min + 1),
            (.max, -1, .max - 1, .max), (.max, .min, -1, .max), (0, .min, .min, .max), (.min, .min, .min, 0),
            (.min, .max, -1, .min),
        ] as [(Int, Int, Int, Int)])
    func sumsAndDifferencesEndWhereTheTypeEnds(left: Int, right: Int, sum: Int, difference: Int) {
        #expect(left +| right == sum)
        #expect(left -| right == difference)
        var number = left
        number +|= right
        #expect(number == sum)
        number = left
        number -|= right
        #expect(number == difference)
    }

    @Test func productsEndWhereTheTypeEnds() {
        let products: [Int] = [Int.max *| 2, Int.min *| 2, Int.max *| -2, Int.min *| -1, 3 *| -4, 0 *| Int.min]
        #expect(products == [.max, .min, .min, .max, -12, 0])
    }

    @Test func anyTimeIsAWholeNumber() {
        #expect(Duration.milliseconds(Int64.max).wholeMilliseconds > 8_999_999_999_999_999_999)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds > 8_999_999_999_999_999_999)
        #expect(Duration.seconds(Int64.min).wholeSeconds < -8_999_999_999_999_999_999)
        #expect(Duration.milliseconds(86_399_999).wholeMilliseconds == 86_399_999)
        #expect(Format.age(.seconds(Int64.max) + .seconds(Int64.max)).hasSuffix(" d"))
        #expect(
            WallTime(milliseconds: .max).clock(offset: 7200).count == 8
                && WallTime(milliseconds: .max).iso8601.hasPrefix("2922"))
        #expect(WallTime(milliseconds: .max).secondsRoundedUp > 0)
    }
}

/// Bytes of a server are data: no number in them ends the program, and none becomes a plausible one.
@Suite struct AbsurdNumberTests {
    private static let absurd = ["-9223372036854775808", "-9223372036854775807", "-1", "9223372036854775807", "1"]

    private func stats(_ calls: String, _ time: String) -> [String: CommandStats] {
        InfoParser.commandStats(
            Array("cmdstat_scan:calls=\(calls),usec=\(time),rejected_calls=\(calls),failed_calls=\(time)\r\n".utf8))
    }

    @Test func negativeCountsAreNotRead() {
        #expect(stats("-1", "1").isEmpty && stats("1", "-1").isEmpty)
        let info = InfoParser.parse(
            Array(
                "db0:keys=-1,expires=2\r\ndb1:keys=3,expires=-2,avg_ttl=-5\r\nerrorstat_OOM:count=-4\r\nslave0:ip=a,port=1,offset=-1,lag=-1\r\n"
                    .utf8))
        #expect(info.keyspace == [1: ServerInfo.Keyspace(keys: 3)])
        #expect(info.errors.isEmpty)
        #expect(info.replication.replicas.map(\.offset) == [nil] && info.replication.replicas.map(\.lag) == [nil])
        #expect(throws: RESPShapeError.self) { try RESPValue.integer(-1).count }
        #expect((try? RESPValue.integer(.max).count) == .max)
    }

    @Test func ourShareOfAnyStatisticsIsATime() {
        for before in Self.absurd {
            for after in Self.absurd {
                let own = ["scan": 1 << 40]
                let time = Receipt.serverTime(before: stats(before, before), after: stats(after, after), own: own)
                if let time { #expect(time >= .zero && time <= .microseconds(Int.max)) }
                _ = Receipt.serverTime(
                    before: ["scan": CommandStats(calls: .min, time: .zero)],
                    after: ["scan": CommandStats(calls: .max, time: .microseconds(Int.max))], own: own)
            }
        }
    }

    @Test func receiptsAddUpToTheLargestNumber() {
        var receipt = Receipt()
        receipt.commands = .max
        (receipt.hits, receipt.misses, receipt.errors) = (.max, .max, .max)
        let sum = receipt + receipt
        #expect(sum.commands == .max && sum.hits == .max && sum.misses == .max && sum.errors == .max)
    }

    @Test func statesOfAClusterAreBounded() {
        var map = ClusterMap(shards: [])
        for number in Self.absurd {
            map.apply(
                info: Array(
                    "cluster_slots_fail:\(number)\r\ncluster_slots_pfail:\(number)\r\ncluster_current_epoch:\(number)\r\n"
                        .utf8))
            #expect(map.epoch >= 0 && (0...KeySlot.count).contains(map.failingSlots))
        }
    }

    /// Polls of two nodes with every pair of absurd numbers, and all that follows from them.
    @Test func figuresOfNodesEndNoProgram() throws {
        let names = [
            "connected_clients", "maxclients", "blocked_clients", "used_memory", "used_memory_rss", "maxmemory",
            "total_system_memory", "mem_not_counted_for_evict", "used_memory_dataset", "allocator_frag_bytes",
            "total_connections_received", "total_commands_processed", "total_net_input_bytes", "expired_keys",
            "evicted_keys", "keyspace_hits", "keyspace_misses", "rejected_connections", "latest_fork_usec",
            "connected_slaves", "uptime_in_seconds", "server_time_usec", "rdb_last_save_time",
            "master_link_down_since_seconds", "instantaneous_ops_per_sec",
        ]
        func node(_ number: String, _ address: String) throws -> NodeSnapshot {
            var node = NodeSnapshot(address: address)
            let fields = names.map { "\($0):\(number)\r\n" }.joined()
            node.info = InfoParser.parse(
                Array(
                    (fields + "role:master\r\ndb0:keys=\(number)\r\nerrorstat_OOM:count=\(number)\r\n"
                        + "slave0:ip=a,port=1,state=online,lag=\(number)\r\n").utf8))
            node.keys = Int(number)
            node.commands = stats(number, number)
            node.slowlog = try SlowlogEntry.list(
                .array([
                    .array([
                        .integer(try #require(Int64(number))), .integer(try #require(Int64(number))),
                        .integer(try #require(Int64(number))), .array([.string(Array("KEYS".utf8))]),
                    ])
                ]))
            return node
        }
        var engine = AlertEngine()
        var history = History()
        var second = 0
        for first in Self.absurd {
            for other in Self.absurd {
                second += 1
                var nodes = [try node(first, "a:1"), try node(other, "b:1")]
                nodes[1].rates = .between(nodes[0], nodes[1], over: .seconds(1))
                let sum = try #require(NodeSnapshot.sum(of: nodes, address: "all"))
                nodes.append(sum)
                for node in nodes { history.record(node, at: .seconds(second)) }
                var snapshot = Snapshot(
                    takenAt: WallTime(seconds: Int64(second)), elapsed: .seconds(second), target: "t", nodes: nodes)
                snapshot.sum = sum
                _ = engine.evaluate(snapshot)
                _ = nodes.map { ($0.pressure, $0.hitRatio, $0.clientShare, $0.blockedShare, $0.sizeBudget) }
            }
        }
        let most = [try node("9223372036854775807", "a:1"), try node("9223372036854775807", "b:1")]
        let sum = NodeSnapshot.sum(of: most, address: "all")
        #expect(sum?.keys == .max && sum?.info?.stats.keyspaceHits == .max && sum?.info?.memory.used?.bytes == .max)
        #expect(sum?.commands?["scan"]?.calls == .max)
    }

    /// Tallies at their ends, and every report that is made of them.
    @Test func talliesEndNoProgram() {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        var part = NamespaceTally()
        (part.keys, part.examined, part.bytes, part.timed, part.aboveContract) = (.max, .max, .max, .max, .max)
        (part.watched, part.idle, part.watchedBytes, part.idleBytes) = (.max, .max, .max, .max)
        part.types = part.types.map { _ in .max }
        part.lifetimes.never = .max
        for bin in stride(from: 0, to: SizeHistogram.count, by: 20) { part.sizes.add(bin: bin, count: .max) }
        for bin in 0..<LifetimeHistogram.count { part.lifetimes.add(bin: bin, count: .max) }
        for namespace in 0...tally.otherIndex {
            for _ in 0..<2 { tally.merge(part, namespace: namespace) }
        }
        for _ in 0..<2 { tally.merge(prefix: Array("a:".utf8), keys: .max, bytes: .max, sized: .max) }
        let whole = tally
        tally.merge(whole)
        tally.count(Array("session:1".utf8).span)
        tally.note(
            KeyFacts(type: .string, lifetime: .milliseconds(.max), bytes: .max, idle: .max),
            key: Array("session:1".utf8).span, namespace: 1)
        #expect(tally.keys == .max && tally.namespaces[0].bytes == .max && tally.namespaces[0].sizes.total == .max)
        var circumstances = NamespaceReport.Circumstances(takenAt: WallTime(seconds: 1), elapsed: .zero, took: .zero)
        circumstances.budget = 1e30
        for keys in [0, 1, Int.max] {
            for report in [
                NamespaceReport.estimate(tally, keys: keys, circumstances),
                NamespaceReport.sweep(tally, full: true, complete: true, expected: keys, circumstances),
                NamespaceReport.sweep(tally, full: false, complete: false, expected: keys, circumstances),
            ] {
                for usage in report.all {
                    _ = (usage.p99Size, usage.sizes.quantile(1), usage.sizes.octaves, usage.coverage, usage.contract)
                    _ = (usage.forecast.cliffs, usage.lifetimes.stretches, usage.keys.value.whole)
                }
            }
        }
    }

    @Test func plansAndProgressEndNoProgram() {
        var plan = FlushPlan(scope: .namespace("session"), protected: false, target: "t", database: 0, nodes: [])
        (plan.keys, plan.bytes) = (.max, .max)
        #expect(plan.journalEstimate == .max)
        (plan.keys, plan.bytes) = (2, 100)
        #expect(plan.journalEstimate == 180)
        var progress = OperationProgress()
        (progress.examined, progress.expected, progress.elapsed) = (1, .max, .seconds(86_400))
        #expect(progress.remaining == .seconds(1_000_000_000))
    }
}

/// What a server may say is bounded, and what it says is not kept beyond.
@Suite struct BoundedReplyTests {
    @Test func linesOfInfoAreReadOneAfterTheOther() {
        let text = "\r\n# Server\r\n\r\nuptime_in_seconds:5\nrole:master\rx"
        #expect(InfoParser.parse(Array(text.utf8)).server.uptime == 5)
        let many = String(repeating: "a\n", count: 70_000) + "uptime_in_seconds:5\n"
        #expect(InfoParser.parse(Array(many.utf8)).server.uptime == nil)
        let commands = (0..<5000).map { "cmdstat_c\($0):calls=1,usec=1" }.joined(separator: "\r\n")
        #expect(InfoParser.commandStats(Array(commands.utf8)).count == 4096)
    }

    @Test func slowLogKeepsWhatASlowLogHas() throws {
        let word = RESPValue.string([UInt8](repeating: 0x61, count: 5000))
        let entry = RESPValue.array([
            .integer(1), .integer(2), .integer(3), .array(Array(repeating: word, count: 500)), word, word,
        ])
        let small = RESPValue.array([.integer(1), .integer(2), .integer(3), .array([.string([0x61])])])
        let entries = try SlowlogEntry.list(.array([entry] + Array(repeating: small, count: 1499)))
        #expect(entries.count == 1024 && entries[0].command.count == 64)
        #expect(entries[0].command.allSatisfy { $0.count <= 1024 } && entries[0].client.count <= 1024)
    }

    @Test func refusalsAreNotBooks() {
        #expect(Refusal(.commandFailed, detail: String(repeating: "a", count: 9000)).detail.count == 4001)
        #expect(Refusal(.commandFailed, detail: "ERR no").detail == "ERR no")
    }

    /// A thousand shards of a thousand replicas, each of which claims every slot a thousand times.
    @Test func nodesAndSlotsOfAClusterAreBounded() throws {
        func text(_ words: String) -> RESPValue { .string(Array(words.utf8)) }
        func node(_ number: Int, _ role: String) -> RESPValue {
            .array([
                text("ip"), text("10.0.\(number / 250).\(number % 250)"), text("port"), .integer(6379), text("role"),
                text(role),
            ])
        }
        let slots = RESPValue.array((0..<1000).flatMap { _ in [RESPValue.integer(0), .integer(16383)] })
        let shards = (0..<50).map { shard -> RESPValue in
            let nodes = (0..<50).map { node(shard * 50 + $0, $0 == 0 ? "master" : "replica") }
            return .array([text("slots"), slots, text("nodes"), .array(nodes)])
        }
        let map = try ClusterMap(shards: .array(shards), host: "h", usesTLS: false)
        #expect(map.primaries.count + map.replicas.count == 1000)
        #expect(map.shards.allSatisfy { $0.slots == [0...16383] })
    }
}
