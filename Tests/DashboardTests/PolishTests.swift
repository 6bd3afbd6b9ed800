import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Small things that an operator stumbled over.
@Suite struct PolishTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy)
        return driver
    }

    private func line(_ text: String, _ driver: Driver) -> String? {
        driver.screen.split(separator: "\n").map(String.init).first { $0.contains(text) }
    }

    // MARK: the header

    /// Nothing in front of it comes and goes, whatever the server says.
    @Test(arguments: [60, 80, 100, 120, 139, 140, 160, 200]) func whatIsWatchedStaysWhereItIs(columns: Int) {
        var places: Set<Int> = []
        for seconds in [1, 59, 60, 72, 3599, 86_400, 900_000] {
            for roundTrip in [Duration.microseconds(9), .microseconds(828), .milliseconds(12), .milliseconds(210)] {
                var snapshot = Sample.healthy
                snapshot.nodes[0].info?.server.uptime = seconds
                snapshot.nodes[0].roundTrip = roundTrip
                var driver = Driver(columns: columns, rows: 24)
                driver.show(snapshot)
                let first = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)[0]
                if let place = first.firstRange(of: "redis://") {
                    places.insert(first.distance(from: first.startIndex, to: place.lowerBound))
                }
            }
        }
        #expect(places.count <= 1)
    }

    // MARK: order

    @Test func slowQueriesAreReversedAndTheHeadSaysSo() {
        var driver = driver()
        driver.press(.character("4"))
        let ids = driver.state.slowlogRows.map(\.entry.id)
        #expect(driver.screen.contains("time↓"))
        driver.press(.character("O"))
        #expect(driver.state.slowlogRows.map(\.entry.id) == ids.reversed() && driver.screen.contains("time↑"))
        driver.press(.character("o"))
        let durations = driver.state.slowlogRows.map(\.entry.duration)
        #expect(durations == durations.sorted() && driver.screen.contains("took↑"))
        driver.press(.character("O"))
        #expect(driver.state.slowlogRows.map(\.entry.duration) == durations.reversed())
        #expect(driver.screen.contains("took↓"))
    }

    @Test func keysAreReversedInEveryOrderAndAsTheyCome() {
        for order in KeyOrder.allCases {
            var board = KeyBoard()
            board.sort(by: order)
            _ = board.askForMore(wanted: 50)
            board.record(.page(Sample.keyPage(.pattern("*"), from: 0, count: 60), ticket: 0))
            let before = Array(board.listing)
            let version = board.version
            board.reverse()
            #expect(Array(board.listing) == before.reversed() && board.version != version)
            board.reverse()
            #expect(Array(board.listing) == before)
        }
    }

    @Test func headsOfKeysSayWhichWay() {
        var driver = driver()
        driver.press(.character("3"))
        driver.answerKeys()
        for head in ["key↑", "size↓", "TTL↑"] {
            driver.press(.character("o"))
            #expect(driver.screen.contains(head))
        }
        driver.press(.character("O"))
        #expect(driver.screen.contains("TTL↓"))
    }

    // MARK: nodes

    @Test func replicasStandBelowTheirPrimary() throws {
        var snapshot = Sample.hostileCluster
        let map = try #require(snapshot.topology?.cluster)
        let rows = map.shards.flatMap { shard in shard.replicas.map { (shard.primary?.address, $0.address) } }
        for index in snapshot.nodes.indices {
            var info = ServerInfo()
            let isReplica = map.replicas.contains { $0.address == snapshot.nodes[index].address }
            info.replication.role = isReplica ? .replica : .primary
            snapshot.nodes[index].info = info
        }
        var driver = Driver()
        driver.show(snapshot)
        let shown = driver.state.nodeRows
        #expect(shown.count == snapshot.nodes.count && !rows.isEmpty)
        for (primary, replica) in rows {
            let place = try #require(shown.firstIndex { $0.address == replica })
            #expect(shown[place].isTied)
            #expect(shown[..<place].last { !$0.isTied }?.address == primary)
        }
        // However narrow it is, a figure is whole: its head is.
        for columns in 60...130 {
            var narrow = Driver(columns: columns, rows: 24)
            narrow.show(snapshot)
            narrow.press(.character("7"))
            #expect(narrow.screen.contains(" keys "), "\(columns)")
        }
    }

    @Test func sentinelsStandInOrderAtTheEnd() {
        var snapshot = Sample.healthy
        for address in ["s:3", "s:1", "s:2"] {
            var node = NodeSnapshot(address: address)
            node.isSentinel = true
            snapshot.nodes.insert(node, at: 0)
        }
        var driver = Driver()
        driver.show(snapshot)
        #expect(driver.state.nodeRows.map(\.address).suffix(3) == ["s:1", "s:2", "s:3"])
    }

    /// One node: there is nothing to choose, and the room is used for what there is to say of it.
    @Test func theOnlyNodeIsShownInFull() {
        var driver = Driver()
        driver.show(Sample.healthy)
        driver.press(.character("7"))
        #expect(driver.screen.contains("software") && driver.screen.contains("policy"))
        #expect(!driver.state.hints(columns: 200).contains { $0.label == "Enter" })
        driver.press(.enter)
        #expect(driver.state.message?.text == "It is the only node: all screens show it")
        driver.press(.down, .enter)
        #expect(driver.state.message?.text == "It is not watched itself: its primary tells of it")
    }

    @Test func aNodeIsChosenByItsLine() {
        var snapshot = Sample.healthy
        snapshot.deployment = .cluster
        snapshot.nodes = ["a:1", "b:1"].map { address in
            var node = Sample.node()
            node.address = address
            node.info?.replication.replicas = []
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        var driver = Driver()
        driver.show(snapshot)
        driver.press(.character("7"))
        #expect(driver.state.hints(columns: 200).contains { $0.hint == "show on all screens" })
        for (typed, chosen) in [("node 2", "b:1"), ("node a:1", "a:1"), ("node", nil), ("node b:1", "b:1")] {
            driver.type(":" + typed)
            driver.press(.enter)
            #expect(driver.state.chosenNode == chosen)
        }
        for typed in ["node 3", "node 0", "node -1", "node c:1"] {
            driver.type(":" + typed)
            driver.press(.enter)
            #expect(driver.state.message?.text.hasPrefix("There is no node") == true)
            #expect(driver.state.chosenNode == "b:1")
        }
    }

    // MARK: room

    @Test(arguments: [(80, 24), (100, 30), (120, 36)]) func namespacesWithoutRoomAreCounted(columns: Int, rows: Int) {
        var driver = driver(columns, rows)
        driver.look("estimated", Sample.estimate)
        let all = Sample.estimate.rankedRows.filter { $0.keys.value > 0 }
        let shown = driver.state.overviewLines.namespaces.count
        #expect(shown > 0)
        if shown < all.count {
            #expect(driver.screen.contains("\(all.count - shown) more on 2"))
        } else {
            #expect(!driver.screen.contains("more on 2 ─"))
        }
        // Those that are there are the largest.
        for usage in all.prefix(shown) { #expect(line(usage.name, driver) != nil) }
    }

    @Test func ourOwnCallsAmongTheCommandsAreTold() {
        var driver = driver()
        driver.press(.character("6"))
        #expect(driver.screen.contains("by share of time, our own 4.0 calls/s among them"))
    }

    // MARK: what is typed

    /// What is typed before the count is there is the name, and confirms nothing.
    @Test func whatIsTypedWhileKeysAreCountedIsTheName() {
        var driver = driver()
        driver.type(":flush session")
        driver.press(.enter)
        driver.type("session")
        driver.press(.enter)
        #expect(driver.takeEffects() == [.planFlush("session", .gentle)] && driver.screen.contains("session"))
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        #expect(driver.screen.contains("Enter removes 1,000,000 keys"))
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty, "that Enter may have been meant for the count")
        driver.press(.enter)
        #expect(driver.takeEffects().count == 1)
    }

    /// As long as nothing is typed, letters are what the footer says.
    @Test func hurryAndStopAreThereBeforeAnythingIsTyped() {
        var driver = driver()
        driver.type(":flush session")
        driver.press(.enter)
        _ = driver.takeEffects()
        driver.press(.character("f"))
        #expect(driver.takeEffects() == [.hurryOperation])
        driver.type("sx")
        #expect(driver.takeEffects().isEmpty && driver.state.dialog != nil)
        driver.press(.escape)
        #expect(driver.state.dialog == nil)
        driver.type(":flush session")
        driver.press(.enter, .character("x"))
        #expect(driver.state.dialog == nil)
    }

    // MARK: tokens and rights

    @Test func aTokenThatIsTypedAsAPatternIsNotShown() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
        var driver = driver()
        driver.type(":keys " + token)
        driver.press(.enter)
        #expect(driver.state.screen == .keys && !driver.screen.contains("eyJ") && driver.screen.contains("***"))
        driver.answerKeys(0)
        #expect(!driver.screen.contains("eyJ"))
    }

    @Test func whoMayNotListKeysIsToldHow() {
        var driver = driver()
        driver.press(.character("3"))
        var page = Sample.keyPage(.pattern("*"), from: 0, count: 0)
        page.refusal = Refusal(.noPermission, detail: "SCAN needs +scan")
        driver.send(.keys(.page(page, ticket: 0)))
        #expect(driver.screen.contains("cachewatch acl --inspect"))
    }
}
