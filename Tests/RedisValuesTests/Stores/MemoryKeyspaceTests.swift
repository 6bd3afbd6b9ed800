import RedisValues
import Support
import Testing

@Suite struct MemoryKeyspaceTests {
    private let now = WallTime(seconds: 1_772_000_000)

    private func key(_ number: Int) -> [UInt8] { Array("k\(number)".utf8) }

    @Test func whatWasNotUsedForTheLongestTimeMakesRoom() {
        var table = BoundedTable<Int, String>(entries: 3, bytes: 100)
        for number in 1...3 { table.set("\(number)", of: number, bytes: 1, until: nil) }
        let used = table.value(of: 1, at: now)
        #expect(used == "1")
        table.set("4", of: 4, bytes: 1, until: nil)
        #expect(Set(table.keys) == [1, 3, 4])
        #expect(table.evictions == 1)
        table.set("5", of: 5, bytes: 98, until: nil)
        #expect(Set(table.keys) == [1, 4, 5] && table.size == 100)
        table.set("6", of: 6, bytes: 101, until: nil)
        #expect(Set(table.keys) == [1, 4, 5], "what alone is too large takes nobody's place")
    }

    @Test func whatHasEndedIsNotThere() {
        var table = BoundedTable<Int, String>(entries: 3, bytes: 100)
        table.set("1", of: 1, bytes: 1, until: now.adding(.seconds(1)))
        let end = table.end(of: 1, at: now)
        #expect(end == .some(now.adding(.seconds(1))))
        let late = table.value(of: 1, at: now.adding(.milliseconds(999)))
        #expect(late == "1")
        let gone = table.value(of: 1, at: now.adding(.seconds(1)))
        #expect(gone == nil)
        #expect(table.count == 0 && table.size == 0)
    }

    /// Against a plain list.
    @Test func boundsHoldWhateverHappens() {
        var generator = SeededGenerator(seed: 18)
        var table = BoundedTable<Int, Int>(entries: 20, bytes: 200)
        var model: [(key: Int, value: Int, bytes: Int, end: WallTime?)] = []
        var now = now
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<40, using: &generator)
            now = now.adding(.milliseconds(Int.random(in: 0..<20, using: &generator)))
            switch Int.random(in: 0..<10, using: &generator) {
            case ..<5:
                model.removeAll { $0.key == key && ($0.end.map { $0 <= now } ?? false) }
                let index = model.firstIndex { $0.key == key }
                let found = table.value(of: key, at: now)
                #expect(found == index.map { model[$0].value })
                if let index { model.append(model.remove(at: index)) }
            case ..<9:
                let bytes = Int.random(in: 0..<60, using: &generator)
                let end = Bool.random(using: &generator) ? now.adding(.milliseconds(200)) : nil
                table.set(step, of: key, bytes: bytes, until: end)
                model.removeAll { $0.key == key }
                model.append((key, step, bytes, end))
                while model.count > 20 || model.reduce(0, { $0 + $1.bytes }) > 200 { model.removeFirst() }
            default:
                let removed = table.remove(key)
                #expect(removed == model.first { $0.key == key }?.value)
                model.removeAll { $0.key == key }
            }
            #expect(table.count == model.count && table.size == model.reduce(0) { $0 + $1.bytes })
        }
        #expect(table.evictions > 100)
    }

    @Test func aReplacedValueEndsWhenTheOldOneWouldHave() {
        var keyspace = MemoryKeyspace(entries: 10, bytes: 1000)
        keyspace.set(.string([1]), of: key(1), until: now.adding(.seconds(9)))
        keyspace.replace(.string([2]), of: key(1), at: now)
        let replaced = keyspace.value(of: key(1), at: now)
        #expect(replaced == .string([2]))
        let rest = keyspace.rest(of: key(1), at: now.adding(.seconds(2)))
        #expect(rest == .some(.seconds(7)))
        keyspace.setEnd(nil, of: key(1))
        let forEver = keyspace.rest(of: key(1), at: now)
        #expect(forEver == .some(nil))
        let wasThere = keyspace.remove(key(1), at: now)
        #expect(wasThere)
        let isThere = keyspace.remove(key(1), at: now)
        #expect(!isThere)
        let restOfNothing = keyspace.rest(of: key(1), at: now)
        #expect(restOfNothing == nil)
    }
}
