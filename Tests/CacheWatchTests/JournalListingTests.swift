import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What can be taken back, as its folder tells.
@Suite struct JournalListingTests {
    private let folder: TemporaryFolder
    private let files: OperationFiles

    init() throws {
        folder = try TemporaryFolder()
        files = OperationFiles(directory: folder.path + "/state")
    }

    private func writer(
        _ name: String, _ scope: String = "session", kind: JournalHeader.Kind = .flush, at seconds: Int64 = 1_000,
        id: UInt64 = 7
    ) throws -> JournalWriter {
        try JournalWriter(
            path: files.journals + "/" + name,
            header: JournalHeader(
                id: id, kind: kind, scope: scope, target: "redis://cache-1:6379/0", database: 0, runID: "r",
                software: "redis 7.0.15", startedAt: WallTime(seconds: seconds)), expected: nil)
    }

    private func append(_ keys: Int, to writer: JournalWriter) throws {
        try writer.append(
            (0..<keys).map {
                JournalEntry(key: Array("session:\($0)".utf8), lifetime: nil, change: .removed(dump: [1, 2, 3]))
            }, takenAt: WallTime(seconds: 1_000))
    }

    /// Writes a whole one, and lets it go.
    private func write(
        _ name: String, _ scope: String = "session", keys: Int, kind: JournalHeader.Kind = .flush,
        at seconds: Int64 = 1_000, id: UInt64 = 7
    ) throws {
        let writer = try writer(name, scope, kind: kind, at: seconds, id: id)
        if keys > 0 { try append(keys, to: writer) }
        try writer.end()
    }

    @Test func withoutAFolderThereIsNone() throws {
        let list = try files.listedJournals()
        #expect(list.count == 0 && list.words.hasPrefix("No journal in "))
    }

    @Test func theNewestIsInFrontAndEachSaysWhatItIs() throws {
        try write("flush-session-a.journal", keys: 3)
        try write("repair-rate-limit-b.journal", "rate:limit", keys: 0, kind: .lifetimes, at: 2_000)
        try Data("notes".utf8).write(to: URL(filePath: files.journals + "/notes.txt"))
        let list = try files.listedJournals()
        #expect(list.journals.map(\.subject) == ["TTLs of rate:limit", "keys of session"])
        #expect(list.journals.map(\.keys) == [0, 3] && list.journals.allSatisfy { $0.note == nil && $0.canBeTried })
        #expect(list.journals.map(\.begun) == [WallTime(seconds: 2_000), WallTime(seconds: 1_000)])
        #expect(list.bytes == list.journals.reduce(0) { $0 + $1.bytes } && list.bytes > 0)
        #expect(list.words.hasPrefix("2 journals, ") && list.others == 0)
    }

    /// What was not removed after all does not come back, and is not counted.
    @Test func whatWasWithdrawnIsNotCounted() throws {
        let writer = try writer("flush-session-a.journal")
        try append(3, to: writer)
        try writer.withdraw([JournalPlace(sequence: 1, index: 2)])
        try writer.end()
        #expect(try files.listedJournals().journals.map(\.keys) == [2])
        #expect(try JournalReader.check(path: writer.path).keys == 2)
    }

    /// Of one that has no end nobody knows how many keys it has; one that is held is not taken back meanwhile.
    @Test func whatIsNotWholeSaysSo() throws {
        let open = try writer("flush-session-a.journal")
        try append(3, to: open)
        let held = try #require(try files.listedJournals().journals.first)
        #expect(held.isBeingWritten && held.keys == nil && !held.canBeTried)
        let bytes = try Data(contentsOf: URL(filePath: open.path))
        try withExtendedLifetime(open) {
            let copy = files.journals + "/cut.journal"
            try bytes.write(to: URL(filePath: copy))
            let cut = try #require(try files.listedJournals().journals.first { $0.path == copy })
            #expect(!cut.isBeingWritten && cut.keys == nil && cut.canBeTried)
            #expect(cut.note?.contains("no end") == true)
        }
    }

    /// An end that is another journal's, or whose bytes were changed, ends nothing.
    @Test func foreignAndDamagedEndsPromiseNothing() throws {
        for (name, id) in [("mine", 7 as UInt64), ("other", 8)] { try write("\(name).journal", keys: 2, id: id) }
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(filePath: files.journals + "/\(name).journal")))
        }
        let (mine, other) = (try bytes("mine"), try bytes("other"))
        let end = try #require(mine.indices.reversed().first { mine[$0...].starts(with: JournalFormat.marker) })
        for changed: [UInt8] in [Array(mine[..<end] + other[end...]), mine.dropLast() + [0x20], mine.dropLast(3)] {
            try Data(changed).write(to: URL(filePath: files.journals + "/mine.journal"))
            let journal = try #require(try files.listedJournals().journals.first { $0.path.hasSuffix("mine.journal") })
            #expect(journal.keys == nil && journal.note != nil && journal.header != nil)
        }
    }

    @Test func whatIsNoJournalSaysWhy() throws {
        try OperationFiles.makeFolder(files.journals)
        try Data("hello".utf8).write(to: URL(filePath: files.journals + "/a.journal"))
        try Data().write(to: URL(filePath: files.journals + "/b.journal"))
        try OperationFiles.makeFolder(files.journals + "/c.journal")
        let list = try files.listedJournals()
        #expect(list.count == 3 && list.journals.allSatisfy { $0.problem != nil && !$0.canBeTried && $0.keys == nil })
        #expect(list.journals.contains { $0.problem?.contains("is no journal of cachewatch") == true })
    }
}
