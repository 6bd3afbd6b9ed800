import CacheModel
import Testing

@testable import CacheWatch

/// Which copy of a key is what the application has left, where a journal has several.
@Suite struct KeyLivesTests {
    /// A copy, as an undo meets them: the newest one first.
    struct Copy: CustomStringConvertible {
        var block: UInt32
        var value: UInt8 = 1
        var expiry: Int64? = 5_000_000
        var isWithdrawn = false
        /// Up to which block all was known when it was written.
        var settled: UInt32?

        var description: String { "\(block)\(isWithdrawn ? " withdrawn" : "")" }
    }

    struct Row: CustomStringConvertible {
        var description: String
        var copies: [Copy]
        /// The block of the one that comes back; nil for none.
        var counts: UInt32?
    }

    @Test(arguments: [
        Row(description: "one", copies: [Copy(block: 2)], counts: 2),
        Row(description: "one that was not removed", copies: [Copy(block: 2, isWithdrawn: true)]),
        Row(description: "two that were removed", copies: [Copy(block: 5), Copy(block: 2)], counts: 5),
        Row(
            description: "written to, and copied anew",
            copies: [Copy(block: 5, value: 2), Copy(block: 2, isWithdrawn: true)], counts: 5),
        Row(
            description: "removed, written anew, and deleted by the application",
            copies: [Copy(block: 9, isWithdrawn: true, settled: 4), Copy(block: 4)]),
        Row(
            description: "the same with the same value, known by its place alone",
            copies: [Copy(block: 9, isWithdrawn: true, settled: .max), Copy(block: 4)]),
        Row(
            description: "found twice: the second copy is from before the removal of the first",
            copies: [Copy(block: 5, isWithdrawn: true, settled: 3), Copy(block: 4)], counts: 4),
        Row(
            description: "found twice, and another value in between",
            copies: [Copy(block: 5, value: 2, isWithdrawn: true, settled: 3), Copy(block: 4)], counts: 4),
        Row(
            description: "found twice in the same block",
            copies: [Copy(block: 4, isWithdrawn: true, settled: 3), Copy(block: 4)], counts: 4),
        Row(
            description: "a third life that was deleted hides two before it",
            copies: [
                Copy(block: 9, isWithdrawn: true, settled: 6), Copy(block: 6, settled: 3), Copy(block: 3, settled: 1),
            ]),
        Row(
            description: "found twice, and once more as another life that was deleted",
            copies: [
                Copy(block: 9, isWithdrawn: true, settled: 4), Copy(block: 5, isWithdrawn: true, settled: 3),
                Copy(block: 4, settled: 2),
            ]),
        Row(
            description: "where the journal does not tell, the same is taken for one life",
            copies: [Copy(block: 5, expiry: 5_000_900, isWithdrawn: true), Copy(block: 4)], counts: 4),
        Row(
            description: "and another value for another one",
            copies: [Copy(block: 5, value: 2, isWithdrawn: true), Copy(block: 4)]),
        Row(
            description: "and another expiry",
            copies: [Copy(block: 5, expiry: 5_009_000, isWithdrawn: true), Copy(block: 4)]),
        Row(
            description: "and one that never expires",
            copies: [Copy(block: 5, expiry: nil, isWithdrawn: true), Copy(block: 4)]),
        Row(
            description: "neither expires",
            copies: [Copy(block: 5, expiry: nil, isWithdrawn: true), Copy(block: 4, expiry: nil)], counts: 4),
    ])
    func lastLifeCounts(_ row: Row) {
        let key = Array("session:1".utf8)
        var lives = KeyLives(of: row.copies.count > 1 ? [key] : [])
        var found: [UInt32] = []
        for copy in row.copies {
            let life = KeyLives.Life(
                place: JournalPlace(sequence: copy.block, index: copy.isWithdrawn ? 1 : 0), settled: copy.settled,
                digest: [copy.value], expiry: copy.expiry)
            if lives.counts(key, isWithdrawn: copy.isWithdrawn, life) { found.append(copy.block) }
        }
        #expect(found == [row.counts].compactMap { $0 })
    }

    @Test func olderCopyDoesNotHideANewerOne() {
        let key = Array("k".utf8)
        var lives = KeyLives(of: [key])
        func life(_ index: UInt32) -> KeyLives.Life {
            KeyLives.Life(
                place: JournalPlace(sequence: 4, index: index), settled: nil, digest: [UInt8(index)], expiry: nil)
        }
        let older = lives.counts(key, isWithdrawn: true, life(0))
        let newer = lives.counts(key, isWithdrawn: false, life(1))
        #expect(!older && newer, "of one block in its order")
    }
}
