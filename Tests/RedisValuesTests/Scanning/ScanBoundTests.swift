import Support
import Testing

@testable import RedisValues

@Suite struct ScanBoundTests {
    private let start = ContinuousClock.now

    /// Takes cursors, so many milliseconds apart; those of an answer that leaves keys out where `isFiltered`.
    ///
    /// - Returns: how many were taken until one came to no end, and why; nil where none did.
    private func end(
        of cursors: some Sequence<UInt64>, keys: Int?, places: Int = 100, found: Int = 100, milliseconds: Int = 2,
        isFiltered: Bool = false
    ) -> (steps: Int, refusal: Refusal)? {
        var bound = ScanBound(keys: keys)
        for (index, cursor) in cursors.enumerated() {
            let refusal = bound.note(
                Array(String(cursor).utf8), places: places, found: found, isFiltered: isFiltered,
                at: start + .milliseconds(index * milliseconds))
            if let refusal { return (index + 1, refusal) }
        }
        return nil
    }

    /// As `dictScan` counts: the bits in reverse.
    private func walk(steps: Int, bits: Int) -> [UInt64] {
        (1..<steps).map { step in
            var cursor: UInt64 = 0
            for bit in 0..<bits where step >> bit & 1 == 1 { cursor |= 1 << UInt64(bits - 1 - bit) }
            return cursor
        }
    }

    @Test(arguments: [1, 2, 3, 10, 1000])
    func cursorThatComesAgainIsAnEnd(length: Int) throws {
        let cycle = (1...length).map { UInt64($0) * 7919 }
        let (steps, refusal) = try #require(end(of: (0..<10).flatMap { _ in cycle }, keys: 1_000_000))
        #expect(steps <= 4 * length + 2)
        #expect(refusal.kind == .endlessScan && refusal.detail.contains("comes again"))
    }

    @Test func cursorsAtRandomEndByTheNumberOfKeys() throws {
        var generator = SeededGenerator(seed: 1)
        let cursors = (0..<100_000).map { _ in UInt64.random(in: 1 ... .max, using: &generator) }
        let (steps, refusal) = try #require(end(of: cursors, keys: 10))
        #expect(steps == 657)
        #expect(refusal.detail == "it does not come nearer to its end, after 65,700 places of 10 keys")
        let slow = try #require(end(of: cursors, keys: 10, places: 10, found: 0, milliseconds: 20))
        #expect(slow.steps == 103, "two seconds, and a thousand places")
        // However many there are said to be: who has them shows them.
        let liar = try #require(end(of: cursors, keys: 1 << 39, found: 0))
        #expect(liar.steps == 656)
        // It gives keys each time, and says that there is no end of them.
        let steady = try #require(end(of: cursors, keys: .max, found: 100, milliseconds: 20))
        #expect((29_900...30_100).contains(steady.steps), "ten minutes")
    }

    @Test func walksOfRedisAreBelieved() {
        for bits in [1, 5, 17] {
            #expect(
                end(of: walk(steps: 1 << bits, bits: bits), keys: 10, milliseconds: 10) == nil,
                "a table that was far larger")
        }
        // Slot after slot, as a cluster's nodes since Redis 7.4 and Valkey 8.
        var slots: [UInt64] = []
        for slot in UInt64(0)..<200 {
            for place: UInt64 in [0, 2, 1, 3] where slot + place > 0 { slots.append(slot + place << 14) }
        }
        #expect(end(of: slots, keys: 10, places: 100_000, milliseconds: 100) == nil)
    }

    /// A walk whose cursors rise so slowly that it would take days.
    @Test func walkThatHardlyComesOnIsAnEnd() throws {
        let cursors = walk(steps: 100_000, bits: 64)
        let (steps, _) = try #require(end(of: cursors, keys: 10))
        #expect((30_000...30_010).contains(steps), "a minute")
    }

    /// Other servers' cursors mean nothing to us: what they hold is walked over.
    @Test func cursorsOfOtherServersAreBelievedWhileTheyBringKeys() {
        var generator = SeededGenerator(seed: 2)
        let cursors = (0..<20_000).map { _ in UInt64.random(in: 1 ... .max, using: &generator) }
        #expect(end(of: cursors, keys: 2_000_000, milliseconds: 10) == nil)
        #expect(end(of: cursors, keys: nil, milliseconds: 10) == nil)
    }

    /// Of a million keys ten match: what is left out is walked over all the same.
    @Test func keysThatAreLeftOutAreNotMissed() throws {
        var generator = SeededGenerator(seed: 3)
        let cursors = (0..<200_000).map { _ in UInt64.random(in: 1 ... .max, using: &generator) }
        let million = cursors.prefix(10_000)
        #expect(end(of: million, keys: 1_000_000, found: 0, milliseconds: 20, isFiltered: true) == nil)
        #expect(end(of: million, keys: nil, found: 0, milliseconds: 20, isFiltered: true) == nil)
        #expect(end(of: million, keys: 1_000_000, found: 0, milliseconds: 20) != nil)
        // Sixteen times as many places, and no end.
        let endless = try #require(end(of: cursors, keys: 1_000_000, found: 0, isFiltered: true))
        #expect((160_000...170_000).contains(endless.steps))
        let untold = try #require(end(of: cursors, keys: nil, found: 0, milliseconds: 20, isFiltered: true))
        #expect((29_900...30_100).contains(untold.steps), "ten minutes")
    }

    /// Who rests between its steps, as a gentle flush does, may take long.
    @Test func restsAreNoSignOfAWalkWithoutEnd() throws {
        var generator = SeededGenerator(seed: 4)
        let cursors = (0..<20_000).map { _ in UInt64.random(in: 1 ... .max, using: &generator) }
        #expect(end(of: cursors, keys: 5_000_000, places: 250, found: 250, milliseconds: 120) == nil)
        let beyond = try #require(end(of: cursors, keys: 500_000, places: 250, found: 250, milliseconds: 300))
        #expect((4000...4010).contains(beyond.steps), "twice as many places as keys, and twenty minutes")
    }

    @Test func readingTimeIsNotWalkingTime() {
        var generator = SeededGenerator(seed: 5)
        var bound = ScanBound(keys: nil)
        for page in 0..<100 {
            let now = start + .seconds(page * 60)
            if page > 0 { bound.leaveOut(.seconds(60) - .milliseconds(10)) }
            let cursor = Array(String(UInt64.random(in: 1 ... .max, using: &generator)).utf8)
            #expect(bound.note(cursor, places: 10, found: 10, at: now) == nil, "page \(page)")
        }
    }

    @Test func whateverACursorSaysIsTaken() {
        var bound = ScanBound(keys: .min)
        for text in ["", "18446744073709551616", "99999999999999999999", "x", "\u{1b}[2J"] {
            _ = bound.note(Array(text.utf8), places: .max, found: .max, at: start)
        }
        let refusal = bound.note(Array("\u{1b}[2J".utf8), places: .max, found: .max, at: start + .seconds(3))
        #expect(refusal?.detail.contains("\u{1b}") == false)
    }
}
