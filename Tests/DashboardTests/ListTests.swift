import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Cursors, order and gaps of the screens that list something.
@Suite struct ListTests {
    private func snapshot(_ ids: [Int], run: String = "a") -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.nodes[0].info?.server.runID = run
        snapshot.nodes[0].slowlog = ids.map { id in
            SlowlogEntry(
                id: id, at: Sample.takenAt, duration: .milliseconds(id), command: ["GET", "key\(id)"], client: "c:1")
        }
        return snapshot
    }

    @Test func lostEntriesHaveALineOfTheirOwn() {
        var driver = Driver()
        driver.show(snapshot([4, 3]))
        driver.show(snapshot([9, 8]))
        driver.press(.character("4"))
        #expect(driver.state.slowlogLines.count == 5)
        #expect(driver.state.slowlogLines[2] == .gap(node: "cache-1:6379", ids: 5...7))
        #expect(driver.screen.contains("3 entries lost (ids 5–7)"))
        driver.press(.down, .down, .enter)
        #expect(driver.state.dialog == nil, "there is nothing to open")
        driver.press(.character("o"))
        #expect(driver.state.slowlogLines.count == 4, "sorted by duration there is no before")
    }

    @Test func gapCloses() {
        var store = SlowlogStore()
        store.record(snapshot([1]))
        store.record(snapshot([9, 8]))
        #expect(store.rows.map(\.lostBefore) == [0, 6, 0])
        store.record(snapshot([9, 8, 7, 6, 5, 4]))
        #expect(store.rows.map(\.entry.id) == [9, 8, 7, 6, 5, 4, 1])
        #expect(store.rows.map(\.lostBefore) == [0, 0, 0, 0, 0, 2, 0])
    }

    @Test func restartIsSeenByTheRunID() {
        var store = SlowlogStore()
        store.record(snapshot([2, 1, 0]))
        store.record(snapshot([5, 4], run: "b"))
        #expect(store.rows.map(\.entry.id) == [5, 4, 2, 1, 0])
        #expect(store.rows.allSatisfy { $0.lostBefore == 0 })
    }

    @Test func severalNodesAreMergedByTime() {
        var store = SlowlogStore()
        var both = snapshot([2, 1])
        both.nodes[0].slowlog?[1].at = WallTime(seconds: 10)
        both.nodes.append(both.nodes[0])
        both.nodes[1].address = "cache-2:6379"
        both.nodes[1].slowlog = [
            SlowlogEntry(id: 77, at: WallTime(seconds: 20), duration: .milliseconds(3), command: ["GET"])
        ]
        store.record(both)
        #expect(store.rows.map(\.entry.id) == [2, 77, 1])
    }

    @Test func cursorFollowsItsLine() {
        var driver = Driver()
        driver.show(snapshot([3, 2, 1]))
        driver.press(.character("4"), .down)
        driver.show(snapshot([6, 5, 4, 3]))
        #expect(driver.state.lists[.slowlog]?.selection == 4)
        #expect(driver.state.slowlogLines[4].row?.entry.id == 2)
    }

    @Test func cursorOnTheFirstLineStaysWithTheNews() {
        var driver = Driver()
        driver.show(snapshot([3, 2, 1]))
        driver.press(.character("4"), .down, .up)
        driver.show(snapshot([6, 5, 4, 3]))
        #expect(driver.state.lists[.slowlog]?.selection == 0)
    }

    @Test func pauseHoldsTheListsToo() {
        var driver = Driver()
        driver.show(snapshot([3, 2, 1]))
        driver.press(.character("4"), .character("p"))
        driver.show(snapshot([6, 5, 4, 3]))
        #expect(driver.state.slowlogLines.count == 3)
        driver.press(.character("p"))
        #expect(driver.state.slowlogLines.count == 6)
    }

    @Test func longListScrolls() {
        var driver = Driver(columns: 80, rows: 24)
        driver.show(snapshot(Array((1...100).reversed())))
        driver.press(.character("4"), .pageDown)
        let page = driver.state.pageRows
        #expect(driver.state.lists[.slowlog]?.selection == page)
        #expect(driver.screen.contains("key\(100 - page)"))
        driver.press(.end)
        #expect(driver.state.lists[.slowlog] == ListState(selection: 99, offset: 100 - page))
        driver.send(.terminal(.wheel(Point(column: 0, row: 0), rows: .max)))
        driver.send(.terminal(.wheel(Point(column: 0, row: 0), rows: .min)))
        #expect(driver.state.lists[.slowlog]?.selection == 0)
    }

    @Test func commandsAreSortedByWhatIsAskedFor() {
        var driver = Driver()
        var later = Sample.healthy
        driver.show(later)
        later.nodes[0].commands?["get"]?.calls += 1000
        later.nodes[0].commands?["get"]?.time += .seconds(1)
        later.nodes[0].commands?["incr"]?.calls += 5000
        later.nodes[0].commands?["setex"]?.calls += 10
        later.nodes[0].commands?["setex"]?.time += .seconds(3)
        later.nodes[0].commands?["setex"]?.failedCalls = 5
        driver.show(later, after: 10)
        driver.press(.character("6"))
        #expect(driver.state.commandRows.map(\.name) == ["setex", "get", "incr"])
        #expect(driver.state.commandRows[0].failures == 2)
        #expect(driver.state.commandRows[0].allFailures == 5)
        #expect(driver.state.commandRows[1].calls == 100)
        driver.press(.character("o"))
        #expect(driver.state.commandRows.map(\.name) == ["incr", "get", "setex"])
        driver.press(.character("o"))
        #expect(driver.state.commandRows.first?.name == "setex")
        #expect(driver.screen.contains("Sorted by time of a call"))
    }

    @Test func hostileCommandStatisticsAreTaken() {
        var rates = CommandRates()
        var node = Sample.node()
        node.commands = ["get": CommandStats(calls: .min, time: .zero, rejectedCalls: .max, failedCalls: .max)]
        rates.record(node, at: .seconds(1))
        node.commands = ["get": CommandStats(calls: .max, time: .zero, rejectedCalls: .min, failedCalls: .min)]
        rates.record(node, at: .seconds(2))
        #expect(rates.rows.count <= 1)
    }

    /// A counter of one process that happens to lie above another one's is not what was done between them.
    @Test func commandsOfTwoServersAreNotCompared() {
        var rates = CommandRates()
        var node = Sample.node()
        node.commands = ["get": CommandStats(calls: 100, time: .seconds(1))]
        rates.record(node, at: .seconds(1), by: ["a:1": ServerIdentity(runID: "one")])
        node.commands = ["get": CommandStats(calls: 1_000_000, time: .seconds(100))]
        rates.record(node, at: .seconds(2), by: ["a:1": ServerIdentity(runID: "two")])
        #expect(rates.rows.map(\.calls) == [nil] && rates.period == nil)
        node.commands = ["get": CommandStats(calls: 1_000_010, time: .seconds(101))]
        rates.record(node, at: .seconds(3), by: ["a:1": ServerIdentity(runID: "two")])
        #expect(rates.rows.map(\.calls) == [10])
    }

    /// The same, as the dashboard has it: behind one address.
    @Test func commandsScreenBeginsAnewWithAnotherServer() throws {
        var driver = Driver()
        driver.show(Sample.busy, count: 2)
        #expect(driver.state.commands.period != nil)
        var other = Sample.busy
        other.nodes[0].info?.server.runID = "another"
        driver.show(other)
        #expect(driver.state.commands.period == nil)
    }

    @Test func replicasThatAPrimaryTellsOfAreListed() {
        var driver = Driver()
        driver.show(Sample.healthy)
        driver.press(.character("7"))
        #expect(driver.state.nodeRows.map(\.address) == ["cache-1:6379", "10.0.0.6:6379"])
        #expect(driver.screen.contains("└ 10.0.0.6:6379"))
        driver.show(Sample.unreachable)
        #expect(driver.screen.contains("connection refused"))
        #expect(driver.state.nodeRows.first?.isStale == true)
        #expect(driver.state.nodeRows.first?.node?.info != nil, "the last figures stay")
    }

    @Test func brokenLinkOfAReplicaIsRed() {
        var driver = Driver()
        driver.show(Sample.replica)
        #expect(driver.state.nodeRows.first?.state == "link down for 1 min")
        #expect(driver.state.nodeRows.first?.mood == .critical)
    }
}
