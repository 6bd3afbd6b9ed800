import Support
import Testing

@testable import CacheModel

@Suite struct PrefixTests {
    private func prefix(_ key: String) -> String {
        let bytes = Array(key.utf8)
        return String(decoding: bytes.prefix(length(bytes)), as: UTF8.self)
    }

    private func length(_ key: [UInt8]) -> Int { DiscoveredPrefix.length(of: key.span) }

    @Test(arguments: [
        ("foo:1", "foo:"), ("sessions:9f", "sessions:"), ("user:123:profile", "user:"), ("a:b:c:d", "a:b:"),
        ("shop:de:item:7", "shop:de:"), ("jobs/mail/42", "jobs/mail/"), ("queue", ""), ("42:x", ""), (":x", ""),
        ("lock:9f1c2d3e4f5a:owner", "lock:"), ("v2:items:1", "v2:items:"), ("", ""), ("a::b", "a:"),
        ("7f3a9c1e-44aa-4c8e-9d77-0b8c2f6a1e55:x", ""),
    ]) func discovered(key: String, expected: String) {
        #expect(prefix(key) == expected)
    }

    @Test func whatIsNotPrintableIsNoName() {
        #expect(length([0x00, 0x3a, 0x41]) == 0)
        #expect(length(Array("a:".utf8) + [0xff, 0x3a]) == 2)
    }

    @Test func sketchIsExactWhileThereIsRoom() {
        var sketch = PrefixSketch(capacity: 8)
        for number in 0..<1000 { sketch.add(Array("p\(number % 8):".utf8).span) }
        #expect(sketch.entries.count == 8)
        #expect(sketch.entries.allSatisfy { $0.keys == 125 && $0.error == 0 })
    }

    /// The promises of Space-Saving, on a stream with a heavy head and an endless tail.
    @Test func sketchKeepsTheHeavyOnesInBoundedMemory() {
        var sketch = PrefixSketch(capacity: 32)
        var generator = SeededGenerator(seed: 3)
        var truth: [[UInt8]: Int] = [:]
        let total = 60_000
        for number in 0..<total {
            let draw = Int.random(in: 0..<100, using: &generator)
            let prefix = Array((draw < 60 ? "heavy\(draw % 6):" : "rare\(number):").utf8)
            truth[prefix, default: 0] += 1
            sketch.add(prefix.span)
        }
        #expect(sketch.entries.count == 32)
        #expect(sketch.entries.reduce(0) { $0 + $1.keys } == total)
        for entry in sketch.entries {
            let keys = truth[entry.prefix] ?? 0
            #expect(entry.keys >= keys && entry.keys - entry.error <= keys)
        }
        let kept = Set(sketch.entries.map(\.prefix))
        for (prefix, keys) in truth where keys > total / 32 { #expect(kept.contains(prefix)) }
    }

    @Test func sizesStayWithTheirPrefix() {
        var sketch = PrefixSketch(capacity: 2)
        sketch.add(Array("a:".utf8).span)
        sketch.add(Array("b:".utf8).span)
        sketch.note(KeyFacts(bytes: 100), of: Array("a:".utf8).span, key: Array("a:1".utf8).span)
        sketch.note(KeyFacts(bytes: 7), of: Array("gone:".utf8).span, key: Array("gone:1".utf8).span)
        #expect(sketch.ranked.map(\.bytes) == [100, 0])
    }

    /// Those that are not known yet.
    private func fresh(_ keys: [[UInt8]], in recent: inout RecentKeys) -> Int {
        var count = 0
        for key in keys where recent.insert(key.span) { count += 1 }
        return count
    }

    @Test func recentKeysKnowWhatCameLately() {
        var recent = RecentKeys()
        let keys = (0..<50_000).map { Array("session:\($0)".utf8) }
        #expect(fresh(keys, in: &recent) == keys.count)
        // A few places have been taken over by others meanwhile.
        #expect(fresh(Array(keys.suffix(2000)), in: &recent) < 40)
    }

    @Test func hashesDependOnEveryByteAndOnTheLength() {
        var recent = RecentKeys()
        let keys = (1..<40).flatMap { length in
            (0..<length).map { position in
                var key = [UInt8](repeating: 0, count: length)
                key[position] = 1
                return key
            }
        }
        #expect(fresh(keys, in: &recent) == keys.count)
    }
}
