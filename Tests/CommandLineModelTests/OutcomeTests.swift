import CacheModel
import CommandLineModel
import Testing

/// Exit statuses of what has changed something: 0 done, 1 not done, 5 half way.
@Suite struct OutcomeTests {
    private static func flush(
        removed: Int = 0, uncertain: Int = 0, kept: Int = 0, _ outcome: OperationOutcome = .done
    ) -> FlushReceipt {
        var receipt = FlushReceipt(scope: .namespace("session"))
        (receipt.removed, receipt.uncertain, receipt.keptCount, receipt.outcome) = (removed, uncertain, kept, outcome)
        return receipt
    }

    @Test(arguments: [
        (flush(), ProgramStatus.done, false), (flush(removed: 3), .done, true),
        (flush(removed: 3, .cancelled), .halfWay, true), (flush(.cancelled), .notDone, false),
        (flush(uncertain: 1, .stopped("timed out")), .halfWay, true),
        (flush(.stopped("timed out")), .notDone, false), (flush(removed: 3, kept: 1), .halfWay, true),
    ])
    func ofAFlush(receipt: FlushReceipt, status: ProgramStatus, hasChanged: Bool) {
        let outcome = Outcome(receipt)
        #expect(outcome.status == status)
        #expect(outcome.hasChanged == hasChanged)
        #expect(outcome.lines == OperationWords.receipt(receipt))
    }

    @Test(arguments: [
        (0, 0, OperationOutcome.done, ProgramStatus.done), (2, 1, .done, .done), (0, 0, .cancelled, .notDone),
        (0, 1, .cancelled, .halfWay), (1, 0, .stopped("timed out"), .halfWay),
    ])
    func ofARepair(given: Int, shortened: Int, end: OperationOutcome, status: ProgramStatus) {
        var receipt = RepairReceipt(scope: .namespace("session"))
        (receipt.given, receipt.shortened, receipt.outcome) = (given, shortened, end)
        #expect(Outcome(receipt).status == status)
        #expect(Outcome(receipt).hasChanged == (given + shortened > 0))
    }

    @Test(arguments: [
        (3, 3, true, OperationOutcome.done, false, ProgramStatus.done, true),
        (3, 3, true, .done, true, .done, false), (3, 2, true, .done, false, .halfWay, true),
        (3, 3, false, .done, false, .halfWay, true), (0, 0, true, .cancelled, false, .notDone, false),
        (1, 1, true, .stopped("timed out"), false, .halfWay, true),
    ])
    func ofAnUndo(
        restored: Int, verified: Int, journalIsWhole: Bool, end: OperationOutcome, isDryRun: Bool,
        status: ProgramStatus,
        hasChanged: Bool
    ) {
        let header = JournalHeader(
            id: 1, kind: .flush, scope: "session", target: "redis://a:1/0", database: 0, runID: "r", software: "redis",
            startedAt: WallTime(milliseconds: 0))
        var receipt = UndoReceipt(header: header)
        (receipt.restored, receipt.verified, receipt.journalIsWhole) = (restored, verified, journalIsWhole)
        receipt.outcome = end
        let outcome = Outcome(receipt, isDryRun: isDryRun)
        #expect(outcome.status == status)
        #expect(outcome.hasChanged == hasChanged)
    }

    @Test func ofRevocations() {
        let token = RevokedToken(id: "a\u{1b}[2J", blacklistedAt: WallTime(milliseconds: 0))
        let held = RevocationResult(token: token, layout: .documented, key: "k", state: .written)
        let failed = RevocationResult(token: token, layout: .documented, key: "k", state: .failed("OOM"))
        #expect(Outcome([held]).status == .done)
        #expect(Outcome([held, failed]).status == .notDone)
        #expect(Outcome([held, failed]).hasChanged)
        #expect(!Outcome([failed]).hasChanged)
        #expect(Outcome([held, failed]).lines.count == 4)
        #expect(Outcome([held, failed]).lines[0] == "1 of 2 holds")
        #expect(Outcome([held]).lines.last?.contains("only where the servers ask for it") == true)
        #expect(!Outcome([held]).lines.joined().unicodeScalars.contains("\u{1b}"))
        #expect(Outcome([failed]).lines == ["0 of 1 hold", "a\\x1b[2J  OOM"])
    }

    /// It stands there, and not all of it was done: that is neither nothing nor done.
    @Test func ofRevocationsThatAreHalfThere() {
        let token = RevokedToken(id: "a", blacklistedAt: WallTime(milliseconds: 0))
        var half = RevocationResult(
            token: token, layout: .documented, key: "k", state: .failed("revoked, but not listed in its index sets"))
        #expect(!half.hasChanged)
        half.isThere = true
        #expect(half.hasChanged)
        let outcome = Outcome([half])
        #expect(outcome.status == .halfWay && outcome.hasChanged)
        let lost = Outcome([half], [], Invocation())
        #expect(lost.status == .halfWay && lost.hasChanged)
    }

