import CacheModel
import Foundation
import Recording
import RedisValues
import Support
import Testing

@Suite struct RecordCourseTests {
    private static let estimate = Sample.estimate
    /// A minute later.
    private static let giants = {
        var report = Sample.giants
        report.elapsed += .seconds(60)
        return report
    }()
    static let header = RecordHeader(target: "redis://cache-1:6379/0")

    /// So many seconds into a watch, with the slow queries of these ids.
    static func snapshot(_ seconds: Int, slow ids: [Int] = [], of node: String = "cache-1:6379") -> Snapshot {
        var snapshot = Sample.busy
        snapshot.takenAt = snapshot.takenAt.adding(.seconds(seconds))
        snapshot.elapsed += .seconds(seconds)
        snapshot.nodes[0].address = node
        snapshot.nodes[0].slowlog = ids.map { id in
            SlowlogEntry(
                id: id, at: snapshot.takenAt, duration: .milliseconds(20 + id), command: ["KEYS", "product:\(id)*"])
        }
        return snapshot
    }

    private static func kinds(_ entries: [RecordEntry]) -> [RecordKind] { entries.map(\.kind) }

    @Test func whatIsReadIsWhatWasSeen() {
        var course = RecordCourse(Self.header)
        var assembly = RecordAssembly()
        var engine = AlertEngine()
        for entry in course.beginSegment() { _ = assembly.take(entry) }
        #expect(assembly.header == Self.header)
        for step in 0..<40 {
            var snapshot = Self.snapshot(step, slow: Array((max(0, step - 5)..<step / 2 * 2).reversed()))
            if step >= 3 { snapshot.namespaces = step < 20 ? Self.estimate : Self.giants }
            if step >= 4 {
                snapshot.clients = Sample.look([Sample.client(1, "a"), Sample.client(2)], at: step / 5 * 5)
            }
            if step >= 5, step != 30 {
                snapshot.counters = Sample.counted.counters
                snapshot.counters?.serverHits = Double(step)
                snapshot.counters?.strange = step / 10
            }
            if step % 7 == 6 { snapshot.nodes[0].slowlog = nil }
            // Another segment begins in the middle.
            if step == 25 { for entry in course.beginSegment() { _ = assembly.take(entry) } }
            let changes = engine.evaluate(snapshot)
            var seen: Snapshot?
            for entry in course.note(snapshot, changes, raised: engine.raised) {
                seen = assembly.take(RecordLine.decode(RecordLineTests.encode(entry)) ?? .end) ?? seen
            }
            // One look in ten seconds is written.
            if let look = snapshot.clients, let written = seen?.clients { #expect(look.elapsed >= written.elapsed) }
            seen?.clients = snapshot.clients
            let isSame = seen == snapshot
            #expect(isSame, "\(step)")
        }
    }

    @Test func eachThingIsWrittenOnce() {
        var course = RecordCourse(Self.header)
        #expect(Self.kinds(course.beginSegment()) == [.header])
        var snapshot = Self.snapshot(0, slow: [2, 1])
        (snapshot.namespaces, snapshot.clients) = (Sample.estimate, Sample.look([Sample.client(1)]))
        #expect(Self.kinds(course.note(snapshot, [], raised: [])) == [.namespaces, .clients, .slow, .snapshot])
        #expect(Self.kinds(course.note(snapshot, [], raised: [])) == [.snapshot])
        snapshot = Self.snapshot(1, slow: [3, 2])
        let entries = course.note(snapshot, [], raised: [])
        #expect(Self.kinds(entries) == [.slow, .snapshot])
        guard case .slow(let log) = entries[0] else { return }
        #expect(log.ids == [3, 2] && log.new.map(\.id) == [3, 2])
    }

    @Test func ofASlowLogOnlyWhatIsNewIsWritten() {
        var course = RecordCourse(Self.header)
        var snapshot = Self.snapshot(0, slow: [2, 1])
        _ = course.note(snapshot, [], raised: [])
        snapshot.nodes[0].slowlog?.insert(
            SlowlogEntry(id: 3, at: snapshot.takenAt, duration: .zero, command: ["GET"]), at: 0)
        guard case .slow(let log) = course.note(snapshot, [], raised: [])[0] else { return #expect(Bool(false)) }
        #expect(log.ids == [3, 2, 1] && log.new.map(\.id) == [3])
        // A restart begins with 0 again, and one that is empty is told.
        snapshot.nodes[0].slowlog = []
        guard case .slow(let empty) = course.note(snapshot, [], raised: [])[0] else { return #expect(Bool(false)) }
        #expect(empty.ids.isEmpty)
    }

    @Test func whatStoresHaveCountedIsWrittenWhenItIsNew() {
        var course = RecordCourse(Self.header)
        var snapshot = Sample.counted
        snapshot.namespaces = nil
        #expect(Self.kinds(course.note(snapshot, [], raised: [])) == [.counters, .slow, .snapshot])
        snapshot.counters?.serverHits = 17
        guard case .snapshot(let line) = course.note(snapshot, [], raised: []).first else {
            return #expect(Bool(false))
        }
        #expect(line.counters?.serverHits == 17 && line.counters?.lines.isEmpty == true)
        snapshot.counters?.lines[0].total.hits += 1
        #expect(Self.kinds(course.note(snapshot, [], raised: [])) == [.counters, .snapshot])
    }

    @Test func aLookThatIsNotOverIsNone() {
        var course = RecordCourse(Self.header)
        #expect(course.note(Sample.halfSweep).isEmpty)
        #expect(Self.kinds(course.note(Sample.fullSweep)) == [.namespaces])
        #expect(course.note(Sample.fullSweep).isEmpty)
    }

    @Test(arguments: [(1, [0, 10, 20, 30]), (500, [0, 20]), (5000, [0])])
    func looksAtManyClientsAreSeldom(_ connections: Int, _ written: [Int]) {
        var course = RecordCourse(Self.header)
        let clients = (0..<connections).map { Sample.client($0) }
        let seconds = stride(from: 0, through: 35, by: 5).filter {
            !course.note(Sample.look(clients, at: $0)).isEmpty
        }
        #expect(seconds == written)
    }

    @Test func aSegmentBeginsWithWhatStands() {
        var course = RecordCourse(Self.header)
        var alert = RecordLineTests.alert
        alert.culprit = nil
        var snapshot = Self.snapshot(0)
        snapshot.namespaces = Sample.estimate
        let entries = course.note(snapshot, [.raised(alert)], raised: [alert])
        #expect(Self.kinds(entries) == [.namespaces, .slow, .snapshot, .alert])
        #expect(
            course.beginSegment() == [
                .header(Self.header), .namespaces(Sample.estimate), .alert(RecordedAlert(.standing, alert)),
            ])
        // Who it is was found a little later.
        let explained = RecordLineTests.alert
        #expect(
            course.note(Self.snapshot(1), [], raised: [explained]).last == .alert(RecordedAlert(.explained, explained)))
        #expect(Self.kinds(course.note(Self.snapshot(2), [], raised: [explained])) == [.snapshot])
        var cleared = explained
        cleared.clearedAt = snapshot.takenAt
        #expect(
            course.note(Self.snapshot(3), [.cleared(cleared)], raised: []).last
                == .alert(RecordedAlert(.cleared, cleared)))
        #expect(Self.kinds(course.beginSegment()) == [.header, .namespaces])
    }

