import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct ClusterTests {
    private func settings(_ seeds: [String], _ change: (inout Settings) -> Void = { _ in }) throws -> Settings {
        var settings = Settings()
        settings.endpoint = try Endpoint(url: "redis://" + seeds[0])
        settings.clusterEnabled = true
        settings.clusterNodes = seeds
        settings.timeout = .seconds(2)
        change(&settings)
        return settings
    }

    private func single(_ url: String) throws -> Settings {
        var settings = Settings()
        settings.endpoint = try Endpoint(url: url)
        return settings
    }

    /// Keys of all namespaces, some with hash tags.
    private func commands(_ count: Int) -> [String] {
        (0..<count).map { index in
            switch index % 4 {
            case 0: "SET session:\(index) x EX 5000"
            case 1: "SET product:\(index) \(String(repeating: "p", count: index % 50)) EX 3600"
            case 2: "SET cart:{u\(index % 40)}:\(index) x EX 3600"
            default: "SET other:\(index) x"
            }
        }
    }

    /// Whoever may not ask for DBSIZE still draws from every node according to its size.
    @Test func estimateOfAClusterNeedsNoDBSIZE() async throws {
        let farm = try ClusterFarm()
        try farm.fill(commands(1200))
        for server in farm.servers { try server.cli("ACL", "SETUSER", "default", "-dbsize") }
        let collector = SnapshotCollector(settings: try settings(farm.addresses))
        for _ in 0..<2 {
            let report = await collector.surveyor.estimate(sample: 1100)
            #expect(report.refusal == nil && report.keys == 1200 && (1090...1110).contains(report.examined))
            #expect(report.denied.map(\.command).contains("DBSIZE"))
        }
        // Where one does not tell at all, nobody knows how many there are; the parts are as equal as can be known.
        try farm.servers[0].cli("ACL", "SETUSER", "default", "-info")
        let report = await collector.surveyor.estimate(sample: 1100)
        #expect(report.examined > 1000 && report.refusal?.kind == .noPermission && !report.complete)
        await collector.close()
    }

    /// A node that is full of expired keys is drawn from by what is left, and not by what it counts.
    @Test func expiredKeysOfOneNodeAreNoKeysOfAnother() async throws {
        let farm = try ClusterFarm(arguments: ["--enable-debug-command", "yes"])
        for server in farm.servers { try server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "0") }
        let expired = (0..<12_000).map { "SET session:{one}:old:\($0) x PX 1" }
        let live = (0..<900).map { "SET session:{one}:\($0) x EX 3600" }
        try farm.fill(expired + live + (0..<3000).map { "SET product:\($0) x EX 3600" })
        let collector = SnapshotCollector(settings: try settings(farm.addresses))
        let report = await collector.surveyor.estimate(sample: 2000)
        let session = try #require(report["session"])
        // Nine of ten draws would fall on its node by DBSIZE, and 1,600 keys be told. By how many keys its page of 200 holds
        // the figure varies by a tenth.
        #expect((550...1250).contains(session.keys.value), "\(session.keys)")
        await collector.close()
    }

    @Test func everyNodeIsFoundFromAnyOfThem() async throws {
        let farm = try ClusterFarm(replicas: 1)
        try farm.fill(commands(400))
        for seed in [farm.addresses[0], farm.addresses[5]] {
            let collector = SnapshotCollector(settings: try settings([seed]))
            let snapshot = await collector.collect()
            #expect(snapshot.deployment == .cluster)
            #expect(Set(snapshot.nodes.map(\.address)) == Set(farm.addresses))
            let isUp = snapshot.nodes.allSatisfy { $0.reachable }
            #expect(isUp)
            #expect(snapshot.nodes.prefix(3).map(\.role) == [.primary, .primary, .primary])
            #expect(snapshot.topology?.cluster?.coveredSlots == 16_384)
            #expect(snapshot.sum?.keys == 400)
            let used = snapshot.nodes.prefix(3).compactMap { $0.info?.memory.used?.bytes }.reduce(0, +)
            #expect(snapshot.sum?.info?.memory.used?.bytes == used)
            await collector.close()
        }
    }

    /// Redis 6.2 knows no CLUSTER SHARDS.
    @Test(arguments: RedisServer.Software.allCases)
    func sweepAndEstimateSeeTheWhole(_ software: RedisServer.Software) async throws {
        let farm = try ClusterFarm(software: software)
        try farm.fill(commands(3000))
        let collector = SnapshotCollector(settings: try settings([farm.addresses[1]]))
        let sweep = await collector.surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        #expect(sweep.complete && sweep.keys == 3000, "\(String(describing: sweep.refusal))")
        func keys(_ report: NamespaceReport, _ name: String) -> Estimated? {
            report.items.first { $0.name == name }?.keys
        }
        for name in ["session", "product", "cart"] { #expect(keys(sweep, name)?.value == 750, "\(name)") }
        let estimate = await collector.surveyor.estimate(sample: 1500)
        #expect(estimate.keys == 3000 && estimate.refusal == nil)
        let session = try #require(keys(estimate, "session"))
        // One draw in twenty may miss its interval; none is far off.
        #expect(abs(session.value - 750) < 200, "\(session)")
        await collector.close()
    }

    /// Slots move all through a sweep: each key is counted once, with its size.
    @Test(arguments: [true, false])
    func slotsMoveDuringASweep(full: Bool) async throws {
        let farm = try ClusterFarm()
        try farm.fill(commands(12_000))
        let collector = SnapshotCollector(settings: try settings(farm.addresses))
        let before = await collector.surveyor.sweep(SweepOptions(full: full, pace: .fast), control: SweepControl())
        #expect(before.complete && before.keys == 12_000)
        let layout = try await Cluster(settings: try settings(farm.addresses)).layout()
        let reshard = try farm.reshard(slots: 1500, from: 0, to: 1)
        defer { _ = reshard.wait() }
        var sweeps = 0
        var moved = 0
        // On a busy machine all may have moved by the end of the first sweep, and it is the one that counts then.
        var sweptAmongMoves = 0
        func movedNow() async throws -> Int {
            let now = try await Cluster(settings: try settings(farm.addresses)).layout()
            return try #require(now).touched(since: try #require(layout)).count
        }
        repeat {
            let movedBefore = try await movedNow()
            let sweep = await collector.surveyor.sweep(
                SweepOptions(full: full, pace: .fast), control: SweepControl())
            #expect(sweep.complete && sweep.keys == 12_000, "\(sweep.keys) \(String(describing: sweep.refusal))")
            for (one, other) in zip(before.items, sweep.items) where one.name == other.name {
                #expect(one.keys.value == other.keys.value, "\(one.name)")
                if full { #expect(one.bytes?.value == other.bytes?.value, "\(one.name)") }
            }
            sweeps += 1
            moved = try await movedNow()
            if moved > movedBefore { sweptAmongMoves += 1 }
        } while moved < 1500 && sweeps < 500
        #expect(moved >= 1500 && sweptAmongMoves > 0, "\(sweeps) sweeps while \(moved) slots moved")
        await collector.close()
    }

    @Test func keysAreListedFromAllNodes() async throws {
        let farm = try ClusterFarm()
        try farm.fill(commands(400))
        let browser = KeyBrowser(settings: try settings(farm.addresses))
        var names: Set<[UInt8]> = []
        var cursor: [UInt8]?
        repeat {
            let page = await browser.page(of: .namespace("session"), from: cursor, wanted: 50)
            #expect(page.refusal == nil)
            for row in page.rows { names.insert(row.name) }
            cursor = page.cursor
        } while cursor != nil
        #expect(names.count == 100)
        for key in ["session:0", "session:4", "session:8", "cart:{u2}:2"] {
            #expect(try await browser.inspect(Array(key.utf8)).exists, "\(key)")
            let found = await browser.page(of: .pattern(Glob(key)), wanted: 1)
            #expect(found.rows.count == 1, "\(key)")
        }
        await browser.close()
    }

    /// A node that hangs keeps nobody waiting.
    @Test func aHungNodeDelaysNobody() async throws {
        let farm = try ClusterFarm()
        let collector = SnapshotCollector(settings: try settings(farm.addresses) { $0.timeout = .seconds(20) })
        _ = await collector.collect()
        farm.servers[1].signal(SIGSTOP)
        defer { farm.servers[1].signal(SIGCONT) }
        let began = ContinuousClock.now
        let snapshot = await collector.collect()
        // The bound is the time-out: whoever waited for the node would wait for all of it.
        #expect(ContinuousClock.now - began < .seconds(10))
        let hung = try #require(snapshot.nodes.first { $0.address == farm.addresses[1] })
        #expect(hung.late != nil && hung.reachable, "it stands there as it was last seen")
        // A busy machine makes others late as well.
        await eventually("only that one is late") {
            await collector.collect().nodes.filter { $0.late != nil }.map(\.address) == [farm.addresses[1]]
        }
        await collector.close()
    }

    @Test func aDeadPrimaryIsTold() async throws {
        let farm = try ClusterFarm(replicas: 1)
        let collector = SnapshotCollector(settings: try settings(farm.addresses))
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(await collector.collect())
        #expect(!engine.raised.contains { $0.id == .clusterDegraded }, "\(engine.raised.map(\.message))")
        farm.servers[0].stop()
        _ = engine.evaluate(await collector.collect())
        #expect(engine.raised.contains { $0.id == .clusterDegraded && $0.level == .critical })
        try farm.expectsFailure()
        func watch(_ engine: inout AlertEngine, until isSo: (AlertEngine) -> Bool) async -> Snapshot {
            let end = ContinuousClock.now + .seconds(60)
            while true {
                let snapshot = await collector.collect()
                _ = engine.evaluate(snapshot)
                if isSo(engine) || ContinuousClock.now > end { return snapshot }
            }
        }
        // The nodes need the processor until they have agreed.
        try eventually("a replica takes its place") { try farm.servers[3].cli("ROLE").hasPrefix("master") }
        let snapshot = await watch(&engine) { engine in
            engine.raised.contains { $0.id == .primaryChanged }
                && engine.raised.first { $0.id == .clusterDegraded }?.level == .warning
        }
        #expect(engine.raised.contains { $0.id == .primaryChanged })
        #expect(snapshot.topology?.cluster?.coveredSlots == 16_384)
        try farm.servers[0].restart()
        try eventually("it is a replica") { try farm.servers[0].cli("ROLE").hasPrefix("slave") }
        _ = await watch(&engine) { engine in !engine.raised.contains { $0.id == .clusterDegraded } }
        #expect(!engine.raised.contains { $0.id == .clusterDegraded }, "it is back as a replica")
        await collector.close()
    }

    @Test func acrossATunnelTheMapSaysWhatIsDialled() async throws {
        let farm = try ClusterFarm()
        try farm.fill(commands(100))
        // Nodes announce a name that nobody can reach from here.
        for (index, server) in farm.servers.enumerated() {
            try server.cli("CONFIG", "SET", "cluster-announce-hostname", "node-\(index).invalid")
            try server.cli("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname")
        }
        let announced = farm.servers.enumerated().map { "node-\($0).invalid:\($1.port)" }
        try eventually("all know all names") {
            try farm.servers[0].cli("CLUSTER", "SHARDS").components(separatedBy: ".invalid").count - 1 >= 6
        }
        let map = Dictionary(uniqueKeysWithValues: zip(announced, farm.addresses))
        let collector = SnapshotCollector(settings: try settings([farm.addresses[0]]) { $0.addressMap = map })
        let snapshot = await collector.collect()
        #expect(snapshot.sum?.keys == 100 && snapshot.nodes.allSatisfy(\.reachable))
        await collector.close()
    }

    @Test func aServerOfItsOwnIsNoCluster() async throws {
        let server = try RedisServer()
        let collector = SnapshotCollector(settings: try settings(["127.0.0.1:\(server.port)"]))
        let report = await collector.surveyor.estimate(sample: 100)
        #expect(report.refusal?.kind == .noCluster)
        await collector.close()
        let farm = try ClusterFarm()
        let alone = SnapshotCollector(settings: try single(farm.servers[0].url))
        #expect((await alone.collect()).nodes[0].warnings.contains { $0.contains("--cluster") })
        await alone.close()
    }

    /// An instant without a server makes nobody older than `CLUSTER SHARDS`.
    @Test(arguments: [
        ("ERR Unknown subcommand or wrong number of arguments for 'SHARDS'. Try CLUSTER HELP.", true),
        ("ERR 42", true), ("upstream failure", false), ("LOADING Redis is loading the dataset in memory", false),
        ("NOPERM this user has no permissions to run the 'cluster|shards' command", false),
    ])
    func whoDoesNotKnowShardsIsAskedForSlots(words: String, lacksShards: Bool) async throws {
        let server = try AnsweringServer { command, _ in
            command.starts(with: ["CLUSTER", "SHARDS"]) ? .error(words) : .status("OK")
        }
        let line = try node(server.url).line(.members)
        let answer = await ClusterAnswer.ask(line, knowsShards: true, timeout: .seconds(5))
        #expect(answer.lacksShards == lacksShards)
        #expect(server.seen.contains(["CLUSTER", "SLOTS"]) == lacksShards)
        await line.close()
    }
}
