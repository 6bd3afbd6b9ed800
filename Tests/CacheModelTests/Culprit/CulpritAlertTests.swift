import Support
import Testing

@testable import CacheModel

/// Alerts say who it is: eleven made-up minutes in front of each.
@Suite struct CulpritAlertTests {
    /// A server that is polled every second; commands are counted every tenth poll, clients looked at as often, keys every
    /// minute.
    private struct World {
        var engine: AlertEngine
        var second = 0
        private var generator = SeededGenerator(seed: 17)
        private(set) var latest: NamespaceReport?
        private(set) var looks: ClientLook?
        /// Of the looks, where that is worked out beside the alerts.
        var study: ClientStudy?
        private var times = ["get": 0.0, "set": 0.0, "hset": 0.0, "unlink": 0.0, "info": 0.0]
        private var sent = [1: 0.0, 2: 0.0, 3: 0.0]
        /// What is asked and held a second.
        var rates = ["get": 9000.0, "set": 400, "hset": 200, "info": 300]
        var traffic = [1: 60_000.0, 2: 40_000, 3: 1_000]
        var isCounted = true
        var refused: Refusal?
        var keys = ["session": 400_000.0, "product": 300_000, "other": 1_000]
        var growth: [String: Double] = [:]
        var buffers = 0.0
        /// Bytes of a key.
        let size = 200.0
        let maximum = 400_000_000.0
        /// Keys without a TTL where one is due, and what comes to them a second; nil where all may last.
        var lasting: (keys: [String: Double], growth: [String: Double])?
        /// How often keys are looked at.
        var period = 60
        var noise = 0.1

        init(immediate: Bool = false) { engine = AlertEngine(immediate: immediate) }

        private mutating func shaken(_ rate: Double) -> Double {
            rate * (1 + noise * Double.random(in: -1...1, using: &generator))
        }

        mutating func run(_ seconds: Int, _ change: (inout NodeSnapshot) -> Void = { _ in }) {
            for _ in 0..<seconds {
                step(change)
            }
        }

        private mutating func step(_ change: (inout NodeSnapshot) -> Void) {
            second += 1
            for name in times.keys.sorted() { times[name, default: 0] += shaken(rates[name] ?? 0) }
            for id in sent.keys.sorted() { sent[id, default: 0] += shaken(traffic[id] ?? 0) }
            for (name, count) in growth { keys[name, default: 0] += count }
            for (name, count) in lasting?.growth ?? [:] {
                lasting?.keys[name, default: 0] += count
                keys[name, default: 0] += count
            }
            let all = keys.values.reduce(0, +)
            let dataset = all * (size - 40) + Double.random(in: -1...1, using: &generator) * noise * 400_000
            var node = Sample.node()
            node.keys = Int(all)
            node.info?.memory.maximum = ByteCount(Int(maximum))
            node.info?.memory.dataset = ByteCount(Int(dataset))
            node.info?.memory.clients = ByteCount(Int(1_000_000 + buffers))
            node.info?.memory.used = ByteCount(Int(dataset + all * 40 + 5_000_000 + buffers))
            node.commands =
                second % 10 == 0
                ? times.mapValues {
                    CommandStats(calls: Int($0 / 2), time: .microseconds(Int($0)))
                } : nil
            change(&node)
            if second % 10 == 0 {
                looks = clients
                looks.map { study?.note($0) }
            }
            if second % period == 1 { look() }
            var snapshot = Snapshot(
                takenAt: WallTime(seconds: Sample.takenAt.seconds + Int64(second)), elapsed: .seconds(second),
                target: "redis://cache-1:6379/0", nodes: [node])
            (snapshot.namespaces, snapshot.clients) = (latest, looks)
            _ = engine.evaluate(snapshot, clients: study)
        }

