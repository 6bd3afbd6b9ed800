import CacheModel
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
        #expect(store.recent == 2)
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
}
