import CommandLineModel
import Testing

/// SIGTERM, in whatever state it comes.
private let number: Int32 = 15

@Suite struct LeavingTests {
    private static let attended = Leaving.Stance.attended(words: ["interrupted"], status: .notDone)

    private func leaving(_ stance: Leaving.Stance) -> Leaving {
        var leaving = Leaving()
        leaving.stance = stance
        return leaving
    }

    @Test func whereNobodyAttendsASignalDoesWhatSignalsDo() {
        var leaving = Leaving()
        #expect(leaving.signalled(number) == .die(number))
        #expect(leaving.signalled(2) == .none, "it is dying")
    }

    @Test func aQuestionIsEndedAtOnce() {
        var leaving = leaving(.asking)
        guard case .exit(.notDone, let words) = leaving.signalled(number) else {
            Issue.record("it goes on")
            return
        }
        #expect(words.contains { $0.contains("nothing was changed") })
    }

    @Test func whatIsAttendedGetsItsTime() {
        var leaving = leaving(Self.attended)
        #expect(leaving.signalled(number) == .end)
        #expect(leaving.isLeaving)
        // A terminal that is gone sends more than one.
        #expect(leaving.signalled(1) == .none)
        #expect(leaving.expired { _ in false } == .exit(.notDone, ["interrupted"]))
        #expect(leaving.expired { _ in false } == .none)
    }

    /// A poll is under way, or nothing: the dashboard ends as if all had gone well.
    @Test func whatHangsAndChangesNothingIsLeftWithoutAWord() {
        var leaving = leaving(.attended(words: [], status: .done))
        _ = leaving.begin(.look)
        let isFirst = leaving.startLeaving()
        let isSecond = leaving.startLeaving()
        #expect(isFirst && !isSecond, "time runs already")
        #expect(leaving.expired { _ in true } == .exit(.done, []))
    }

    @Test func whatIsUnderWayIsTold() {
        var leaving = leaving(.attended(words: ["interrupted"], status: .done))
        let flush = leaving.begin(Undertaking(.flush, "session", journal: .file("/j", undo: "undo /j")))
        _ = leaving.begin(Undertaking(.revoke, "token-1"))
        let over = leaving.begin(Undertaking(.revoke, "token-2"))
        leaving.note(done: 17, of: flush)
        leaving.end(over)
        #expect(leaving.signalled(number) == .end)
        guard case .exit(.halfWay, let words) = leaving.expired(isThere: { _ in true }) else {
            Issue.record("it is half way")
            return
        }
        #expect(words[0].contains("at least 17 keys of session"))
        #expect(words.contains { $0.contains("token-1") } && !words.contains { $0.contains("token-2") })
        #expect(!words.contains("interrupted"))
    }

    @Test func whatHasEndedInOrderHasTheLastWord() {
        var leaving = leaving(Self.attended)
        _ = leaving.begin(Undertaking(.revoke, "token-1"))
        #expect(leaving.signalled(number) == .end)
        leaving.settle(.halfWay, ["stopped half way"])
        // A terminal that takes nothing may hold it up now.
        #expect(leaving.expired { _ in true } == .exit(.halfWay, ["stopped half way"]))
        let isMine = leaving.claimEnd()
        #expect(!isMine)
    }

    @Test func whatEndsWhileNobodyLeavesSettlesNothing() {
        var leaving = leaving(Self.attended)
        leaving.settle(.halfWay, ["stopped half way"])
        #expect(leaving.stance == Self.attended)
    }

    /// A signal came while something was counted, and by now somebody is asked.
    @Test(arguments: [Leaving.Stance.asking, .unattended]) func timeRunsOnWhateverComesNext(stance: Leaving.Stance) {
        var leaving = leaving(Self.attended)
        #expect(leaving.signalled(number) == .end)
        leaving.stance = stance
        guard case .exit(.notDone, let words) = leaving.expired(isThere: { _ in false }) else {
            Issue.record("it goes on")
            return
        }
        #expect(words.contains { $0.contains("nothing was changed") })
    }

    @Test func whoeverEndsFirstEndsIt() {
        var leaving = leaving(Self.attended)
        #expect(leaving.signalled(number) == .end)
        let isMine = leaving.claimEnd()
        #expect(isMine)
        #expect(leaving.expired { _ in true } == .none)
    }

    /// A flush is done, a refusal unread; then a list hangs that nobody misses.
    @Test func whatHasEndedIsSaidAlsoWhereSomethingElseHangs() {
        var book = ReceiptBook()
        book.post(Outcome(lines: ["flushed"], status: .done, hasChanged: true), number: 1, .watched)
        book.post(Outcome(lines: ["refused"], status: .notDone, hasChanged: false), number: 2, nil)
        book.noteUnread([2])
        var leaving = leaving(.attended(words: [], status: .done))
        _ = leaving.begin(.look)
        #expect(leaving.signalled(number) == .end)
        leaving.end(nil, telling: book)
        #expect(leaving.expired { _ in true } == .exit(.notDone, ["flushed", "refused"]))
    }

    /// One of two has ended since, the other one has not.
    @Test func whatEndsWhileSomethingElseHangsIsSaidOnce() {
        var leaving = leaving(.attended(words: [], status: .done))
        let deletion = leaving.begin(Undertaking(.delete, "a:1", journal: .folder("/j")))
        _ = leaving.begin(Undertaking(.revoke, "token-1"))
        #expect(leaving.signalled(number) == .end)
        var book = ReceiptBook()
        book.note(Outcome(lines: ["deleted a:1"], status: .done, hasChanged: true), .afterwards)
        leaving.end(deletion, telling: book)
        guard case .exit(.halfWay, let words) = leaving.expired(isThere: { _ in true }) else {
            Issue.record("it is half way")
            return
        }
        #expect(words.filter { $0.contains("a:1") } == ["deleted a:1"])
        #expect(words.contains { $0.contains("token-1") })
    }

    @Test func lastWordReplacesWhatWasSaidSoFar() {
        var leaving = leaving(.attended(words: [], status: .done))
        #expect(leaving.signalled(number) == .end)
        var book = ReceiptBook()
        book.note(Outcome(lines: ["flushed"], status: .done, hasChanged: true), .watched)
        leaving.end(nil, telling: book)
        leaving.settle(.done, ["flushed"])
        #expect(leaving.expired { _ in true } == .exit(.done, ["flushed"]))
    }

    /// The end of the process itself, and of a terminal that takes nothing, have to fit in as well.
    @Test func patienceLeavesTimeForTheEnd() { #expect(Leaving.patience <= .milliseconds(80)) }
}
