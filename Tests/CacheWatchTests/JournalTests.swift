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
    @Test func flippedBitCostsOneBlock() async throws {
        let folder = try TemporaryFolder()
        let (bytes, starts) = try journal(in: folder)
        await sideBySide([0, 5, Self.blocks - 1]) { block in
            let path = folder.path + "/flipped-\(block)"
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

    /// Whoever was killed could not say what became of the last removals; the server's marks do.
    @Test func entriesThatAreNotSettledAreInDoubt() throws {
        let folder = try TemporaryFolder()
        func write(_ name: String, _ body: (JournalWriter) throws -> Void) throws -> JournalReader.Checked {
            let path = folder.path + "/" + name
            let writer = try JournalWriter(
                path: path,
                header: JournalHeader(
                    id: 7, kind: .flush, scope: "s", target: "redis://x/0", database: 0, runID: "r", software: "",
                    startedAt: .now), expected: nil)
            try body(writer)
            return try JournalReader.check(path: path)
        }
        func entry(_ name: String) -> JournalEntry {
            JournalEntry(key: Array(name.utf8), lifetime: 5, change: .removed(dump: [1]))
        }
        let killed = try write("killed") { writer in
            try writer.mark()
            let first = try writer.append([entry("a")], takenAt: .now)
            let second = try writer.append([entry("b"), entry("c")], takenAt: .now)
            try writer.withdraw([JournalPlace(sequence: second, index: 1)])
            try writer.settle(upTo: first)
        }
        #expect(killed.inDoubt.count == 1 && killed.keys == 2 && killed.isMarked && !killed.hasEnd)
        // Without marks nobody can be asked, and how many are in doubt is known all the same.
        let inACluster = try write("cluster") { writer in
            try writer.unmark()
            let first = try writer.append([entry("a")], takenAt: .now)
            try writer.append([entry("b"), entry("c")], takenAt: .now)
            try writer.settle(upTo: first)
        }
        #expect(inACluster.inDoubt.count == 2 && inACluster.keys == 3)
        #expect(!inACluster.isMarked && inACluster.isSettled && !inACluster.hasEnd)
        // A node that has marks, and then one that has none.
        let then = try write("then") { writer in
            try writer.mark()
            try writer.append([entry("a")], takenAt: .now)
            try writer.settle()
            try writer.unmark()
            try writer.append([entry("b")], takenAt: .now)
        }
        #expect(then.inDoubt == [JournalPlace(sequence: 5, index: 0)] && !then.isMarked)
        let settled = try write("settled") { writer in
            try writer.mark()
            try writer.append([entry("a")], takenAt: .now)
            try writer.settle()
            try writer.append([entry("b")], takenAt: .now)
            try writer.end()
        }
        #expect(settled.inDoubt.isEmpty && settled.isWhole)
        let unmarked = try write("unmarked") { try $0.append([entry("a")], takenAt: .now) }
        #expect(unmarked.inDoubt.isEmpty && !unmarked.isMarked && !unmarked.isSettled)
    }

    /// What an undo has found out stands in the journal from then on, as far as it may be written.
    @Test(arguments: [false, true]) func whatBecameKnownIsWrittenBehindTheLastWholeBlock(hasEnd: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/killed"
        func write() throws -> JournalWriter {
            let writer = try JournalWriter(
                path: path,
                header: JournalHeader(
                    id: 7, kind: .flush, scope: "s", target: "redis://x/0", database: 0, runID: "r", software: "",
                    startedAt: .now), expected: nil)
            try writer.mark()
            for names in [["a"], ["b", "c"]] {
                try writer.append(
                    names.map {
                        JournalEntry(key: Array($0.utf8), lifetime: 5, change: .removed(dump: [1]))
                    }, takenAt: .now)
            }
            if hasEnd { try writer.end() }
            return writer
        }
        let stayed: Set = [JournalPlace(sequence: 3, index: 1)]
        do {
            let writer = try write()
            let checked = try JournalReader.check(path: path)
            #expect(!JournalAmendment.settle(checked, stayed: stayed), "\(writer.keys) keys are being written")
        }
        if !hasEnd {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.seekToEnd()
            // The beginning of a block.
            try file.write(contentsOf: Data(JournalFormat.marker + [1, 4, 0, 0]))
            try file.close()
        }
        let checked = try JournalReader.check(path: path)
        #expect(checked.inDoubt.count == 3 && checked.hasEnd == hasEnd)
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(!JournalAmendment.settle(try JournalReader.check(path: link), stayed: stayed), "it is a link")
        #expect(JournalAmendment.settle(checked, stayed: stayed))
        let after = try JournalReader.check(path: path)
        #expect(after.inDoubt.isEmpty && after.keys == 2 && after.withdrawn == stayed)
        #expect(after.hasEnd == hasEnd && after.isWhole == hasEnd && after.damaged == 0)
        let reader = try JournalReader(after, newestFirst: true)
        var keys: [String] = []
        while let block = try reader.next() { keys += block.entries.map { String(decoding: $0.key, as: UTF8.self) } }
        #expect(keys == ["b", "a"])
        #expect(!JournalAmendment.settle(checked, stayed: stayed), "it is another file by now")
    }

    /// What is withdrawn of a block that cannot be read is no key less than there are.
    @Test func placesOfADamagedBlockAreNotCounted() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/withdrawn"
        let writer = try JournalWriter(
            path: path,
            header: JournalHeader(
                id: 1, kind: .flush, scope: "s", target: "redis://x/0", database: 0, runID: "r", software: "",
                startedAt: .now), expected: nil)
        let start = writer.bytes
        func entries(_ names: [String]) -> [JournalEntry] {
            names.map { JournalEntry(key: Array($0.utf8), lifetime: nil, change: .removed(dump: [1])) }
        }
        let first = try writer.append(entries(["a", "b", "c"]), takenAt: .now)
        let second = try writer.append(entries(["d"]), takenAt: .now)
        try writer.withdraw((0..<3).map { JournalPlace(sequence: first, index: $0) })
        try writer.withdraw([JournalPlace(sequence: second, index: 7)])
        try writer.end()
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        bytes[start + JournalFormat.frameLength + 3] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let saved = try JournalReader.check(path: path, salvage: true)
        #expect(saved.keys == 1 && saved.damaged == 1 && saved.withdrawn.isEmpty)
    }

    @Test func marksTellWhichEntriesWereRemoved() {
        let places = [JournalPlace(sequence: 1, index: 0), JournalPlace(sequence: 70_000, index: 513)]
        let bytes = places.flatMap(RemovalMarks.bytes(of:))
        #expect(RemovalMarks.removed(.array([.string(bytes), .string([])])) == Set(places))
        #expect(RemovalMarks.removed(.array([.string(bytes), .null])) == nil, "one of them is gone")
        #expect(RemovalMarks.removed(.array([.string([1]), .string([])])) == nil)
        #expect(RemovalMarks.removed(.error(Array("NOPERM".utf8))) == nil)
    }

    /// Salvage says how many keys are lost, as far as the end tells.
    @Test func lostKeysAreCountedByTheEnd() throws {
        let folder = try TemporaryFolder()
        var (bytes, starts) = try journal(in: folder)
        bytes[starts[5] + 40] ^= 1
        let path = folder.path + "/lost"
        try Data(bytes).write(to: URL(filePath: path))
        let checked = try JournalReader.check(path: path, salvage: true)
        #expect(checked.lost == 1 && checked.damaged == 1 && checked.hasEnd && !checked.isWhole)
        try Data(bytes.prefix(starts[8])).write(to: URL(filePath: path))
        #expect(try JournalReader.check(path: path, salvage: true).lost == nil)
    }

    @Test func keysThatComeTwiceAreFound() {
        var repeated = RepeatedKeys(bytes: 5000 * 60)
        for number in 0..<5000 { repeated.note(Array("session:\(number)".utf8)) }
        #expect(repeated.keys.count < 100, "few others are taken for such")
        for number in 0..<50 { repeated.note(Array("session:\(number * 7)".utf8)) }
        for number in 0..<50 { #expect(repeated.keys.contains(Array("session:\(number * 7)".utf8))) }
    }
}
