import CacheModel
import Foundation
import Glibc
import NIOConcurrencyHelpers
import Recording
import RedisValues
import Support
import Testing

@testable import CacheWatch

@Suite struct RecorderTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/recording" }
    /// 2026-11-25 09:00 UTC.
    private static let nine = WallTime(seconds: 1_795_597_200)
    private static let header = RecordHeader(target: "redis://cache-1:6379/0")

    init() throws { folder = try TemporaryFolder() }

    /// A disk that may be full.
    private final class Disk: Sendable {
        private let room: NIOLockedValueBox<Int>

        init(room: Int = .max) { self.room = NIOLockedValueBox(room) }

        func setRoom(_ bytes: Int) { room.withLockedValue { $0 = bytes } }

        /// As much as there is room for, as `write(2)` does.
        func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
            let count = room.withLockedValue { room in
                let count = min(room, bytes.count)
                room -= count
                return count
            }
            guard count > 0 else {
                errno = ENOSPC
                return -1
            }
            return Glibc.write(descriptor, bytes.baseAddress, count)
        }
    }

    private static func moment(_ seconds: Int, wall: Int? = nil) -> RecordWriter.Moment {
        RecordWriter.Moment(
            wall: nine.adding(.seconds(wall ?? seconds)), now: .seconds(1_000_000 + seconds))
    }

    private func writer(
        _ path: String? = nil, at seconds: Int = 0, disk: Disk = Disk(), rotation: Rotation = Rotation(),
        retention: Retention = Retention(), gzip: String = "gzip"
    ) throws -> RecordWriter {
        let order = RecordOrder(
            path: path ?? self.path, header: Self.header, retention: retention, rotation: rotation)
        let place = try SegmentPlace(order, write: disk.write, gzip: gzip)
        return try RecordWriter(place, RecordCourse(Self.header), at: Self.moment(seconds))
    }

    private static func item(_ seconds: Int) -> RecordItem {
        var snapshot = Sample.healthy
        snapshot.elapsed = .seconds(seconds)
        return .snapshot(snapshot, [], raised: [])
    }

    private func names(_ path: String? = nil) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path ?? self.path).sorted()
    }

    private static func kinds(_ archive: RecordArchive, _ segment: Int) throws -> [RecordKind?] {
        try archive.index(of: segment).lines.map(\.head.kind)
    }

    // MARK: segments

    @Test func segmentsFollowEachOtherAndEachCanBeReadAlone() throws {
        let writer = try writer()
        for second in stride(from: 0, to: 3 * 3600, by: 600) {
            writer.take(Self.item(second), at: Self.moment(second))
            writer.tick(at: Self.moment(second))
        }
        writer.end(at: Self.moment(3 * 3600))
        #expect(
            try names() == ["2026-11-25T09.jsonl.gz", "2026-11-25T10.jsonl.gz", "2026-11-25T11.jsonl"])
        let archive = try RecordArchive.open(path)
        #expect(archive.segments.compactMap(\.name?.text) == (try names()))
        for segment in archive.segments.indices {
            let index = try archive.index(of: segment)
            #expect(index.unreadable == 0)
            #expect(try archive.entry(0, of: segment) == .header(Self.header))
            #expect(index.lines(of: .snapshot).count == 6)
            for line in index.lines.indices { #expect(try archive.entry(line, of: segment) != nil) }
            var assembly = try archive.assembly(before: 2, of: segment)
            let whole = try archive.entry(2, of: segment).flatMap { assembly.take($0) }
            #expect(whole?.nodes.first?.slowlog == Sample.healthy.nodes[0].slowlog)
        }
        #expect(try Self.kinds(archive, 2).last == .end)
        var status = stat()
        for name in try names() {
            #expect(stat("\(path)/\(name)", &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
    }

    /// What was over before a segment began is found in the one before it.
    @Test func alertsThatEndedAreFoundInTheirSegment() throws {
        let writer = try writer()
        func take(_ second: Int, _ changes: [AlertChange], raised: [Alert]) {
            var snapshot = Sample.healthy
            snapshot.elapsed = .seconds(second)
            writer.take(.snapshot(snapshot, changes, raised: raised), at: Self.moment(second))
        }
        let alerts = [Alert.ID.evicting, .clientsHigh, .slowQueries].map {
            Alert(id: $0, level: .warning, message: "\($0)", since: Self.nine)
        }
        take(1, alerts.map { .raised($0) }, raised: alerts)
        take(2, [.cleared(alerts[0])], raised: [alerts[1], alerts[2]])
        take(3, [.withdrawn(alerts[1])], raised: [alerts[2]])
        take(3700, [], raised: [alerts[2]])
        take(3701, [.cleared(alerts[2])], raised: [])
        let archive = try RecordArchive.open(path)
        for _ in 0..<2 {
            #expect(try archive.endedAlerts(of: 0).map(\.alert.id) == [.evicting, .clientsHigh])
            #expect(try archive.endedAlerts(of: 1).map(\.change) == [.cleared])
        }
    }

    @Test func largeSegmentsAreClosedInTheSameHour() throws {
        let writer = try writer(rotation: Rotation(largest: 20_000))
        for second in 0..<20 {
            writer.take(Self.item(second), at: Self.moment(second))
            writer.tick(at: Self.moment(second))
        }
        #expect(try names() == ["2026-11-25T09.2.jsonl.gz", "2026-11-25T09.3.jsonl", "2026-11-25T09.jsonl.gz"])
    }

    @Test func whatIsTooOldOrTooMuchIsRemoved() throws {
        let writer = try writer(retention: Retention(age: .seconds(2 * 3600)))
        for hour in 0..<6 {
            writer.take(Self.item(hour * 3600), at: Self.moment(hour * 3600))
            writer.tick(at: Self.moment(hour * 3600))
        }
        #expect(
            try names() == [
                "2026-11-25T11.jsonl.gz", "2026-11-25T12.jsonl.gz", "2026-11-25T13.jsonl.gz", "2026-11-25T14.jsonl",
            ])
    }

    @Test func withoutGzipClosedSegmentsStayPlain() throws {
        let writer = try writer(gzip: "/nowhere/gzip")
        for hour in 0..<2 {
            writer.take(Self.item(hour * 3600), at: Self.moment(hour * 3600))
            writer.tick(at: Self.moment(hour * 3600))
        }
        #expect(try names() == ["2026-11-25T09.jsonl", "2026-11-25T10.jsonl"])
        #expect(try RecordArchive.open(path).index(of: 0).lines.count > 1)
    }

    /// What was left by one that was killed while it packed.
    @Test func leftoversArePackedOrCleared() throws {
        var first: RecordWriter? = try writer(gzip: "/nowhere/gzip")
        for hour in 0..<2 { first?.take(Self.item(hour * 3600), at: Self.moment(hour * 3600)) }
        first = nil
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/2026-11-25T09.jsonl.gz.part"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/notes.gz.part"))
        let again = try writer(at: 2 * 3600)
        again.tick(at: Self.moment(2 * 3600 + 1))
        #expect(
            try names() == [
                "2026-11-25T09.jsonl.gz", "2026-11-25T10.jsonl.gz", "2026-11-25T11.jsonl", "notes.gz.part",
            ])
    }

    /// Somebody packs a copy for a ticket while the segment grows: what came after it stays.
    @Test(arguments: ["part", "whole", "damaged", "other"])
    func whatLiesBesideASegmentTakesNothingOfIt(copy: String) throws {
        var first: RecordWriter? = try writer()
        for second in 0..<9 { first?.take(Self.item(second), at: Self.moment(second)) }
        let plain = "\(path)/2026-11-25T09.jsonl"
        let script =
            switch copy {
            case "part": "head -n 5 \(plain) | gzip -n > \(plain).gz"
            case "whole": "gzip -nk \(plain)"
            case "damaged": "gzip -nc \(plain) | head -c 700 > \(plain).gz"
            default: "echo something else | gzip -n > \(plain).gz"
            }
        #expect(try Program.run(["sh", "-c", script]).status == 0)
        let lines = try RecordArchive.open(path).index(of: 0).lines.count
        first = nil
        let again = try writer(at: 3600)
        again.tick(at: Self.moment(3601))
        let isKept = copy == "other"
        #expect(
            try names()
                == (isKept ? ["2026-11-25T09.jsonl"] : []) + ["2026-11-25T09.jsonl.gz", "2026-11-25T10.jsonl"])
        #expect(try RecordArchive.open(path).index(of: 0).lines.count == lines)
    }

    @Test func aRunGoesOnWithTheHoursSegment() throws {
        try writer().end(at: Self.moment(10))
        let again = try writer(at: 60)
        again.take(Self.item(61), at: Self.moment(61))
        again.end(at: Self.moment(62))
        #expect(try names() == ["2026-11-25T09.jsonl"])
        let archive = try RecordArchive.open(path)
        #expect(try Self.kinds(archive, 0) == [.header, .end, .header, .slow, .snapshot, .end])
        #expect(try archive.assembly(before: 4, of: 0).header == Self.header)
    }

    @Test func whereTheClockIsSetBackSegmentsStayInTheirOrder() throws {
        let writer = try writer(rotation: Rotation(largest: 9000))
        for (second, wall) in [(0, 3600), (1, 3601), (2, 3602), (3, 3603), (4, 60), (5, 61), (6, 62), (7, 63)] {
            writer.take(Self.item(second), at: Self.moment(second, wall: wall))
        }
        writer.end(at: Self.moment(8, wall: 64))
        let archive = try RecordArchive.open(path)
        let monotonic = try archive.segments.indices.flatMap { try archive.index(of: $0).lines.map(\.head.monotonic) }
        #expect(archive.segments.count > 2 && monotonic == monotonic.sorted())
    }

    // MARK: what may be there

    @Test(arguments: ["{\"t\":1,\"k", "\0\0\0\0\0\0", "{\"t\":1,\"k\0\0\0", "x\n\0"])
    func aDamagedTailSwallowsNothing(_ tail: String) throws {
        let file = folder.path + "/one.jsonl"
        try writer(file).end(at: Self.moment(1))
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(tail.utf8))
        try handle.close()
        try writer(file, at: 5).end(at: Self.moment(6))
        let archive = try RecordArchive.open(file)
        let index = try archive.index(of: 0)
        #expect(index.lines.map(\.head.kind) == [.header, .end, .header, .end])
        #expect(index.unreadable == (tail.contains { !"\0\n".contains($0) } ? 1 : 0))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).allSatisfy { $0 != 0 })
    }

    @Test func aSecondRecorderIsRefused() throws {
        let file = folder.path + "/one.jsonl"
        let (first, second) = (try writer(), try writer(file))
        #expect(throws: RecordError.taken(path: path)) { try writer() }
        #expect(throws: RecordError.taken(path: file)) { try writer(file) }
        first.end(at: Self.moment(1))
        second.end(at: Self.moment(1))
        try writer().end(at: Self.moment(2))
        try writer(file).end(at: Self.moment(2))
    }

    @Test func aForeignFileIsLeftAlone() throws {
        let file = folder.path + "/notes.jsonl"
        try Data("{\"my\": \"notes\"}\n".utf8).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: RecordError.self) { try writer(file) }
        #expect(error?.description.contains("something else than a recording") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == 16)
        #expect(throws: RecordError.self) { try RecordArchive.open(file) }
        let empty = folder.path + "/empty.jsonl"
        try Data().write(to: URL(fileURLWithPath: empty))
        try writer(empty).end(at: Self.moment(1))
    }

    @Test func linksPipesAndFoldersThatMayNotBeWrittenAreRefusedWithAWord() throws {
        let (link, pipe) = (folder.path + "/link.jsonl", folder.path + "/pipe.jsonl")
        symlink("/dev/null", link)
        mkfifo(pipe, 0o600)
        for file in [link, pipe, "/dev/null/x", "/proc/self/recording", "/nowhere.d/x.jsonl"] {
            let error = #expect(throws: RecordError.self, "\(file)") { try writer(file) }
            #expect(error?.description.contains("cannot be recorded to") == true, "\(file)")
        }
    }

    @Test func whatIsNoRecordingIsSaid() throws {
        let words: [(String, String)] = [
            (folder.path + "/nowhere", "No such file"), (folder.path, "is not a recording"),
            ("/dev/null", "neither a file"),
        ]
        for (path, word) in words {
            let error = #expect(throws: RecordError.self) { try RecordArchive.open(path) }
            #expect(error?.description.contains(word) == true, "\(path): \(error?.description ?? "")")
        }
        let packed = folder.path + "/2026-11-25T09.jsonl.gz"
        try Data([0x1f, 0x8b, 8, 0, 1, 2, 3]).write(to: URL(fileURLWithPath: packed))
        let error = #expect(throws: RecordError.self) { try RecordArchive.open(packed) }
        #expect(error?.description.contains("damaged") == true)
    }

    // MARK: a full disk

    @Test func aFullDiskIsAGapAndNoLineIsTorn() throws {
        let disk = Disk()
        let writer = try writer(disk: disk)
        for second in 0..<5 { writer.take(Self.item(second), at: Self.moment(second)) }
        disk.setRoom(1000)
        writer.take(Self.item(5), at: Self.moment(5))
        #expect(writer.complaint?.contains("No space left on device; free some space") == true)
        disk.setRoom(0)
        for second in 6..<130 {
            writer.take(Self.item(second), at: Self.moment(second))
            writer.tick(at: Self.moment(second))
        }
        disk.setRoom(.max)
        // Not before the next attempt.
        for second in 130..<200 { writer.take(Self.item(second), at: Self.moment(second)) }
        #expect(writer.complaint == nil)
        writer.end(at: Self.moment(200))
        let archive = try RecordArchive.open(path)
        let index = try archive.index(of: 0)
        #expect(index.unreadable == 0)
        let holes = index.holes(interval: .seconds(1))
        let told = try #require(holes.first?.told)
        #expect(holes.count == 1)
        guard case .gap(let gap) = try archive.entry(told, of: 0) else { return #expect(Bool(false)) }
        #expect(gap.since == Self.moment(5).wall && gap.why.contains("No space left"))
        #expect(index.lines[told + 1].head.kind == .header)
        #expect(index.lines(of: .snapshot).count >= 20)
    }

    /// What fills the disk is the recording itself.
    @Test func whatIsTooOldIsRemovedWhileTheDiskIsFull() throws {
        let disk = Disk()
        let writer = try writer(disk: disk, retention: Retention(age: .seconds(2 * 3600)), gzip: "/nowhere/gzip")
        for hour in 0..<3 {
            writer.take(Self.item(hour * 3600), at: Self.moment(hour * 3600))
            writer.tick(at: Self.moment(hour * 3600))
        }
        disk.setRoom(0)
        for second in stride(from: 7201, to: 4 * 3600, by: 30) {
            writer.take(Self.item(second), at: Self.moment(second))
            writer.tick(at: Self.moment(second))
        }
        #expect(writer.complaint != nil && (try? names())?.contains("2026-11-25T09.jsonl") == false)
    }

    @Test func aDiskThatIsFullFromTheBeginningIsAnError() {
        #expect(throws: RecordError.self) { try writer(disk: Disk(room: 10)) }
    }

    @Test func aFileThatIsRemovedIsMadeAnew() throws {
        let writer = try writer()
        writer.take(Self.item(0), at: Self.moment(0))
        unlink(path + "/2026-11-25T09.jsonl")
        for second in 1..<30 {
            writer.take(Self.item(second), at: Self.moment(second))
            writer.tick(at: Self.moment(second))
        }
        let archive = try RecordArchive.open(path)
        #expect(try Self.kinds(archive, 0).prefix(2) == [.gap, .header])
        #expect(try archive.index(of: 0).lines(of: .snapshot).count > 10)
    }

    // MARK: the thread

    @Test func aRecorderWritesWhatItIsToldInItsOrder() async throws {
        let recorder = try Recorder.open(RecordOrder(path: path, header: Self.header))
        var alert = Sample.alerts(of: Sample.full)[0]
        alert.culprit = Sample.culprit
        recorder.note(Sample.full, [.raised(alert)], raised: [alert])
        recorder.note(Sample.estimate)
        recorder.note(Sample.looks[0])
        recorder.note(RecordedAction(id: "1", action: "flush", scope: "product", outcome: "done"))
        recorder.mark("deploy 4711")
        await recorder.close()
        recorder.mark("too late")
        await recorder.close()
        #expect(recorder.complaint == nil && recorder.written.lines == 9)
        let archive = try RecordArchive.open(path)
        #expect(
            try Self.kinds(archive, 0) == [
                .header, .slow, .snapshot, .alert, .namespaces, .clients, .action, .mark, .end,
            ])
        #expect(try archive.entry(3, of: 0) == .alert(RecordedAlert(.raised, alert)))
        #expect(try archive.entry(7, of: 0) == .mark("deploy 4711"))
        // Whoever comes next may record there.
        await (try Recorder.open(RecordOrder(path: path, header: Self.header))).close()
    }

    @Test func whoWatchesIsToldThatItPauses() async throws {
        let disk = Disk()
        let recorder = try Recorder.open(RecordOrder(path: path, header: Self.header), write: disk.write)
        disk.setRoom(10)
        recorder.mark("x")
        var events = recorder.events.makeAsyncIterator()
        guard case .paused(let words) = await events.next() else { return #expect(Bool(false)) }
        #expect(words.contains("No space left on device"))
        await recorder.close()
        #expect(recorder.complaint == words)
        #expect(await events.next() == nil)
    }
}
