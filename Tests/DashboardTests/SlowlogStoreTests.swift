import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct SlowlogStoreTests {
    private func snapshot(_ ids: [Int], at seconds: Int = 0, node: String = "a:1") -> Snapshot {
        var seen = NodeSnapshot(address: node)
        seen.slowlog = ids.map {
            SlowlogEntry(id: $0, at: WallTime(seconds: Int64($0)), duration: .milliseconds(5), command: ["GET"])
        }
        return Snapshot(takenAt: WallTime(seconds: 100_000), elapsed: .seconds(seconds), target: "t", nodes: [seen])
    }

    @Test func entriesAreKeptBeyondTheServersRing() {
        var store = SlowlogStore()
        store.record(snapshot([3, 2, 1]))
        store.record(snapshot([5, 4, 3], at: 1))
        #expect(store.rows.map(\.entry.id) == [5, 4, 3, 2, 1])
    }

    /// What the screens call new is what the alert counts: there is no other count.
    @Test func newOnesAreCountedOverAMinute() {
        var driver = Driver()
        func show(_ ids: [Int], after seconds: Int) {
            var snapshot = snapshot(ids)
            snapshot.nodes[0].info = Sample.node().info
            driver.show(snapshot, after: seconds)
        }
        show([3, 2, 1], after: 1)
        #expect(driver.state.newSlowQueries == 0, "they are from long before")
        show([5, 4, 3], after: 1)
        #expect(driver.state.newSlowQueries == 2)
        #expect(driver.screen.contains("2 new in 1 min"))
        show([90, 89, 88], after: 30)
        #expect(driver.state.newSlowQueries == 87, "those that a short page did not show, too")
        driver.press(.character("p"))
        show([91, 90, 89], after: 31)
        #expect(driver.state.newSlowQueries == 87, "paused")
        driver.press(.character("p"))
        #expect(driver.state.newSlowQueries == 86)
    }

    @Test func lostEntriesAreCounted() {
        var store = SlowlogStore()
        store.record(snapshot([1]))
        store.record(snapshot([9, 8], at: 1))
        #expect(store.rows.map(\.lostBefore) == [0, 6, 0])
    }

    @Test func restartBeginsAnew() {
        var store = SlowlogStore()
        store.record(snapshot([100, 99]))
        store.record(snapshot([1, 0], at: 1))
        #expect(store.rows.map(\.entry.id) == [1, 0, 100, 99])
        #expect(store.rows.allSatisfy { $0.lostBefore == 0 })
    }

    @Test func theyAreForgottenAtTheStoresEnd() {
        var store = SlowlogStore()
        for batch in 0..<30 { store.record(snapshot(Array((batch * 100..<(batch + 1) * 100).reversed()), at: batch)) }
        #expect(store.rows.count == SlowlogStore.capacity)
        #expect(store.rows.first?.entry.id == 2999)
    }

    @Test func nodesAreKeptApart() {
        var store = SlowlogStore()
        store.record(snapshot([5], node: "a:1"))
        store.record(snapshot([2], at: 1, node: "b:1"))
        #expect(store.rows.count == 2)
    }

    /// Behind the name is another server now: what its log has held for hours is no news, and ends no other log.
    @Test func logOfAnotherServerUnderTheSameNameIsNoNews() {
        var driver = Driver()
        func show(_ run: String, _ ids: [Int]) {
            var snapshot = snapshot(ids)
            snapshot.nodes[0].info = Sample.node().info
            snapshot.nodes[0].info?.server.runID = run
            driver.show(snapshot)
        }
        show("a", [5, 4, 3])
        show("b", Array((900..<1028).reversed()))
        #expect(driver.state.newSlowQueries == 0)
        #expect(driver.state.slowlog.rows.allSatisfy { $0.lostBefore == 0 })
        show("b", Array((902..<1030).reversed()))
        #expect(driver.state.newSlowQueries == 2)
    }
}
