import CacheModel
import RedisValues
import Testing

/// What a program of the operator's own is told, and what is said of it.
@Suite struct NoticeTests {
    private static func alert(_ level: Alert.Level, _ id: Alert.ID = .memoryHigh, node: String? = "a") -> Alert {
        Alert(id: id, level: level, node: node, message: "m", since: WallTime(seconds: 1))
    }

    /// `raised` and so on, each with the level that is told; nil where nothing is.
    private static let courses: [(changes: [AlertChange], told: [String])] = [
        ([.raised(alert(.warning)), .cleared(alert(.warning))], ["raised warning", "cleared warning"]),
        // Worse is told, better is not.
        (
            [
                .raised(alert(.warning)), .changed(alert(.critical)), .changed(alert(.warning)),
                .changed(alert(.critical)),
            ],
            ["raised warning", "raised critical"]
        ),
        ([.raised(alert(.warning)), .raised(alert(.warning))], ["raised warning"]),
        // Nobody hears the end of what they were not told of.
        ([.cleared(alert(.warning)), .withdrawn(alert(.critical))], []),
        ([.raised(alert(.critical)), .withdrawn(alert(.critical))], ["raised critical", "cleared critical"]),
        (
            [.raised(alert(.warning)), .raised(alert(.warning, node: "b")), .raised(alert(.info, .noPassword))],
            ["raised warning", "raised warning", "raised info"]
        ),
        (
            [.raised(alert(.warning)), .cleared(alert(.warning)), .raised(alert(.warning))],
            ["raised warning", "cleared warning", "raised warning"]
        ),
    ]

    @Test(arguments: courses.indices) func eachIsToldOnce(index: Int) {
        var notices = AlertNotices()
        let told = notices.take(Self.courses[index].changes).map { "\($0.event.rawValue) \($0.alert.level.rawValue)" }
        #expect(told == Self.courses[index].told)
    }

    @Test func nobodyHearsTheEndOfWhatHadNoRoom() {
        var notices = AlertNotices()
        for notice in notices.take([.raised(Self.alert(.warning))]) { notices.drop(notice) }
        let end = notices.take([.cleared(Self.alert(.warning))])
        let again = notices.take([.raised(Self.alert(.warning))])
        #expect(end.isEmpty && again.count == 1)
    }

    @Test func theyWaitInTheirOrderAndNotWithoutEnd() {
        var queue = NoticeQueue(program: "/p")
        let taken = (0...NoticeQueue.most).map { queue.put("\($0)") }
        #expect(taken == Array(repeating: true, count: NoticeQueue.most) + [false])
        let words = [queue.noteDrop(), queue.noteDrop()]
        #expect(words[0]?.contains("64 alerts wait for /p") == true && words[1] == nil, "it is said once")
        #expect(queue.rest(isCutOff: true)?.contains("65 alerts") == true)
        let told = (0...NoticeQueue.most).map { _ in queue.next() }
        #expect(told == (0..<NoticeQueue.most).map { "\($0)" } + [nil])
        _ = queue.note(.told)
        let later = queue.noteDrop()
        #expect(later != nil, "and again where it comes again")
        #expect(queue.rest(isCutOff: false) == nil && queue.rest(isCutOff: true)?.contains("1 alert ") == true)
    }

    /// Each complaint once, until it works again.
    @Test func aFailureIsSaidOnce() {
        var queue = NoticeQueue(program: "/p\u{1b}")
        let course: [(NoticeOutcome, String?)] = [
            (.notStarted("No such file"), "cannot be started: No such file"), (.notStarted("No such file"), nil),
            (.failed(status: 7, "no\u{1b}route"), "has failed with 7: no\\x1broute"),
            (.failed(status: 7, "no\u{1b}route"), nil),
            (.told, nil), (.failed(status: 7, ""), "has failed with 7"), (.killed(signal: 9), "signal 9"),
            (.tooSlow(.seconds(10)), "did not end within 10 s"), (.tooSlow(.seconds(10)), nil),
        ]
        for (outcome, expected) in course {
            let words = queue.note(outcome)
            #expect((words == nil) == (expected == nil), "\(outcome)")
            if let words, let expected { #expect(words.contains(expected) && !words.contains("\u{1b}"), "\(words)") }
        }
    }
}