    @Test func ofCutOffs() {
        let cutOff = CutOff(user: "u\u{1b}", since: WallTime(seconds: 0))
        let held = CutOffResult(cutOff: cutOff, key: "k", state: .written)
        let failed = CutOffResult(cutOff: cutOff, key: "k", state: .failed("OOM"))
        #expect(Outcome(held).status == .done && Outcome(held).hasChanged)
        #expect(Outcome(failed).status == .notDone && !Outcome(failed).hasChanged)
        #expect(!Outcome(held).lines.joined().unicodeScalars.contains("\u{1b}"))
        let both = Outcome([], [held, failed], Invocation())
        #expect(both.status == .notDone && both.hasChanged)
        #expect(Outcome([], [], Invocation()) == Outcome(lines: [], status: .done, hasChanged: false))
        #expect(Outcome(unrevokedUser: "u", key: "blacklist:since:u").lines == ["removed blacklist:since:u"])
        let nobody = Outcome(unrevokedUser: "u", key: nil)
        #expect(nobody.status == .notDone && nobody.lines == ["user u is not cut off"])
    }

    @Test func ofTokensThatAreTakenOff() {
        let cutOff = CutOff(user: "17", since: WallTime(seconds: 1000))
        let refused = Outcome(unrevoked: "a", Readmission(keys: ["k1", "k2"], barrier: .refuses(cutOff)))
        #expect(refused.status == .done && refused.hasChanged && refused.lines.count == 5)
        #expect(refused.lines.prefix(2) == ["removed k1", "removed k2"])
        #expect(refused.lines[2].contains("still refused") && refused.lines[4].hasSuffix("unrevoke --user 17"))
        #expect(Outcome(unrevoked: "a", Readmission(keys: ["k"], barrier: .absent)).lines == ["removed k"])
        let unknown = Outcome(unrevoked: "a", Readmission(keys: ["k"], barrier: .userUnknown))
        #expect(unknown.lines.count == 2 && unknown.lines[1].contains("not known"))
        let nothing = Outcome(unrevoked: "a", Readmission(keys: [], barrier: .userUnknown))
        #expect(nothing.lines == ["a is not revoked"] && nothing.status == .notDone && !nothing.hasChanged)
        #expect(Outcome(unrevoked: "a", Readmission(keys: [], barrier: .refuses(cutOff))).lines.count == 4)
        #expect(refused.told(as: "{}") == Outcome(lines: ["{}"], status: .done, hasChanged: true))
    }

    /// Its last flight was sent and never answered: nobody may say that nothing was done.
    @Test func ofAnAnswerThatWasLost() {
        var repair = RepairReceipt(scope: .namespace("session"))
        (repair.outcome, repair.isUncertain) = (.stopped("timed out"), true)
        #expect(Outcome(repair).status == .halfWay && Outcome(repair).hasChanged)
        #expect(Outcome(repair).lines.contains { $0.contains("more may be changed") && $0.contains("never answered") })
        let header = JournalHeader(
            id: 1, kind: .flush, scope: "session", target: "redis://a:1/0", database: 0, runID: "r", software: "redis",
            startedAt: WallTime(milliseconds: 0))
        var undo = UndoReceipt(header: header)
        (undo.outcome, undo.isUncertain) = (.stopped("timed out"), true)
        let outcome = Outcome(undo, isDryRun: false)
        #expect(outcome.status == .halfWay && outcome.hasChanged)
        #expect(outcome.lines.contains { $0.contains("more may be restored") && $0.contains("never answered") })
    }

    @Test func ofADeletionWithoutAWayBack() {
        #expect(
            Outcome(deleted: "k", undo: "cachewatch undo j").lines == ["deleted k; undo with", "    cachewatch undo j"])
        let outcome = Outcome(deleted: "k", undo: "cachewatch undo j", objection: "no permissions to run 'restore'")
        #expect(outcome.status == .done && outcome.lines.last?.contains("another user") == true)
    }

    @Test func ofWhatFailed() {
        let refused = Outcome(failure: "revoke a", words: "OOM", isKnown: true)
        #expect(refused.status == .notDone && !refused.hasChanged)
        #expect(refused.lines == ["revoke a: not done: OOM"])
        let forbidden = Outcome(failure: "revoke a", words: "read-only", isKnown: true, isRefused: true)
        #expect(forbidden.status == .refused && forbidden.lines == ["revoke a: not done: read-only"])
        // The answer was lost: it may have been carried out all the same.
        let lost = Outcome(failure: "revoke a", words: "timed out", isKnown: false)
        #expect(lost.status == .halfWay && lost.hasChanged)
    }

    @Test func aFileOfOursThatIsNotWholeIsToldAndIsNoSuccess() {
        let done = Outcome(lines: ["done"], status: .done, hasChanged: true)
        #expect(done.noting(nil) == done)
        #expect(done.noting("no audit").lines == ["done", "  no audit"] && done.noting("x").status == .notDone)
        let half = Outcome(lines: [], status: .halfWay, hasChanged: true)
        #expect(half.noting("x").status == .halfWay)
    }

    /// A path and what to do come after the server's words.
    @Test func reasonsAreToldToTheirEnd() {
        let words = String(repeating: "/a-long-folder", count: 60) + " cannot be written; free some space"
        for lines in [
            Outcome(failure: "flush x", words: words, isKnown: true).lines, Outcome(Self.flush(.stopped(words))).lines,
        ] {
            #expect(lines.joined().contains("free some space") && !lines.joined().contains("…"), "\(lines)")
        }
    }
}
