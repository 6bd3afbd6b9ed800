import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A journal that was damaged on the disk.
@Suite struct JournalTests {
    private static let blocks = 12

    /// - Returns: the journal's bytes, and where each block of entries begins.
    private func journal(in folder: TemporaryFolder) throws -> (bytes: [UInt8], starts: [Int]) {
        let path = folder.path + "/whole"
        let writer = try JournalWriter(
            path: path,
            header: JournalHeader(
                id: 0x4357_4a42_4357_4a42, kind: .flush, scope: "session", target: "redis://x/0", database: 0,
                runID: "r", software: "redis 7", startedAt: .now), expected: nil)
        var starts: [Int] = []
        for block in 0..<Self.blocks {
            starts.append(writer.bytes)
            // A value that ends like the beginning of a block.
            try writer.append(
                [
                    JournalEntry(
                        key: Array("session:\(block)".utf8), lifetime: nil, change: .removed(dump: Array("valueC".utf8))
                    )
                ],
                takenAt: .now)
        }
        try writer.end()
        return (Array(try Data(contentsOf: URL(filePath: path))), starts)
    }

    /// Whatever bit of a block flips, the journal is refused, and salvage brings back all other blocks.
    @Test func flippedBitCostsOneBlock() throws {
        let folder = try TemporaryFolder()
        let (bytes, starts) = try journal(in: folder)
        let path = folder.path + "/flipped"
        for block in [0, 5, Self.blocks - 1] {
            let end = block + 1 < starts.count ? starts[block + 1] : starts[block] + 60
            for bit in 0..<(end - starts[block]) * 8 {
                var flipped = bytes
                flipped[starts[block] + bit / 8] ^= 1 << UInt8(bit % 8)
                try Data(flipped).write(to: URL(filePath: path))
                #expect(throws: CacheError.self, "block \(block), bit \(bit)") { try JournalReader.check(path: path) }
                let saved = try JournalReader.check(path: path, salvage: true).keys
                #expect(saved == Self.blocks - 1, "block \(block), bit \(bit)")
            }
        }
    }

    /// Whatever bit of the head flips, salvage brings back every key.
    @Test func damagedHeadCostsNoKey() throws {
        let folder = try TemporaryFolder()
        let (bytes, starts) = try journal(in: folder)
        let path = folder.path + "/head"
        for bit in (JournalFormat.magic.count * 8)..<(starts[0] * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try Data(flipped).write(to: URL(filePath: path))
            #expect(throws: CacheError.self, "bit \(bit)") { try JournalReader.check(path: path) }
            let saved = try JournalReader.check(path: path, salvage: true)
            #expect(saved.keys == Self.blocks && saved.header.kind == .flush, "bit \(bit)")
            #expect(saved.header.target == "?")
        }
    }

    /// A key that was written to after its first copy is brought back as it was last.
    @Test func withdrawnEntriesAreLeftOut() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/withdrawn"
        let writer = try JournalWriter(
            path: path,
            header: JournalHeader(
                id: 1, kind: .flush, scope: "s", target: "redis://x/0", database: 0, runID: "r", software: "",
                startedAt: .now), expected: nil)
        func entry(_ name: String, _ value: UInt8) -> JournalEntry {
            JournalEntry(key: Array(name.utf8), lifetime: nil, change: .removed(dump: [value]))
        }
        let block = try writer.append([entry("a", 1), entry("b", 2)], takenAt: .now)
        try writer.withdraw([JournalPlace(sequence: block, index: 1)])
        try writer.append([entry("b", 3)], takenAt: .now)
        try writer.end()
        #expect(writer.keys == 2)
        let checked = try JournalReader.check(path: path)
        #expect(checked.keys == 2)
        for newestFirst in [false, true] {
            let reader = try JournalReader(checked, newestFirst: newestFirst)
            var found: [JournalEntry] = []
            while let block = try reader.next() { found += block.entries }
            #expect(found == (newestFirst ? [entry("b", 3), entry("a", 1)] : [entry("a", 1), entry("b", 3)]))
        }
        #expect(checked.isWhole)
    }

    /// A file that is cut is read as far as it goes, and says that it has no end.
    @Test func cutFileHasNoEnd() throws {
        let folder = try TemporaryFolder()
        let (bytes, starts) = try journal(in: folder)
        let path = folder.path + "/cut"
        for length in starts[3]..<starts[4] {
            try Data(bytes.prefix(length)).write(to: URL(filePath: path))
            let reader = try JournalReader(path: path)
            var keys = 0
            while let block = try reader.next() { keys += block.entries.count }
            #expect(keys == 3 && !reader.isWhole, "\(length) bytes")
        }
    }
}