        private var clients: ClientLook {
            let names = [1: ("shop-1", "get"), 2: ("cart-1", "get"), 3: ("loader-1", "set")]
            var entries = names.sorted { $0.key < $1.key }.map { id, who in
                Sample.client(id, who.0) {
                    $0.command = who.1
                    let total = isCounted ? Int(sent[id] ?? 0) : nil
                    ($0.totalIn, $0.totalOut, $0.totalCommands) = (total, total, total)
                }
            }
            entries.append(Sample.client(4, "cachewatch"))
            if buffers > 0 { entries[1].outputBuffer = Int(buffers) }
            let address = "cache-1:6379"
            return ClientLook(
                takenAt: Sample.takenAt, elapsed: .seconds(second), entries: refused == nil ? [address: entries] : [:],
                refused: refused.map { [address: $0] } ?? [:])
        }

        /// An estimate of 5,000 draws.
        mutating func look() {
            let all = keys.values.reduce(0, +)
            var (left, rest) = (5000, all)
            var drawn: [(name: String, sizes: [(size: Int, hits: Int)])] = []
            for (name, count) in keys.sorted(by: { $0.key < $1.key }) {
                let hits = binomial(left, min(1, count / rest), &generator)
                (left, rest) = (left - hits, rest - count)
                drawn.append((name, [(Int(size), hits)]))
            }
            latest = MadeReport.estimate(
                drawn, draws: 5000, keys: Int(all), account: all * size, at: second,
                without: lasting?.keys ?? [:])
        }

        func raised(_ id: Alert.ID) -> Alert? { engine.raised.first { $0.id == id } }
    }

    private func quietWorld(_ change: (inout World) -> Void = { _ in }) -> World {
        var world = World()
        change(&world)
        world.run(650)
        return world
    }