    /// While nothing could be written, changes were lost.
    @Test func alertsThatNobodySawChangeAreSetRight() {
        var course = RecordCourse(Self.header)
        let alert = RecordLineTests.alert
        #expect(course.note(Self.snapshot(0), [], raised: [alert]).last == .alert(RecordedAlert(.standing, alert)))
        #expect(course.note(Self.snapshot(1), [], raised: []).last == .alert(RecordedAlert(.cleared, alert)))
        #expect(Self.kinds(course.note(Self.snapshot(2), [], raised: [])) == [.snapshot])
    }

    @Test func afterASeekFewLinesTellWhatWasKnown() throws {
        var course = RecordCourse(Self.header)
        var (lines, seen): ([[UInt8]], [Int: Snapshot]) = ([], [:])
        func write(_ entries: [RecordEntry]) { lines += entries.map(RecordLineTests.encode) }
        write(course.beginSegment())
        for step in 0..<200 {
            var snapshot = Self.snapshot(step, slow: Array((step / 10..<step / 10 + 4).reversed()))
            var quiet = snapshot.nodes[0]
            (quiet.address, quiet.slowlog) = ("cache-2:6379", [])
            snapshot.nodes.append(quiet)
            if step > 50 { snapshot.namespaces = Self.estimate }
            if step > 60 { snapshot.counters = Sample.counted.counters }
            write(course.note(snapshot, [], raised: []))
            seen[lines.count - 1] = snapshot
            if step == 120 {
                write([course.note(.mark("x"))])
                write(course.beginSegment())
            }
        }
        let index = RecordIndex(of: lines.flatMap { $0 })
        #expect(index.lines.count == lines.count)
        for (line, snapshot) in seen {
            var assembly = RecordAssembly()
            let needed = RecordAssembly.needed(before: line, in: index) { lines[$0] }
            #expect(needed.count <= 9)
            for one in needed { _ = assembly.take(try #require(RecordLine.decode(lines[one]))) }
            let isSame = assembly.take(try #require(RecordLine.decode(lines[line]))) == snapshot
            #expect(isSame, "\(line)")
        }
    }

    @Test func fieldsThatNothingIsWorkedOutOfAreWrittenOnceAMinute() {
        var course = RecordCourse(Self.header)
        let fields = (0..<130).map { step -> [String: String]? in
            var snapshot = Self.snapshot(step)
            snapshot.nodes[0].info?.unknown = ["mem_aof_buffer": "0", "lru_clock": "\(step)"]
            guard case .snapshot(let written) = course.note(snapshot, [], raised: []).last else { return nil }
            return written.nodes[0].info?.unknown
        }
        #expect(fields.indices.filter { fields[$0]?.count == 2 } == [0, 60, 120])
        #expect(fields[59] == ["mem_aof_buffer": "0"])
    }

    /// What is looked up among them has to be named there.
    @Test func everyUnnamedFieldThatIsUsedIsKnown() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources")
        var used: Set<String> = []
        for case let file as URL in FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)!
        where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /unknown\["([a-z_]+)"\]/) { used.insert(String(match.1)) }
        }
        #expect(used == UnnamedFields.used)
    }
}
