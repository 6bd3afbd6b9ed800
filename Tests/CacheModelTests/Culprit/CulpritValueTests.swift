import Support
import Testing

@testable import CacheModel

/// The values that name a culprit, each by a table of cases.
@Suite struct CulpritValueTests {
    // MARK: words

    @Test(
        arguments: [
            (0.81, 0.72, "product is it: +38 in 5 min, 81.0 % ±9.0 of the growth", "product +38" as String?),
            (0.40, 0.20, "product is part of it: +38 in 5 min, 40.0 % ±20.0 of the growth", "product +38"),
            (0.30, 0.19, "no single one; largest: product +38 in 5 min, 30.0 % ±11.0 of the growth", nil),
        ])
    func wordsGoByTheLowerEnd(part: Double, low: Double, words: String, brief: String?) {
        let culprit = Culprit(
            .namespace, "product", Estimated(part, low: low, high: part), rise: "+38", figure: "+38 in 5 min",
            of: "the growth")
        #expect(culprit.words == words)
        #expect(culprit.brief == brief)
    }

    @Test func aNameIsNotLongerThanALine() {
        let name = String(repeating: "x", count: 300)
        #expect(Culprit(.command, name, nil, rise: "", figure: "", of: "").name.count == 80)
    }

    // MARK: parts

    @Test func aPartIsOfAllThatRoseWithItsNoise() {
        let certain = Rise(name: "a", amount: Estimated(exactly: 80))
        let other = Rise(name: "b", amount: Estimated(exactly: 20))
        let fallen = Rise(name: "c", amount: Estimated(exactly: -50))
        #expect(Rises([certain, other, fallen]).part(of: certain) == Estimated(exactly: 0.8))
        #expect(Rises([certain, other], whole: 200).part(of: certain) == Estimated(exactly: 0.4))
        #expect(Rises([certain], whole: 40).part(of: certain) == Estimated(exactly: 1))
        let vague = Rise(name: "d", amount: Estimated(80, low: 60, high: 100))
        let part = Rises([vague, other]).part(of: vague)
        #expect(part == Estimated(0.8, low: 0.75, high: 100.0 / 120))
        #expect(Rises([fallen]).leader == nil)
        #expect(Rises([fallen, other, certain]).leader?.name == "a")
        #expect(Rises([Rise(name: "e", amount: Estimated(9, low: 0, high: 99))]).leader == nil, "it may be nothing")
    }

    // MARK: rates against a baseline

    private func bins(_ rates: [[String: Double]]) -> RateBins {
        var bins = RateBins()
        for (index, rate) in rates.enumerated() {
            bins.append(rate, from: .seconds(index * 10), to: .seconds(index * 10 + 10))
        }
        return bins
    }

    private func excess(_ rates: [[String: Double]], of name: String) -> Estimated? {
        bins(rates).rises(at: .seconds(rates.count * 10))?.first { $0.name == name }?.amount
    }

    @Test func whatIsUsualHasNoExcess() throws {
        let calm = (0..<66).map { ["get": 1000 + Double($0 * 7 % 11) * 20, "set": 300] }
        #expect(try #require(excess(calm, of: "get")).low < 0)
        #expect(try #require(excess(calm, of: "set")).low < 0)
        let loud = calm.dropLast(6) + calm.suffix(6).map { ["get": ($0["get"] ?? 0), "set": 900] }
        let set = try #require(excess(Array(loud), of: "set"))
        #expect(set.value == 600 && set.low > 0 && set.low < 600)
        #expect(try #require(excess(Array(loud), of: "get")).low < 0)
    }

    @Test func withoutABaselineNobodyKnows() {
        #expect(bins([]).rises(at: .zero) == nil)
        #expect(bins(Array(repeating: ["get": 1], count: 3)).rises(at: .seconds(30)) == nil, "two of a baseline")
        let enough = bins(Array(repeating: ["get": 1], count: 7))
        #expect(enough.rises(at: .seconds(70)) != nil)
        #expect(enough.rises(at: .seconds(131)) == nil, "nothing of the last minute")
    }

