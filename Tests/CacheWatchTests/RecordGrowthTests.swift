import Foundation
import Glibc
import Recording
import RedisValues
import Support
import Testing

@testable import CacheWatch

/// A recording that is read while somebody writes it, and what is noted beside one.
@Suite struct RecordGrowthTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/recording" }
    /// 2026-11-25 09:00 UTC.
    private static let nine = WallTime(seconds: 1_795_597_200)

    init() throws {
        folder = try TemporaryFolder()
        #expect(mkdir(path, 0o700) == 0)
    }

    private func line(_ entry: RecordEntry, at seconds: Int) -> [UInt8] {
        RecordLine.encode(entry, time: Self.nine.adding(.seconds(seconds)), monotonic: .seconds(seconds))
    }

    private func mark(_ seconds: Int) -> [UInt8] { line(.mark("\(seconds)"), at: seconds) }

    private func append(_ bytes: [UInt8], to name: String = "2026-11-25T09.jsonl") throws {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_APPEND | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func marks(_ archive: RecordArchive, _ segment: Int = 0) throws -> [String] {
        try archive.index(of: segment).lines.indices.map {
            guard case .mark(let words)? = try archive.entry($0, of: segment) else { return "?" }
            return words
        }
    }

    /// A byte at a time, as nobody writes it: each line is there once it is whole, and none is counted as torn.
    @Test func linesThatComeAreFound() throws {
        try append(mark(0))
        var archive = try RecordArchive.open(path)
        #expect(try archive.grown() == nil)
        for (number, byte) in (mark(1) + mark(2)).enumerated() {
            let before = try marks(archive)
            try append([byte])
            archive = try archive.grown() ?? archive
            let now = try marks(archive)
            #expect(now.count >= before.count && now == Array(["0", "1", "2"].prefix(now.count)), "\(number)")
            #expect(try archive.index(of: 0).unreadable == 0, "\(number)")
        }
        #expect(try marks(archive) == ["0", "1", "2"])
        #expect(try archive.grown() == nil)
    }

    /// What was read before stays as it was for whoever has it.
    @Test func theNextHourFollows() throws {
        try append(mark(0) + mark(1).dropLast(5))
        let first = try RecordArchive.open(path)
        #expect(try marks(first) == ["0"])
        try append(mark(3600), to: "2026-11-25T10.jsonl")
        let second = try #require(try first.grown())
        #expect(second.segments.count == 2 && first.segments.count == 1)
        #expect(try marks(second, 1) == ["3600"])
        // Nobody will end its last line.
        #expect(try second.index(of: 0).unreadable == 1)
        #expect(try marks(first) == ["0"])
        try append(mark(3601), to: "2026-11-25T10.jsonl")
        try append(mark(3602), to: "2026-11-25T10.2.jsonl")
        let third = try #require(try second.grown())
        #expect(third.segments.count == 3)
        #expect(try marks(third, 1) == ["3600", "3601"] && marks(third, 2) == ["3602"])
    }

    /// What a clock wrote that was wrong is not the end, and what comes is found behind it.
    @Test func anHourOfAWrongClockIsNotTheEnd() throws {
        try append(mark(0), to: "2999-01-01T00.jsonl")
        let only = try RecordArchive.open(path)
        try append(mark(1))
        let behind = try #require(try only.grown())
        #expect(try marks(behind, 0) == ["0"] && marks(behind, 1) == ["1"])
        let archive = try RecordArchive.open(path)
        #expect(try marks(archive, 0) == ["0"] && marks(archive, 1) == ["1"])
        try append(mark(2))
        try append(mark(3600), to: "2026-11-25T10.jsonl")
        let grown = try #require(try archive.grown())
        #expect(try marks(grown, 1) == ["1", "2"] && marks(grown, 2) == ["3600"])
    }

    /// Packing and removing what is old moves nothing.
    @Test func segmentsKeepTheirPlaces() throws {
        try append(mark(0))
        try append(mark(3600), to: "2026-11-25T10.jsonl")
        let archive = try RecordArchive.open(path)
        #expect(unlink("\(path)/2026-11-25T09.jsonl") == 0)
        #expect(rename("\(path)/2026-11-25T10.jsonl", "\(path)/2026-11-25T10.jsonl.gz") == 0)
        #expect(try archive.grown() == nil)
        try append(mark(7200), to: "2026-11-25T11.jsonl")
        let grown = try #require(try archive.grown())
        #expect(grown.segments.count == 3)
        #expect(try marks(grown, 1) == ["3600"] && marks(grown, 2) == ["7200"])
        #expect(throws: RecordError.self) { try grown.index(of: 0) }
    }

    @Test func aTailOfZeroesThatIsCutCostsNothing() throws {
        try append(mark(0) + [UInt8](repeating: 0, count: 4096))
        let archive = try RecordArchive.open(path)
        #expect(truncate("\(path)/2026-11-25T09.jsonl", off_t(mark(0).count)) == 0)
        try append(mark(1))
        let grown = try #require(try archive.grown())
        #expect(try marks(grown) == ["0", "1"])
    }

    /// Times are found in hours that lie packed; their lines are there again when they are asked for.
    @Test func hoursStayKnownThatWereReadOnce() throws {
        for hour in 10..<18 {
            try append((0..<20).flatMap { mark(hour * 3600 + $0) }, to: "2026-11-25T\(hour).jsonl")
        }
        #expect(try Program.run(["sh", "-c", "gzip -n \(path)/*1[0-6].jsonl"]).status == 0)
        let archive = try RecordArchive.open(path)
        for segment in archive.segments.indices { #expect(try archive.index(of: segment).lines.count == 20) }
        #expect(archive.segments.indices.filter(archive.isAtHand).count == 4)
        #expect(try Program.run(["sh", "-c", "rm \(path)/*.gz"]).status == 0)
        for segment in archive.segments.indices { #expect(try archive.index(of: segment).lines.count == 20) }
        #expect(throws: RecordError.self) { try archive.entry(0, of: 0) }
        #expect(throws: RecordError.self, "it is a gap from now on") { try archive.index(of: 0) }
        #expect(try archive.entry(3, of: 6) == .mark("\(16 * 3600 + 3)"))
        #expect(try archive.grown() == nil)
    }

    @Test func aSingleFileGrows() throws {
        let file = try folder.write(String(decoding: mark(0), as: UTF8.self), to: "one.jsonl")
        let archive = try RecordArchive.open(file)
        try append(mark(1), to: "../one.jsonl")
        let grown = try #require(try archive.grown())
        #expect(try marks(grown) == ["0", "1"] && grown.segments.count == 1)
    }

    @Test func aFolderThatIsGoneIsSaid() throws {
        try append(mark(0))
        let archive = try RecordArchive.open(path)
        _ = try archive.index(of: 0)
        #expect(rename(path, path + ".old") == 0)
        #expect(throws: RecordError.self) { try archive.grown() }
        #expect(try marks(archive) == ["0"])
    }

    // MARK: marks beside it

    @Test func marksLieBesideWhatWasRecorded() throws {
        try append(mark(0))
        let before = try Data(contentsOf: URL(fileURLWithPath: "\(path)/2026-11-25T09.jsonl"))
        let file = try folder.write(String(decoding: mark(0), as: UTF8.self), to: "one.jsonl")
        for (recording, beside) in [(path, path + "/marks.jsonl"), (file, file + ".marks")] {
            let marks = try RecordArchive.open(recording).marks
            #expect(try marks.all().isEmpty)
            try marks.add("later", at: Self.nine.adding(.seconds(9)))
            try marks.add("deployed \u{1b}[2J", at: Self.nine.adding(.seconds(3)))
            try marks.add("the same", at: Self.nine.adding(.seconds(3)))
            let all = try RecordArchive.open(recording).marks.all()
            #expect(all.map(\.words) == ["deployed \\x1b[2J", "the same", "later"])
            #expect(all.map { $0.time - Self.nine } == [.seconds(3), .seconds(3), .seconds(9)])
            var status = stat()
            #expect(stat(beside, &status) == 0 && status.st_mode & 0o777 == 0o600)
            // It is not a segment.
            #expect(try RecordArchive.open(recording).segments.count == 1)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(path)/2026-11-25T09.jsonl")) == before)
    }

    @Test func whatLiesThereIsLeftAlone() throws {
        try append(mark(0))
        let marks = try RecordArchive.open(path).marks
        let other = try folder.write("hello\n", to: "other")
        let beside = path + "/marks.jsonl"
        #expect(symlink(other, beside) == 0)
        #expect(throws: RecordError.self) { try marks.add("x", at: Self.nine) }
        #expect(unlink(beside) == 0)
        #expect(rename(other, beside) == 0)
        #expect(throws: RecordError.self) { try marks.add("x", at: Self.nine) }
        #expect(try marks.all().isEmpty)
        #expect(try String(contentsOfFile: beside, encoding: .utf8) == "hello\n")
    }

    /// A torn line, and one of another kind, are passed over; the next one is whole.
    @Test func damagedMarksAreReadAsFarAsTheyGo() throws {
        try append(mark(0))
        try append(mark(1) + line(.end, at: 2) + mark(3).dropLast(4), to: "marks.jsonl")
        let marks = try RecordArchive.open(path).marks
        try marks.add("new", at: Self.nine.adding(.seconds(2)))
        #expect(try marks.all().map(\.words) == ["1", "new"])
    }

    /// Names are those that the lines had before.
    @Test func anonymousMarksAreClean() throws {
        let look = Sample.looks[0]
        let names = look.entries.values.joined().map(\.name)
        let name = try #require(names.first { $0.count > 4 && !$0.hasPrefix("cachewatch") })
        try append(line(.header(RecordHeader(target: "redis://cache-1:6379/0")), at: 0) + line(.clients(look), at: 1))
        try RecordArchive.open(path).marks.add("moved 10.0.0.4:6379 and \(name) away", at: Self.nine)
        let archive = try RecordArchive.open(path).anonymised(salt: [1, 2, 3])
        for line in 0...1 { #expect(try archive.entry(line, of: 0) != nil) }
        let mark = try #require(try archive.marks.all().first.flatMap(archive.told))
        #expect(mark.words.hasPrefix("moved ") && mark.words.hasSuffix(" away"), "\(mark.words)")
        #expect(!mark.words.contains("10.0.0.4") && !mark.words.contains(name), "\(mark.words)")
    }

    /// Whoever makes room empties a file, or puts another one in its place: what is there now is read.
    @Test func aFileThatIsMadeAnewIsRead() throws {
        try append((0..<50).flatMap(mark))
        var archive = try RecordArchive.open(path)
        #expect(unlink("\(path)/2026-11-25T09.jsonl") == 0)
        #expect(try archive.grown() == nil)
        try append((60..<70).flatMap(mark))
        archive = try #require(try archive.grown())
        #expect(try marks(archive) == (60..<70).map(String.init))
        #expect(truncate("\(path)/2026-11-25T09.jsonl", 0) == 0)
        try append(mark(80))
        archive = try #require(try archive.grown())
        #expect(try marks(archive) == ["80"])
        // The last one is gone, and not at hand; a later one is there.
        try append(mark(3600), to: "2026-11-25T10.jsonl")
        #expect(unlink("\(path)/2026-11-25T09.jsonl") == 0)
        let fresh = try #require(try archive.grown())
        #expect(try marks(fresh, 1) == ["3600"])
    }

    /// It would fill the disk: nobody waits for its end.
    @Test func whatUnpacksWithoutEndIsNoRecording() throws {
        let packed = path + "/2026-11-25T09.jsonl.gz"
        let script = "head -c 60000000 /dev/zero | tr '\\0' '\\n' | gzip -1 >\"$0\""
        #expect(try Program.run(["sh", "-c", script, packed]).status == 0)
        let error = #expect(throws: RecordError.self) { try SegmentFile(path: packed, largest: 4 << 20) }
        #expect(error.map { "\($0)" }?.contains("more than 4 MiB") == true)
        #expect(try SegmentFile(path: packed).index.unreadable == 60_000_000)
    }
}
