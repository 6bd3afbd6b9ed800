public import CacheModel

/// Snapshots of a shop's cache in the states that screens, reports and rules are tried on.
public enum Sample {
    /// 2026-11-22 14:32:07.412 UTC, an hour after the watching began.
    public static let takenAt = WallTime(milliseconds: 1_795_357_927_412)
    public static let elapsed = Duration.seconds(3600)

    /// A quiet afternoon: half full, nothing to complain about.
    public static var healthy: Snapshot { snapshot(node()) }

    /// The hour of a campaign: full speed, slow queries, three quarters of the memory.
    public static var busy: Snapshot {
        var node = node()
        node.info?.memory.used = gibibytes(1.42)
        node.info?.memory.rss = gibibytes(1.61)
        node.info?.memory.peak = gibibytes(1.50)
        node.info?.clients.connected = 4_120
        node.info?.clients.blocked = 3
        node.keys = 5_012_345
        node.info?.keyspace[0] = ServerInfo.Keyspace(
            keys: 5_012_345, expires: 4_930_112, averageTTL: .milliseconds(2_841_220))
        node.slowlog = slowQueries
        node.slowlogLength = 128
        node.rates = rates(commands: 118_204, hitRatio: 0.931)
        return snapshot(node)
    }

    /// The same with a look at its keys.
    public static var surveyed: Snapshot {
        var snapshot = busy
        snapshot.namespaces = estimate
        return snapshot
    }

    /// And servers that publish what their stores have counted.
    public static var counted: Snapshot {
        var snapshot = surveyed
        func line(_ service: String, _ namespace: String, hits: Int, misses: Int, stale: Int = 0) -> CounterReport.Line
        {
            var counts = StoreCounts()
            (counts.hits, counts.misses, counts.stale, counts.loads) = (hits, misses, stale, misses)
            counts.loadMilliseconds = misses * 4
            var total = counts
            for _ in 0..<5 { total.add(counts) }
            return CounterReport.Line(
                service: service, namespace: namespace, total: total, recent: counts, over: .seconds(60))
        }
        let at = WallTime(seconds: takenAt.seconds - 3)
        var report = CounterReport(
            services: ["checkout-api", "search"].map { CounterReport.Service(name: $0, publishedAt: at) },
            lines: [
                line("checkout-api", "cart", hits: 60_000, misses: 60),
                line("checkout-api", "product", hits: 180_000, misses: 120_000, stale: 600),
                line("checkout-api", "token:blacklist", hits: 12, misses: 360_000),
                line("search", "product", hits: 900_000, misses: 18_000),
                line("search", "reviews", hits: 0, misses: 600),
            ])
        (report.serverHits, report.serverMisses) = (41_000, 9_000)
        snapshot.counters = report
        snapshot.nodes[0].rates?.hits = report.serverHits
        snapshot.nodes[0].rates?.misses = report.serverMisses
        snapshot.leaveOutChecks()
        return snapshot
    }

    /// A small server whose keys were all asked.
    public static var swept: Snapshot {
        var snapshot = healthy
        snapshot.namespaces = fullSweep
        return snapshot
    }

    /// 91 % of maxmemory, and the policy takes what it likes.
    public static var full: Snapshot {
        var snapshot = busy
        snapshot.nodes[0].info?.memory.used = gibibytes(1.82)
        snapshot.nodes[0].info?.memory.rss = gibibytes(2.01)
        snapshot.nodes[0].info?.memory.peak = gibibytes(1.83)
        snapshot.nodes[0].info?.stats.evictedKeys = 48_204
        snapshot.nodes[0].rates?.evicted = 140
        return snapshot
    }

    /// Nothing listens there.
    public static var unreachable: Snapshot {
        var node = NodeSnapshot(address: "cache-1:6379")
        node.refusal = Refusal(.refused)
        return snapshot(node)
    }

    /// A replica whose primary went away.
    public static var replica: Snapshot {
        var node = node()
        node.address = "cache-2:6379"
        node.info?.server.runID = "1f0e5c7d9ab84d2c8c1f6f1f6c1f0c2b7d3a9e55"
        node.info?.replication = ServerInfo.Replication()
        node.info?.replication.role = .replica
        node.info?.replication.primaryHost = "cache-1"
        node.info?.replication.primaryPort = 6379
        node.info?.replication.linkUp = false
        node.info?.replication.linkDownFor = .seconds(74)
        node.info?.replication.primaryOffset = 91_204_511
        return snapshot(node, target: "redis://cache-2:6379/0")
    }

