import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct CounterCourseTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private var fields: RESPValue { .array([.string(bytes("a/product/hits")), .string(bytes("5"))]) }

    private func asks(_ course: inout CounterCourse, isSlow: Bool = false, isMeasured: Bool = true) -> String {
        let asked = course.asks(isSlow: isSlow, isMeasured: isMeasured, isAllowed: true)
        return [asked.size ? "size" : nil, asked.hash ? "hash" : nil].compactMap { $0 }.joined(separator: " ")
    }

    private func note(_ size: RESPValue, in course: inout CounterCourse) -> Bool {
        course.note(size: size, beside: false)
    }

    @Test func sizeComesFirstAndTheHashWithEachPollFromThen() {
        var course = CounterCourse()
        #expect(asks(&course, isSlow: true) == "size")
        #expect(note(.integer(700), in: &course), "at once, for whoever polls once")
        course.note(hash: fields)
        #expect(course.reading?.services["a"]?.namespaces["product"]?.hits == 5)
        #expect(asks(&course) == "hash" && asks(&course, isSlow: true) == "size hash")
    }

    @Test func whatIsNotThereIsLookedForEveryTenthPoll() {
        var course = CounterCourse()
        #expect(!note(.null, in: &course))
        #expect(course.reading?.isEmpty == true && course.obstacle == nil)
        #expect(asks(&course) == "" && asks(&course, isSlow: true) == "size")
        #expect(note(.integer(700), in: &course))
    }

    @Test func whatIsTooLargeIsNotReadAndSaysSo() {
        var course = CounterCourse()
        #expect(!note(.integer(80 << 20), in: &course))
        #expect(course.obstacle == "cachecore:counters takes 80.0 MiB: it is not read" && course.reading == nil)
        #expect(asks(&course) == "")
        #expect(note(.integer(100), in: &course) && course.obstacle == nil)
    }

    @Test func anotherTypeIsSaidAndLookedAtAgain() {
        var course = CounterCourse()
        _ = course.note(size: .integer(60), beside: false)
        course.note(hash: .error(bytes("WRONGTYPE Operation against a key holding the wrong kind of value")))
        #expect(course.obstacle == "cachecore:counters is not a hash" && course.reading == nil)
        #expect(asks(&course) == "" && asks(&course, isSlow: true) == "size")
    }

    @Test func whereNoSizeIsToldTheHashIsAskedForAndGivenUpWhenNothingComes() {
        var course = CounterCourse()
        #expect(asks(&course, isSlow: true, isMeasured: false) == "hash")
        course.lost()
        #expect(asks(&course, isMeasured: false) == "")
        #expect(asks(&course, isSlow: true, isMeasured: false) == "hash")
        course.lost()
        #expect(asks(&course, isSlow: true, isMeasured: false) == "")
    }

    @Test func refusedSizeIsNotAskedForAgain() {
        var course = CounterCourse()
        #expect(asks(&course, isSlow: true) == "size")
        #expect(note(.error(bytes("ERR unknown command 'MEMORY'")), in: &course))
        course.note(hash: fields)
        #expect(asks(&course, isSlow: true) == "hash")
    }

    /// In a cluster another node may hold it by now.
    @Test func redirectionIsNoAnswer() {
        var course = CounterCourse()
        #expect(!note(.error(bytes("MOVED 1 10.0.0.1:6379")), in: &course))
        _ = course.note(size: .integer(60), beside: false)
        course.note(hash: .error(bytes("MOVED 1 10.0.0.1:6379")))
        #expect(course.reading == nil && course.obstacle == nil && asks(&course) == "size")
    }

    @Test(arguments: [
        ("6.2.14", "+hgetall"), ("7.0.15", "(+hgetall ~cachecore:counters)"),
        ("10.0", "(+hgetall ~cachecore:counters)"),
        (nil, "(+hgetall ~cachecore:counters)"), ("x", "(+hgetall ~cachecore:counters)"),
    ])
    func ruleIsThatOfTheServersVersion(version: String?, rule: String) {
        #expect(Question.permissionForCounters(version: version) == rule)
    }

    @Test func lineHasTheSelectorAtItsEndAndWhoReadsAnywayHasNone() {
        #expect(AccessRules.line(user: "w").hasSuffix(" (+hgetall ~cachecore:counters)"))
        #expect(AccessRules.line(user: "w", for: .inspecting).contains(" +hgetall"))
        #expect(!AccessRules.line(user: "w", for: .acting).contains("("))
    }
}
