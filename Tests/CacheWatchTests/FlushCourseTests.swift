import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A flush without a server: what it sends, and what it makes of the answers.
@Suite struct FlushCourseTests {
    private static let info = "redis_version:7.0.15\r\nrun_id:8f2c\r\nrole:master\r\n"
    private static let key = Array("session:giant".utf8)
    private static let moved = "-MOVED 1 127.0.0.1:7001\r\n"
    private static let huge = ":205520896\r\n"

    private func arena(_ text: String) throws -> ReplyArena {
        let reader = RESPReader()
        Array(text.utf8).withUnsafeBytes { reader.feed($0) }
        _ = try reader.advance(atMost: .max)
        return reader.takeArena()
    }

    private func course(_ keys: [[UInt8]] = [Self.key]) throws -> FlushCourse {
        FlushCourse(
            .namespace(0, KeyClassifier(rules: [NamespaceRule(name: "session", prefixes: ["session"])])),
            journals: true, planned: try NodeGuard.identity(InfoParser.parse(Array(Self.info.utf8)), address: "a"),
            limits: FlushCourse.Limits(pace: .fast, isCluster: true), measures: true, compares: true,
            forGood: [Self.key], keys: keys)
    }

    private func send(_ course: inout FlushCourse) -> String {
        let flight = course.flight(count: 100)
        return flight.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }

    /// Behind the guard.
    private func receive(_ course: inout FlushCourse, _ answer: String) throws -> FlushCourse.Digest {
        let guardian = "$\(Self.info.utf8.count)\r\n\(Self.info)\r\n"
        try course.receive(try arena(guardian + guardian + answer), at: WallTime(seconds: 1_795_357_927))
        return try course.digest()
    }

    @Test func unansweredRemovalForGoodIsCountedByItself() throws {
        var course = try course()
        let measured = send(&course)
        #expect(measured.contains("USAGE"))
        _ = try receive(&course, Self.huge)
        let removal = send(&course)
        #expect(removal.contains("$6\r\nUNLINK\r\n"))
        #expect(course.uncertain == 0 && course.uncertainForGood == [Self.key])
        _ = try receive(&course, ":1\r\n")
        #expect(course.uncertainForGood.isEmpty && course.forGoodRemoved.map(\.key) == [Self.key])
    }

    /// By the time its slot has moved it may be another value.
    @Test func keyThatIsSmallByThenIsJournalledAndCompared() throws {
        var course = try course()
        _ = send(&course)
        _ = try receive(&course, Self.huge)
        let first = send(&course)
        #expect(first.contains("$6\r\nUNLINK\r\n"))
        let strayed = try receive(&course, Self.moved)
        #expect(strayed.withdrawn.isEmpty && strayed.settled == nil)
        let measured = send(&course)
        #expect(measured.contains("ASKING") && measured.contains("USAGE"))
        _ = try receive(&course, "+OK\r\n:10\r\n")
        let dumped = send(&course)
        #expect(dumped.contains("DUMP"))
        let entries = try receive(&course, "+OK\r\n$12\r\n0123456789ab\r\n+OK\r\n:-1\r\n").entries
        #expect(entries.map(\.key) == [Self.key])
        course.journalled(in: 1)
        let removal = send(&course)
        #expect(removal.contains("$4\r\nEVAL\r\n") && !removal.contains("$6\r\nUNLINK\r\n"))
        #expect(course.uncertain == 1 && course.uncertainForGood.isEmpty)
        let last = try receive(&course, "+OK\r\n$1\r\n1\r\n")
        #expect(last.settled == 1 && last.withdrawn.isEmpty && course.removed == 1 && course.forGoodRemoved.isEmpty)
        #expect(course.isDone)
    }

    /// Its entry is withdrawn before it goes for good.
    @Test func keyThatIsLargeByThenIsWithdrawn() throws {
        var course = try course()
        _ = send(&course)
        _ = try receive(&course, ":10\r\n")
        _ = send(&course)
        _ = try receive(&course, "$12\r\n0123456789ab\r\n:-1\r\n")
        course.journalled(in: 1)
        let compared = send(&course)
        #expect(compared.contains("$4\r\nEVAL\r\n"))
        let strayed = try receive(&course, Self.moved)
        #expect(strayed.withdrawn == [JournalPlace(sequence: 1, index: 0)])
        _ = send(&course)
        _ = try receive(&course, "+OK\r\n\(Self.huge)")
        let removal = send(&course)
        #expect(removal.contains("$6\r\nUNLINK\r\n"))
        let last = try receive(&course, "+OK\r\n:1\r\n")
        let abandoned = course.abandon()
        #expect(last.settled == nil && last.withdrawn.isEmpty && abandoned.isEmpty)
        #expect(course.forGoodRemoved.map(\.key) == [Self.key])
    }

    /// The server refuses what it is asked before, and has removed it all the same.
    @Test func whatGoesForGoodBehindARefusalIsCounted() throws {
        var course = try course([Array("session:small".utf8), Self.key])
        _ = send(&course)
        _ = try receive(&course, ":10\r\n\(Self.moved)")
        _ = send(&course)
        _ = try receive(&course, "+OK\r\n\(Self.huge)$12\r\n0123456789ab\r\n:-1\r\n")
        course.journalled(in: 1)
        let removal = send(&course)
        #expect(removal.contains("$4\r\nEVAL\r\n") && removal.contains("$6\r\nUNLINK\r\n"))
        var failure: CacheError?
        do { _ = try receive(&course, "-OOM not allowed\r\n+OK\r\n:1\r\n") } catch { failure = error as? CacheError }
        #expect(failure != nil)
        #expect(course.removed == 1 && course.forGoodRemoved.map(\.key) == [Self.key])
    }

    @Test func successorsDoNotForgetWhatMayBeGoneForGood() {
        var tally = NamespaceFlush.Tally(receipt: FlushReceipt(scope: .namespace("session")))
        let (one, two) = (Array("session:1".utf8), Array("session:2".utf8))
        tally.note(forGood: [], unanswered: [one, two])
        #expect(tally.receipt.uncertainForGood == 2)
        tally.note(forGood: [], unanswered: [])
        #expect(tally.receipt.uncertainForGood == 2, "it is on no primary any more")
        tally.note(forGood: [two], unanswered: [])
        #expect(tally.receipt.uncertainForGood == 1, "that one was there still")
    }
}