    /// An ACL user that may only INFO and PING.
    public static var denied: Snapshot {
        var node = node()
        node.keys = nil
        node.slowlog = nil
        node.slowlogLength = nil
        node.settings = [:]
        node.user = nil
        node.denied = [
            DeniedCommand(command: "DBSIZE", needs: "+dbsize"),
            DeniedCommand(command: "SLOWLOG GET", needs: "+slowlog|get"),
            DeniedCommand(command: "SLOWLOG LEN", needs: "+slowlog|len"),
            DeniedCommand(command: "CONFIG GET", needs: "+config|get"),
            DeniedCommand(command: "CLIENT NO-EVICT", needs: nil),
            DeniedCommand(command: "INFO COMMANDSTATS", needs: nil, words: "ERR command is not allowed"),
        ]
        node.commands = nil
        node.unanswered = [
            Unanswered("ACL WHOAMI", .notUnderstood, "expected a string in the reply, found an integer")
        ]
        return snapshot(node, target: "redis://watcher:***@cache-1:6379/0")
    }

    /// Numbers and texts that no honest server sends; the texts are escaped, as the parsers leave them.
    public static var hostile: Snapshot {
        var node = busy.nodes[0]
        let huge = ByteCount(.max)
        node.info?.memory.used = huge
        node.info?.memory.rss = ByteCount(.min)
        node.info?.memory.peak = huge
        node.info?.memory.maximum = ByteCount(1)
        node.info?.memory.notCountedForEviction = ByteCount(.min)
        node.info?.memory.policy = Printable.escape("\u{1b}]0;owned\u{7}")
        node.info?.clients.connected = .max
        node.info?.clients.maximum = 1
        node.info?.clients.blocked = .min
        node.info?.server.uptime = .max
        node.info?.server.version = Printable.escape("7\u{202e}\u{1b}[2J\n\"\\" + String(repeating: "9", count: 300))
        node.info?.stats.keyspaceHits = .max
        node.info?.stats.keyspaceMisses = .max
        node.info?.stats.latestFork = .microseconds(Int.max)
        node.info?.keyspace = [.max: ServerInfo.Keyspace(keys: .max, expires: .min, averageTTL: .milliseconds(Int.max))]
        node.info?.errors = [Printable.escape("OOM\"\n"): .max]
        node.rates?.commands = .infinity
        node.rates?.hits = .nan
        node.rates?.evicted = 1e300
        node.keys = .max
        node.roundTrip = .seconds(Int.max)
        node.slowlog = [
            SlowlogEntry(
                id: .max, at: WallTime(milliseconds: .max), duration: .microseconds(Int.max),
                command: [Printable.escape("\u{1b}c\u{202e}日本語\0"), String(repeating: "x", count: 400)],
                client: Printable.escape("\u{9b}31m"), clientName: ""),
            SlowlogEntry(id: .min, at: WallTime(milliseconds: .min), duration: .zero, command: []),
        ]
        return snapshot(node)
    }

    /// The alerts that a single look at a snapshot raises.
    public static func alerts(of snapshot: Snapshot) -> [Alert] {
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot)
        return engine.raised
    }

    public static func snapshot(_ node: NodeSnapshot, target: String = "redis://cache-1:6379/0") -> Snapshot {
        Snapshot(takenAt: takenAt, elapsed: elapsed, target: target, nodes: [node])
    }
}

extension Sample {
    /// The node of ``healthy``, for a test to change.
    public static func node() -> NodeSnapshot {
        var node = NodeSnapshot(address: "cache-1:6379")
        node.info = info()
        node.keys = 2_481_902
        node.slowlog = Array(slowQueries.suffix(2))
        node.slowlogLength = 2
        node.settings = ["slowlog-log-slower-than": "10000", "slowlog-max-len": "128"]
        node.commands = [
            "get": CommandStats(calls: 91_204_511, time: .seconds(182), rejectedCalls: 0, failedCalls: 0),
            "setex": CommandStats(calls: 11_400_212, time: .seconds(41), rejectedCalls: 0, failedCalls: 3),
            "hgetall": CommandStats(calls: 4_018_331, time: .seconds(96), rejectedCalls: 0, failedCalls: 0),
            "incr": CommandStats(calls: 2_911_007, time: .seconds(4), rejectedCalls: 0, failedCalls: 0),
        ]
        node.user = "default"
        node.defaultUserOpen = false
        node.roundTrip = .microseconds(412)
        node.rates = rates(commands: 18_204, hitRatio: 0.964)
        node.ownLoad = OwnLoad(commands: 4, bytes: 9_216)
        return node
    }