    @Test func memoryNamesTheNamespaceTheCommandAndTheClient() throws {
        var world = quietWorld()
        #expect(world.engine.raised.isEmpty)
        world.growth = ["product": 8000]
        world.rates["set"] = 6000
        world.traffic[3] = 900_000
        world.run(120)
        let alert = try #require(world.raised(.memoryHigh))
        let culprit = try #require(alert.culprit, "\(alert.evidence)")
        #expect(culprit.kind == .namespace && culprit.name == "product")
        #expect(culprit.part?.low ?? 0 >= 0.5)
        #expect(culprit.words.hasPrefix("product is it: +"), "\(culprit.words)")
        #expect(culprit.words.hasSuffix(" of the growth; SET from loader-* (1 of 3 connections)"), "\(culprit.words)")
        #expect(culprit.brief?.hasPrefix("product +") == true)
        world.run(60)
        #expect(
            alert.evidence.contains {
                $0.hasPrefix("most server time in the last minute: ") && $0.hasSuffix(" % of it")
            },
            "not the total since the start")
        let frozen = try #require(world.raised(.memoryHigh)?.culprit)
        #expect(frozen.name == "product" && !world.engine.wantsLook)
        world.growth = ["session": 8000]
        world.run(60)
        #expect(world.raised(.memoryHigh)?.culprit == frozen, "it is frozen with the alert")
    }

    @Test func whereTrafficIsNotCountedTheLastCommandTells() throws {
        var world = quietWorld { $0.isCounted = false }
        world.growth = ["product": 8000]
        world.rates["set"] = 6000
        world.run(120)
        let alert = try #require(world.raised(.memoryHigh))
        #expect(alert.culprit?.words.hasSuffix("; SET from loader-* (1 of 3 connections)") == true)
        #expect(alert.evidence.contains("traffic per client unknown"))
    }

    /// The look of a minute ago is older than the growth: one is wished for, and the answer comes with it.
    @Test func anOldLookIsMadeAnew() throws {
        var world = World()
        world.period = 600
        world.run(642)
        world.growth = ["product": 90_000]
        world.run(22)
        #expect(world.raised(.memoryHigh) != nil && world.engine.wantsLook)
        #expect(world.raised(.memoryHigh)?.culprit?.name != "product")
        world.look()
        world.run(1)
        #expect(world.raised(.memoryHigh)?.culprit?.name == "product")
        #expect(!world.engine.wantsLook)
        var tired = World()
        tired.period = 600
        tired.run(642)
        tired.growth = ["product": 90_000]
        tired.run(22)
        #expect(tired.engine.wantsLook)
        tired.run(70)
        #expect(!tired.engine.wantsLook, "nobody waits for ever")
    }

    /// A dashboard that is opened in the middle of an incident has nothing before it: what comes after names who it is, and
    /// looks that are wished for lie farther and farther apart.
    @Test func whoeverBeginsToWatchInTheMiddleLearnsWhoItIs() throws {
        var world = World()
        (world.period, world.noise) = (100_000, 0.02)
        world.keys = ["session": 900_000, "product": 700_000, "other": 1_000]
        world.growth = ["product": 400]
        var wished: [Int] = []
        while world.second < 400 {
            world.run(1)
            guard world.engine.wantsLook else { continue }
            wished.append(world.second)
            world.look()
        }
        let alert = try #require(world.raised(.memoryHigh))
        #expect(alert.culprit?.name == "product", "\(alert.culprit?.words ?? "nobody") \(alert.evidence)")
        #expect((1...6).contains(wished.count) && wished.allSatisfy { $0 < 200 }, "\(wished)")
        #expect(zip(wished, wished.dropFirst()).allSatisfy { $1 - $0 >= 20 }, "\(wished)")
        // What has been found is not asked again, and stays.
        let frozen = alert.culprit
        world.growth = ["session": 9000]
        world.run(100)
        #expect(world.raised(.memoryHigh)?.culprit == frozen)
    }

    /// The contract is broken by what is there: that is said at once, and by what it grows as soon as that is known.
    @Test func whoBreaksTheContractIsNamedAtTheFirstLook() throws {
        var world = World()
        world.period = 100_000
        world.lasting = (["product": 50_000, "session": 0], ["product": 2000])
        world.run(2)
        let first = try #require(world.raised(.ttlContractBroken)?.culprit)
        #expect(
            first.words.hasPrefix("product is it: ") && first.words.hasSuffix(" of those where one is due"),
            "\(first.words)")
        #expect(first.brief == "product", "the alert itself says how many")
        #expect(!world.engine.wantsLook, "a moment later nothing has grown")
        while !world.engine.wantsLook, world.second < 100 { world.run(1) }
        #expect((20...25).contains(world.second))
        world.look()
        world.run(1)
        let second = try #require(world.raised(.ttlContractBroken)?.culprit)
        let words = try Regex(
            #"product is it: \+[0-9.]+ k keys without a TTL ±[0-9.]+ k in 2[0-5] s, .* of the growth.*"#)
        #expect(second.words.wholeMatch(of: words) != nil, "\(second.words)")
        #expect(!world.engine.wantsLook, "who it is is known")
    }

    /// What does not grow is still there.
    @Test func aContractThatWasBrokenLongAgoHasItsName() throws {
        var world = World()
        world.lasting = (["product": 50_000, "session": 0], [:])
        world.run(100)
        // What is written more now has not written those.
        world.rates["set"] = 6000
        world.run(200)
        #expect(world.raised(.ttlContractBroken)?.culprit?.name == "product")
        #expect(world.raised(.ttlContractBroken)?.culprit?.words.contains("growth") == false)
        #expect(!world.engine.wantsLook)
        var short = World(immediate: true)
        short.lasting = (["product": 50_000, "session": 0], [:])
        short.run(2)
        short.engine.conclude(at: .seconds(2))
        #expect(short.raised(.ttlContractBroken)?.culprit?.name == "product", "one look is enough for it")
        #expect(!short.engine.names([.ttlContractBroken], at: .seconds(2)), "more is known after a while")
        #expect(short.engine.names([.noPassword], at: .seconds(2)), "nobody is looked for")
    }

    /// A look that had begun before another server answered is no look at that one.
    @Test func looksAtAnotherServerAreNotCompared() {
        var evidence = CulpritEvidence(classifier: KeyClassifier())
        func look(at second: Int) -> NamespaceReport {
            MadeReport.estimate([("product", [(100, 5000)])], draws: 5000, keys: 1000, account: nil, at: second)
        }
        evidence.note(look(at: 10))
        evidence.forgetKeys(at: .seconds(20))
        evidence.note(look(at: 10))
        evidence.note(look(at: 20))
        #expect(evidence.looks.all.isEmpty, "it began before")
        evidence.note(look(at: 30))
        #expect(evidence.looks.all.count == 1)
    }

    /// Nobody was named when it was raised; when it becomes worse, it is asked again.
    @Test func whoMakesItWorseIsNamed() throws {
        var world = quietWorld { $0.keys = ["session": 900_000, "product": 710_000, "other": 1_000] }
        let before = try #require(world.raised(.memoryHigh))
        #expect(before.level == .warning && before.culprit == nil)
        world.growth = ["product": 9000]
        world.run(60)
        let worse = try #require(world.raised(.memoryHigh))
        #expect(worse.level == .critical && worse.culprit?.name == "product", "\(worse)")
    }

    @Test func repliesThatNobodyReadsAreTheClients() throws {
        var world = quietWorld()
        world.buffers = 300_000_000
        world.run(12)
        world.run(10)
        let culprit = try #require(world.raised(.memoryHigh)?.culprit)
        #expect(culprit.kind == .component && culprit.name == "client buffers" || culprit.kind == .clientGroup)
        #expect(!culprit.words.contains("product"))
        #expect(culprit.words.contains("of the growth"))
    }

    @Test func aFullServerThatDoesNotGrowIsNobodysFault() {
        var world = World()
        world.keys = ["session": 900_000, "product": 800_000, "other": 1_000]
        world.run(700)
        #expect(world.raised(.memoryHigh) != nil)
        #expect(world.raised(.memoryHigh)?.culprit == nil)
    }

    /// Ten calm minutes, with alerts of every kind at their end that nobody has caused: nobody is accused.
    @Test(arguments: 0..<8) func inTenQuietMinutesNobodyIsAccused(seed: Int) {
        var world = quietWorld { world in
            world.run(seed * 7)
            world.noise = 0.1 + 0.05 * Double(seed % 4)
        }
        world.run(15) {
            $0.info?.memory.maximum = 160_000_000
            $0.info?.clients.connected = 9_500
            $0.info?.clients.blocked = 4_000
            $0.rates?.evicted = 3
            $0.rates?.errors = ["OOM": 3]
            $0.rates?.rejectedConnections = 2
            $0.rates?.connections = 9_000
            $0.info?.persistence.lastSaveSucceeded = false
        }
        let asking = world.engine.raised.filter { !$0.id.asks.isEmpty }
        #expect(asking.count >= 7, "\(asking.map(\.id))")
        #expect(asking.allSatisfy { $0.culprit == nil }, "\(asking.compactMap(\.culprit?.words))")
    }

    @Test func aSlowQueryIsTheCommandAndItsNamespace() throws {
        var world = quietWorld()
        let clock = WallTime(seconds: Sample.takenAt.seconds + 651)
        world.run(1) { node in
            node.info?.server.time = clock
            node.slowlog = (0..<12).map {
                SlowlogEntry(
                    id: 9_000 + $0, at: clock, duration: .milliseconds(80), command: ["HGETALL", "session:\($0)"],
                    client: "10.0.3.7:40001", clientName: "report-1")
            }
        }
        let culprit = try #require(world.raised(.slowQueries)?.culprit)
        #expect(
            culprit.words
                == "HGETALL session is it: 960 ms in the last minute, 100.0 % of the slow queries; from report-*")
        #expect(culprit.brief == "HGETALL session 960 ms from report-*", "whom to close is on the first screen")
    }

    /// Whoever begins to watch sees a few slow queries, and one of them may be nobody's habit: of those that come after it,
    /// the one who has most is told, and told as one, not each in turn.
    @Test func whatWasSlowOnceMakesRoomForWhatIsSlowAgainAndAgain() throws {
        var world = World()
        var log: [SlowlogEntry] = []
        var named: [String] = []
        for second in 1...170 {
            let clock = WallTime(seconds: Sample.takenAt.seconds + Int64(second))
            func add(_ words: [String], _ milliseconds: Int) {
                log.insert(
                    SlowlogEntry(
                        id: log.count, at: clock, duration: .milliseconds(milliseconds), command: words,
                        client: "10.0.3.7:40001"), at: 0)
            }
            if second == 1 { add(["EVALSHA", "4f3c", "1", "session:1"], 128) }
            if second % 2 == 1 { add(second % 4 == 1 ? ["KEYS", "cart:*"] : ["SORT", "product:index"], 80) }
            world.run(1) { node in
                node.info?.server.time = clock
                node.slowlog = log
            }
            guard let name = world.raised(.slowQueries)?.culprit?.name, name != named.last else { continue }
            named.append(name)
        }
        #expect(named.first == "EVALSHA session" && named.count == 2, "\(named)")
        let culprit = try #require(world.raised(.slowQueries)?.culprit)
        #expect(culprit.weight != .largest && ["KEYS cart", "SORT product"].contains(culprit.name), "\(culprit.words)")
    }

    @Test func whoRemovesANamespaceIsNamedWithIt() throws {
        var world = quietWorld()
        world.growth = ["session": -5500]
        world.rates["unlink"] = 6000
        world.traffic[3] = 900_000
        world.run(72)
        let culprit = try #require(world.raised(.namespaceVanished)?.culprit)
        #expect(culprit.words.hasPrefix("session is it: -3"), "\(culprit.words)")
        #expect(culprit.words.hasSuffix(" of the loss; UNLINK from loader-* (1 of 3 connections)"), "\(culprit.words)")
    }

    @Test func connectionsThatCameAreTheirGroups() throws {
        var engine = AlertEngine()
        for step in 0..<12 {
            var snapshot = Sample.snapshot(changed { $0.info?.clients.connected = step < 8 ? 500 : 9_500 })
            snapshot.elapsed = Sample.elapsed + .seconds(step * 10)
            snapshot.clients = Sample.look(
                (0..<6).map { Sample.client($0 + 1, "shop-\($0)") }
                    + (0..<max(0, step - 5) * 20).map { Sample.client($0 + 100, "worker-\($0)") }, at: step * 10)
            _ = engine.evaluate(snapshot)
        }
        let culprit = try #require(engine.raised.first { $0.id == .clientsHigh }?.culprit)
        #expect(culprit.words == "worker-* is it: +80 connections in 40 s, 100.0 % of the growth")
        #expect(culprit.brief == "worker-* +80 connections" && culprit.kind == .clientGroup)
    }

    @Test func aForkThatWasSeenIsNamed() throws {
        var world = quietWorld()
        world.run(1) {
            $0.info?.stats.latestFork = .seconds(2)
            $0.info?.persistence.lastSaveSucceeded = false
        }
        let alert = try #require(world.raised(.persistenceFailing))
        #expect(alert.culprit?.words == "fork is it: the server stood still for 2.0 s")
        #expect(alert.culprit?.part == nil && alert.culprit?.brief == "fork 2.0 s")
        #expect(alert.evidence.contains("append-only file: on"))
    }

    @Test func whoMayNotListClientsIsTold() throws {
        var world = quietWorld()
        world.refused = Refusal(.noPermission, detail: "CLIENT LIST needs +client|list")
        world.growth = ["product": 8000]
        world.run(120)
        let alert = try #require(world.raised(.memoryHigh))
        #expect(alert.culprit?.name == "product")
        #expect(alert.evidence.contains { $0.hasPrefix("clients: unknown, ") }, "\(alert.evidence)")
    }

    @Test func aWatchThatEndsNamesWhomItHasSeen() throws {
        var world = World(immediate: true)
        world.period = 30
        world.run(60)
        world.growth = ["product": 20_000]
        world.run(60)
        #expect(world.raised(.memoryHigh)?.culprit == nil, "a single snapshot has nothing before it")
        world.engine.conclude(at: .seconds(world.second))
        #expect(world.raised(.memoryHigh)?.culprit?.name == "product")
        var short = World(immediate: true)
        short.keys = ["session": 2_000_000]
        short.run(10)
        short.engine.conclude(at: .seconds(short.second))
        #expect(short.raised(.memoryHigh) != nil && short.raised(.memoryHigh)?.culprit == nil)
    }

    @Test func aRestartForgetsWhatWasCounted() throws {
        var world = quietWorld()
        world.growth = ["product": 8000]
        world.rates["set"] = 6000
        world.run(120) { $0.info?.server.runID = "another" }
        let alert = try #require(world.raised(.memoryHigh))
        #expect(alert.culprit?.words.contains("SET") != true, "\(alert.culprit?.words ?? "")")
    }

    /// Whether the looks at the clients are worked out beside the alerts or by them, they say the same.
    @Test func aStudyOfTheClientsSaysTheSame() {
        var worlds = [quietWorld(), quietWorld { $0.study = ClientStudy() }]
        for index in worlds.indices {
            worlds[index].growth = ["product": 8000]
            worlds[index].rates["set"] = 6000
            worlds[index].traffic[3] = 900_000
            worlds[index].run(180)
        }
        #expect(!worlds[0].engine.raised.isEmpty && worlds[0].engine.raised == worlds[1].engine.raised)
        #expect(worlds[1].engine.raised.contains { $0.culprit?.words.contains("loader-*") == true })
    }

    /// What is asked by namespace needs a look; what is not asked needs nobody.
    @Test func theTableAsksInItsOrder() {
        #expect(Alert.ID.memoryHigh.asks == [.component, .growth(.bytes), .group(.bytesIn), .command(.writes)])
        #expect(
            Alert.ID.memoryHigh.asks == Alert.ID.evicting.asks && Alert.ID.evicting.asks == Alert.ID.refusingWrites.asks
        )
        #expect(Alert.ID.clientsHigh.asks == [.group(.newConnections), .group(.idle)])
        #expect(Alert.ID.slowQueries.asks == [.slowQuery, .command(.any), .group(.commands)])
        #expect(Alert.ID.hitRatioLow.asks.prefix(3) == [.misses, .shrinking, .events])
        #expect(Alert.ID.clientsBlocked.asks == [.group(.blocked), .command(.blocking)])
        #expect(Alert.ID.namespaceVanished.asks == [.shrinking, .command(.removals), .group(.commands)])
        #expect(Alert.ID.ttlContractBroken.asks.prefix(2) == [.growth(.lasting), .breaches])
        #expect(Alert.ID.fragmentation.asks == [.shrinking, .fork, .settings])
    }

    /// A deployment of thirty nodes and clients in thousands of groups: what is kept has an end.
    @Test func whatIsRememberedIsBounded() {
        var evidence = CulpritEvidence(classifier: KeyClassifier())
        var study = ClientStudy()
        for step in 0..<100 {
            var snapshot = Snapshot(
                takenAt: Sample.takenAt, elapsed: .seconds(step * 10), target: "",
                nodes: (0..<3).map { index in changed { $0.address = "n\(index + step)" } })
            snapshot.clients = ClientLook(
                takenAt: Sample.takenAt, elapsed: .seconds(step * 10),
                entries: ["n\(step + 2)": (0..<200).map { Sample.client($0 + 1, host: "10.0.\($0).1") }])
            snapshot.clients.map { study.note($0) }
            evidence.note(snapshot, traffic: study.traffic)
        }
        #expect(evidence.nodes.count == 3)
    }
}