    @Test func whatIsKeptIsBounded() {
        let names = (0..<500).map { "c\($0)" }
        let rates = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, Double($0.offset)) })
        let bins = bins(Array(repeating: rates, count: 300))
        let kept = bins.rises(at: .seconds(3000))
        #expect(kept?.count == RateBins.mostNames)
        #expect(kept?.contains { $0.name == "c499" } == true, "the largest stay")
    }

    // MARK: commands

    private func stats(_ times: [String: Int]) -> [String: CommandStats] {
        times.mapValues { CommandStats(calls: $0, time: .microseconds($0)) }
    }

    /// Ten minutes at these microseconds a second, then a minute of others.
    private func commands(_ usual: [String: Int], then loud: [String: Int]) -> CommandExcess {
        var excess = CommandExcess()
        var times: [String: Int] = [:]
        for step in 0...66 {
            excess.note(stats(times), at: .seconds(step * 10))
            times.merge((step < 60 ? usual : loud).mapValues { $0 * 10 }, uniquingKeysWith: +)
        }
        return excess
    }

    @Test func theCommandIsNamedThatTakesMoreThanIsUsual() throws {
        let excess = commands(["get": 9000, "set": 400, "info": 50], then: ["get": 9000, "set": 2400, "info": 90_000])
        for kind in [CommandClass.any, .writes] {
            let rises = try #require(excess.rises(kind, at: .seconds(660)))
            #expect(rises.leader?.name == "set")
            #expect(rises.leader.map(rises.part)?.low ?? 0 > 0.5, "GET led all year, INFO is ours")
        }
        #expect(excess.rises(.blocking, at: .seconds(660))?.leader == nil)
        #expect(excess.busiest(at: .seconds(660))?.name == "GET")
        #expect(excess.rises(.reads, at: .seconds(660))?.leader == nil)
    }

    @Test func aScriptAndWhatItCallsAreOne() throws {
        let excess = commands(["hset": 100, "evalsha": 120], then: ["hset": 5000, "evalsha": 6000])
        let rises = try #require(excess.rises(.writes, at: .seconds(660)))
        let leader = try #require(rises.leader)
        #expect(CommandExcess.shown(leader.name) == "EVALSHA with HSET")
        #expect(rises.part(of: leader).value == 1)
        let apart = commands(["hset": 100, "evalsha": 120], then: ["hset": 5000, "evalsha": 900])
        #expect(apart.rises(.writes, at: .seconds(660))?.leader?.name == "hset")
    }

    @Test func countersThatWereResetSayNothing() {
        var excess = CommandExcess()
        for step in 0...30 { excess.note(stats(["set": step * 100]), at: .seconds(step * 10)) }
        excess.note(stats(["set": 5]), at: .seconds(310))
        #expect(excess.rises(.any, at: .seconds(310))?.leader == nil)
    }

    @Test(
        arguments: [
            ("config|get", "CONFIG GET"), ("set", "SET"), ("evalsha hset", "EVALSHA with HSET"),
        ])
    func commandsAreWrittenAsPeopleDo(name: String, shown: String) { #expect(CommandExcess.shown(name) == shown) }

    // MARK: memory

    private func track(_ samples: [(used: Int, dataset: Int?, clients: Int, backlog: Int)]) -> MemoryTrack {
        var track = MemoryTrack()
        for (index, sample) in samples.enumerated() {
            let node = changed {
                $0.keys = 0
                $0.info?.memory.used = ByteCount(sample.used)
                $0.info?.memory.dataset = sample.dataset.map { ByteCount($0) }
                $0.info?.memory.clients = ByteCount(sample.clients)
                $0.info?.unknown["mem_replication_backlog"] = String(sample.backlog)
            }
            if let components = MemoryComponents(node, at: .seconds(index * 60)) { track.note(components) }
        }
        return track
    }

    @Test func theComponentIsWhatHasMostOfTheGrowth() throws {
        let mega = 1_000_000
        let cases: [(dataset: Int?, clients: Int, backlog: Int, leader: String, part: Double)] = [
            (80, 1, 1, "dataset", 0.8), (10, 85, 1, "client buffers", 0.85), (1, 2, 90, "replication backlog", 0.9),
            (1, 2, 3, "memory of no key", 0.94),
        ]
        for one in cases {
            let growth = try #require(
                track([
                    (100 * mega, 50 * mega, mega, mega),
                    (
                        200 * mega, one.dataset.map { (50 + $0) * mega }, (1 + one.clients) * mega,
                        (1 + one.backlog) * mega
                    ),
                ]).growth)
            let leader = try #require(growth.rises.leader)
            #expect(leader.name == one.leader)
            #expect(abs(growth.rises.part(of: leader).value - one.part) < 1e-9)
            #expect(growth.over == .seconds(60))
        }
    }

    @Test func whatHasNotGrownHasNoComponent() {
        let mega = 1_000_000
        #expect(track([(100 * mega, 50, 1, 1)]).growth == nil, "one look")
        #expect(track([(100 * mega, 50, 1, 1), (99 * mega, 50, 1, 1)]).growth == nil)
        #expect(track([(100 * mega, 50, 1, 1), (100 * mega + 400_000, 50, 1, 1)]).growth == nil, "too little")
        let long = (0..<30).map { (used: (100 + $0) * mega, dataset: 50 as Int?, clients: 1, backlog: 1) }
        #expect(track(long).growth?.over == .seconds(660), "no longer than the baseline")
        #expect(track([(100 * mega, 50, 1, 1), (200 * mega, nil, 1, 1)]).growth?.datasetIsKnown == false)
    }

    // MARK: what tells more

    @Test func anEarlierQuestionAndASurerAnswerTellMore() {
        func finding(_ name: String?, _ low: Double = 1, answers question: Int? = nil) -> CulpritFinding {
            let culprit = name.map {
                Culprit(.command, $0, Estimated(low, low: low, high: low), rise: nil, figure: "", of: "")
            }
            return CulpritFinding(culprit: culprit, answered: question)
        }
        let (nobody, holder) = (finding(nil), finding("a"))
        let (part, whole) = (finding("a", 0.3, answers: 1), finding("a", 0.6, answers: 1))
        #expect(holder.tellsMore(than: nobody) && !nobody.tellsMore(than: holder), "nobody is let off")
        #expect(part.tellsMore(than: holder) && !holder.tellsMore(than: part))
        #expect(whole.tellsMore(than: part) && !part.tellsMore(than: whole))
        #expect(finding("a", 0.2, answers: 1).tellsMore(than: part), "its latest figures")
        #expect(!finding("b", 0.3, answers: 1).tellsMore(than: part), "nobody is exchanged for one who is no surer")
        #expect(!finding("a", 0.7, answers: 1).tellsMore(than: whole), "what is known stays as it was")
        #expect(finding("b", 0.3, answers: 0).tellsMore(than: whole) && !finding("b", answers: 2).tellsMore(than: part))
    }

    @Test func whoHasLittleOfItByNowMakesRoomForWhoHasMost() {
        func finding(_ amounts: [String: Double]) -> CulpritFinding {
            let most = amounts.max { $0.value < $1.value } ?? ("", 0)
            let part = Estimated(exactly: most.value / amounts.values.reduce(0, +))
            let culprit = Culprit(.slowQuery, most.key, part, rise: nil, figure: "", of: "")
            return CulpritFinding(culprit: culprit, answered: 0, amounts: amounts)
        }
        let first = finding(["a": 40, "b": 30, "c": 30])
        let later = finding(["a": 20, "b": 45, "c": 45])
        #expect(later.tellsMore(than: first) && !first.tellsMore(than: later))
        #expect(finding(["b": 49, "c": 48]).tellsMore(than: first), "it has none of it")
        #expect(!finding(["a": 25, "b": 45, "c": 30]).tellsMore(than: first), "more than half of it is no other")
        #expect(!finding(["b": 3, "c": 4]).tellsMore(than: first), "what is left when it has gone")
        #expect(later.tellsMore(than: finding(["a": 40, "b": 10])), "of a few seconds")
        #expect(!finding(["b": 3]).tellsMore(than: finding(["a": 9])))
    }

    // MARK: slow queries

    private func entry(_ id: Int, _ words: String, _ milliseconds: Int, age: Int = 1, name: String = "") -> SlowlogEntry
    {
        SlowlogEntry(
            id: id, at: WallTime(seconds: Sample.takenAt.seconds - Int64(age)), duration: .milliseconds(milliseconds),
            command: words.split(separator: " ").map(String.init), client: "10.0.0.7:4000", clientName: name)
    }

    private func slow(_ entries: [SlowlogEntry]) -> SlowShare {
        var slow = SlowShare()
        slow.note(entries, clock: Sample.takenAt, KeyClassifier())
        return slow
    }

    @Test(
        arguments: [
            ("HGETALL session:4f", "HGETALL session"), ("keys product:*", "KEYS product"), ("KEYS *", "KEYS"),
            ("EVALSHA 4f3c 1 cart:user:7 x", "EVALSHA cart"), ("EVAL return 0", "EVAL"),
            ("XREAD COUNT 9 STREAMS reco:home:events 0", "XREAD reco:home"), ("FLUSHALL", "FLUSHALL"),
            ("MEMORY USAGE api:cache:/x", "MEMORY api:cache"), ("SCAN 0 MATCH cart:*", "SCAN"),
        ])
    func slowQueriesGoByCommandAndNamespace(words: String, name: String) {
        #expect(slow([entry(1, words, 20)]).rises?.leader?.name == name)
    }

    /// What a script has called is in the script's own time.
    @Test func aScriptIsOneQuery() throws {
        var inner = entry(8, "SCAN 0", 80, name: "shop-1")
        (inner.client, inner.script) = ("?:0", 9)
        let log = slow([
            entry(9, "EVALSHA 4f3c 1 cart:user:7", 100, name: "shop-1"), inner, entry(7, "SORT session:1", 90),
        ])
        let rises = try #require(log.rises)
        #expect(Set(rises.all.map(\.name)) == ["EVALSHA cart", "SORT session"])
        #expect(rises.leader?.name == "EVALSHA cart")
        var memory = SlowlogMemory()
        memory.note([entry(9, "EVALSHA 4f3c 1 cart:user:7", 100), inner], at: .seconds(1), clock: Sample.takenAt)
        #expect(memory.recent == 1)
        // Of one that nobody knows the script of, it is a query like others.
        inner.script = nil
        #expect(slow([inner]).rises?.leader?.name == "SCAN")
    }

    @Test func theLastMinuteCountsAndNotWhatWeAsk() throws {
        let log = slow([
            entry(9, "SORT product:index", 5_000, name: "cachewatch"), entry(8, "KEYS *", 900, age: 70),
            entry(7, "HGETALL cart:1", 300, name: "shop-1"), entry(6, "HGETALL cart:2", 300, name: "shop-2"),
            entry(5, "GET product:1", 200),
        ])
        let rises = try #require(log.rises)
        let leader = try #require(rises.leader)
        #expect(leader.name == "HGETALL cart")
        #expect(abs(rises.part(of: leader).value - 0.75) < 1e-9)
        #expect(log.client(of: leader.name) == "shop-*")
    }

    @Test func whatTheLogHasLostMayHaveBeenAnybodys() throws {
        var log = slow([entry(1, "GET product:1", 100)])
        log.note([entry(12, "GET product:1", 100)], clock: Sample.takenAt, KeyClassifier())
        let rises = try #require(log.rises)
        #expect(rises.part(of: try #require(rises.leader)).value < 0.2)
    }

    // MARK: clients

    private func traffic(_ looks: [[ClientEntry]]) -> GroupTraffic {
        var traffic = GroupTraffic()
        for (index, entries) in looks.enumerated() { traffic.note(entries, at: .seconds(index * 10)) }
        return traffic
    }

    private func client(_ id: Int, _ name: String, sent: Int?, command: String = "get", idle: Int = 0) -> ClientEntry {
        Sample.client(id, name, idle: idle) {
            ($0.totalIn, $0.totalOut, $0.totalCommands, $0.command) = (sent, sent, sent, command)
        }
    }

    @Test func whoSendsMoreThanIsUsualIsNamedByItsDeltas() throws {
        let looks = (0...66).map { step in
            [
                client(1, "giant-1", sent: 1_000_000_000 + step * 50_000),
                client(2, "loader-1", sent: step < 60 ? step * 100 : 6000 + (step - 60) * 90_000),
            ]
        }
        let traffic = traffic(looks)
        #expect(traffic.isCounted == true)
        let rises = Rises(try #require(traffic.bytesIn.rises(at: .seconds(660))))
        #expect(rises.leader?.name == "loader-*", "what giant has sent since its start says nothing")
    }

    @Test func whereNobodyCountsTheLastCommandTellsWhoAsks() {
        let looks = (0...7).map { _ in
            [
                client(1, "shop-1", sent: nil), client(2, "shop-2", sent: nil),
                client(3, "loader-1", sent: nil, command: "set"),
                client(4, "old", sent: nil, command: "set", idle: 900),
            ]
        }
        let traffic = traffic(looks)
        #expect(traffic.isCounted == false)
        #expect(traffic.asking(for: "set", at: .seconds(70)) == "loader-*")
        #expect(traffic.asking(for: "del", at: .seconds(70)) == nil)
        #expect(traffic.connections(of: "shop-*").map { [$0.group, $0.all] } == [2, 4])
    }

    @Test func connectionsGrowSinceTheyWereTheFewest() throws {
        let looks = [40, 5, 30, 60].map { count in
            [client(1, "shop-1", sent: nil)] + (0..<count).map { client(100 + $0, "worker-\($0)", sent: nil) }
        }
        let growth = try #require(traffic(looks).growth(of: \.connections))
        #expect(growth.rises.leader == Rise(name: "worker-*", amount: Estimated(exactly: 55)))
        #expect(growth.over == .seconds(20))
        #expect(traffic([looks[0]]).growth(of: \.connections) == nil)
    }

    @Test func anotherProcessIsNotCompared() throws {
        let before = [client(1, "shop-1", sent: 500), client(900, "cart-1", sent: 900)]
        let closed = [client(1, "shop-1", sent: 600)]
        #expect(traffic([before, closed]).isCounted == true, "the newest one closes")
        #expect(traffic([before, closed]).closing(at: .seconds(10))?.name == "cart-*")
        let restarted = traffic([before, [client(7, "shop-1", sent: 3)]])
        #expect(restarted.isCounted == nil && restarted.closing(at: .seconds(10)) == nil)
        let own = traffic([
            [Sample.client(3, "cachewatch")], [Sample.client(3, "cachewatch"), client(9, "a", sent: 1)],
        ])
        #expect(own.growth(of: \.connections)?.rises.leader?.name == "a")
    }

    @Test func whoClosesConnectionsIsCertainOnceEnoughWereSeen() throws {
        func looks(_ count: Int) -> [[ClientEntry]] {
            (0...6).map { step in
                [client(1, "shop-1", sent: nil)]
                    + (0..<count).map { client(100 + step * 50 + $0, "cart-\($0)", sent: nil) }
            }
        }
        let many = try #require(traffic(looks(10)).closing(at: .seconds(60)))
        #expect(many.name == "cart-*" && many.part.low > 0.9 && many.seen == 60)
        let few = try #require(traffic(Array(looks(1).prefix(2))).closing(at: .seconds(60)))
        #expect(few.part.low < 0.2, "one says little")
    }

    // MARK: forks and events

    @Test func aForkOfLastYearIsNobody() {
        var fork = ForkTime()
        fork.note(.seconds(2), at: .seconds(0))
        #expect(fork.latest(at: .seconds(1)) == nil)
        fork.note(.seconds(3), at: .seconds(10))
        #expect(fork.latest(at: .seconds(20)) == .seconds(3))
        #expect(fork.latest(at: .seconds(700)) == nil)
    }
}