    private static func info() -> ServerInfo {
        var info = ServerInfo()
        info.server.software = .redis
        info.server.version = "7.0.15"
        info.server.mode = "standalone"
        info.server.operatingSystem = "Linux x86_64"
        info.server.processID = 1
        info.server.runID = "5d0f1c2e77a94b0c9a1d3d5ee6b8f7a4c2e19b30"
        info.server.tcpPort = 6379
        info.server.time = takenAt
        info.server.uptime = 1_051_200
        info.server.hz = 10
        info.clients.connected = 412
        info.clients.maximum = 10_000
        info.clients.blocked = 0
        info.clients.tracking = 0
        info.memory = memory()
        info.persistence.loading = false
        info.persistence.changesSinceSave = 18_402
        info.persistence.lastSave = WallTime(seconds: takenAt.seconds - 220)
        info.persistence.lastSaveSucceeded = true
        info.persistence.appendOnlyEnabled = true
        info.persistence.lastAppendWriteSucceeded = true
        info.persistence.lastRewriteSucceeded = true
        info.stats = stats()
        info.replication.role = .primary
        info.replication.connectedReplicas = 1
        info.replication.primaryOffset = 91_204_598
        info.replication.replicas = [
            ServerInfo.Replica(address: "10.0.0.6:6379", state: "online", offset: 91_204_511, lag: .seconds(0))
        ]
        info.processor.system = 1_204.5
        info.processor.user = 2_911.25
        info.clusterEnabled = false
        info.keyspace = [
            0: ServerInfo.Keyspace(keys: 2_481_902, expires: 2_430_144, averageTTL: .milliseconds(2_841_220))
        ]
        info.errors = ["ERR": 3]
        return info
    }

    private static func memory() -> ServerInfo.Memory {
        var memory = ServerInfo.Memory()
        memory.used = gibibytes(0.98)
        memory.rss = gibibytes(1.11)
        memory.peak = gibibytes(1.20)
        memory.dataset = gibibytes(0.81)
        memory.maximum = gibibytes(2)
        memory.policy = "allkeys-lru"
        memory.system = gibibytes(8)
        memory.notCountedForEviction = 0
        memory.fragmentationRatio = 1.13
        memory.allocatorFragmentationRatio = 1.08
        memory.allocatorFragmentation = 68_157_440
        memory.clients = 4_299_161
        return memory
    }

    private static func stats() -> ServerInfo.Stats {
        var stats = ServerInfo.Stats()
        stats.connectionsReceived = 91_402
        stats.commandsProcessed = 182_204_511
        stats.operationsPerSecond = 18_204
        stats.bytesIn = 41_209_884_112
        stats.bytesOut = 218_402_118_920
        stats.instantaneousIn = 4_198.4
        stats.instantaneousOut = 22_220.8
        stats.rejectedConnections = 0
        stats.expiredKeys = 9_120_441
        stats.evictedKeys = 0
        stats.keyspaceHits = 88_204_912
        stats.keyspaceMisses = 3_294_021
        stats.latestFork = .microseconds(18_420)
        stats.errorReplies = 3
        return stats
    }

    private static func rates(commands: Double, hitRatio: Double) -> Rates {
        var rates = Rates()
        let lookups = commands * 0.7
        rates.commands = commands
        rates.hits = lookups * hitRatio
        rates.misses = lookups * (1 - hitRatio)
        rates.evicted = 0
        rates.expired = 902
        rates.inputBytes = commands * 236
        rates.outputBytes = commands * 1_250
        rates.connections = 12
        rates.rejectedConnections = 0
        rates.errorReplies = 0
        return rates
    }

    private static let slowQueries: [SlowlogEntry] = [
        slow(1_731, ago: 9, .microseconds(18_200), ["KEYS", "product:*"], "10.0.3.7:51234"),
        slow(1_730, ago: 23, .microseconds(12_900), ["HGETALL", "cart:user:91204"], "10.0.3.9:40112", "checkout"),
        slow(1_729, ago: 41, .microseconds(11_400), ["SMEMBERS", "blacklist:user:4711"], "10.0.3.7:51236"),
        slow(1_728, ago: 602, .microseconds(24_800), ["ZRANGE", "api:cache:bestsellers", "0", "-1"], "10.0.3.8:38840"),
        slow(1_727, ago: 7_204, .microseconds(10_300), ["GET", "product:123e4567"], "10.0.3.9:40112", "checkout"),
    ]

    private static func slow(
        _ id: Int, ago seconds: Int64, _ duration: Duration, _ command: [String], _ client: String, _ name: String = ""
    ) -> SlowlogEntry {
        SlowlogEntry(
            id: id, at: WallTime(seconds: takenAt.seconds - seconds), duration: duration, command: command,
            client: client, clientName: name)
    }

    private static func gibibytes(_ count: Double) -> ByteCount { ByteCount(Int(count * 1_073_741_824)) }
}
