import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// What comes of an act is told as that act's, wherever it comes.
@Suite struct TicketTests {
    private func driver() -> Driver {
        var driver = Driver()
        driver.show(Sample.busy)
        return driver
    }

    private func command(_ text: String, _ driver: inout Driver) {
        driver.type(":" + text)
        driver.press(.enter)
    }

    /// The dialog of one key was closed while it was sent, and another one's is open.
    private func twoKeys() -> Driver {
        var driver = driver()
        command("keys session", &driver)
        driver.answerKeys()
        driver.press(.character("d"))
        driver.type("session:0")
        driver.press(.enter, .escape, .down, .character("d"))
        return driver
    }

    private func dialog(_ driver: Driver) -> String {
        guard case .operation(let dialog) = driver.state.dialog else { return "" }
        var frame = Frame(size: driver.state.size)
        dialog.box(in: driver.state).render(into: &frame)
        return frame.text
    }

    @Test func noTicketIsGivenTwice() {
        var driver = twoKeys()
        command("revoked", &driver)
        driver.press(.escape)
        command("flush session", &driver)
        #expect(Set(driver.sent.map(\.ticket)).count == driver.sent.count && driver.sent.count >= 2)
    }

    @Test func whoeverClosesADialogIsToldWhatGoesOn() {
        var driver = twoKeys()
        driver.press(.escape)
        #expect(driver.screen.contains("Under way: delete session:0"))
    }

    @Test func failureOfOneKeyIsToldAsItsOwn() {
        var driver = twoKeys()
        driver.operate(.failed(.key, "timed out after 2 s"))
        #expect(!dialog(driver).contains("timed out"))
        #expect(driver.screen.contains("delete session:0: timed out after 2 s"))
    }

    @Test func resultOfTheSameKeyIsNotAnotherActs() {
        var driver = driver()
        command("keys session", &driver)
        driver.answerKeys()
        driver.press(.character("t"))
        driver.type("10m")
        driver.press(.enter, .escape, .character("t"))
        driver.type("20m")
        driver.operate(.keyChanged(Array("session:0".utf8), "session:0 expires in 10 min"))
        #expect(dialog(driver).contains("20m"), "it is still being typed")
        #expect(driver.screen.contains("expires in 10 min"))
    }

    @Test func failureOfOneTokenIsToldAsItsOwn() {
        var driver = driver()
        command("unrevoke aaaa-1111", &driver)
        driver.type("aaaa-1111")
        driver.press(.enter, .escape)
        command("unrevoke bbbb-2222", &driver)
        driver.operate(.failed(.unrevoke, "timed out after 2 s"))
        #expect(!dialog(driver).contains("timed out") && dialog(driver).contains("Type its id"))
        #expect(driver.screen.contains("un-revoke aaaa-1111: timed out after 2 s"))
    }

    @Test func revocationsAreToldApart() {
        var driver = driver()
        driver.press(.character("R"))
        driver.send(.terminal(.paste("aaaa-1111")))
        driver.press(.tab, .tab, .tab, .tab, .enter)
        let first = driver.sent.last?.ticket ?? Ticket(0)
        driver.press(.escape, .character("R"))
        driver.send(.terminal(.paste("cccc-3333")))
        driver.press(.tab, .tab, .tab, .tab, .enter)
        driver.operate(.revoked([Sample.revocation("aaaa-1111")]), of: first)
        #expect(dialog(driver).contains("sending"))
        #expect(driver.screen.contains("aaaa-1111 holds"))
        driver.operate(.revoked([Sample.revocation("cccc-3333", state: .failed("OOM command not allowed"))]))
        #expect(dialog(driver).contains("cccc-3333") && dialog(driver).contains("OOM"))
        #expect(!dialog(driver).contains("written"))
    }

    /// The first count was closed, and is answered under the second dialog of the same namespace.
    @Test func planOfAnEarlierCountIsNotConfirmed() {
        var driver = driver()
        command("flush session", &driver)
        let first = driver.sent.last?.ticket ?? Ticket(0)
        driver.press(.escape)
        command("flush session", &driver)
        driver.operate(.progress(Sample.progress(0.9)), of: first)
        #expect(dialog(driver).contains("Asking the server"))
        driver.operate(.flushPlanned(Sample.flushPlan("session")), of: first)
        #expect(dialog(driver).contains("Counting its keys"))
    }

    @Test func failureOfWhatNobodyWaitsForIsNotSaid() {
        var driver = driver()
        command("flush session", &driver)
        driver.press(.escape)
        driver.operate(.failed(.flush, "cancelled"))
        #expect(driver.state.message == nil, "nothing was to be changed")
    }

    @Test func stoppingMeansWhatTheDialogHasSent() {
        var driver = driver()
        command("flush session", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter)
        let flush = driver.sent.last
        #expect(driver.state.underWay[flush?.ticket ?? Ticket(0)]?.name == "flush session")
        var stopped: [Effect] = []
        for _ in 0..<2 { stopped += driver.state.update(.terminal(.key(.character("x")))) }
        #expect(stopped == [.stop(flush?.ticket ?? Ticket(0))])
    }

    @Test func listOfAnEarlierQuestionIsNotShown() {
        var driver = driver()
        command("revoked", &driver)
        let first = driver.sent.last?.ticket ?? Ticket(0)
        driver.press(.escape)
        command("revoked", &driver)
        driver.operate(.listed(RevokedList(tokens: Sample.revokedTokens)), of: first)
        #expect(dialog(driver).contains("Looking for them"))
    }

    @Test func undoOfOneJournalIsNotAnothers() {
        var driver = driver()
        command("undo /a.journal", &driver)
        let first = driver.sent.last?.ticket ?? Ticket(0)
        driver.press(.escape)
        command("undo /b.journal", &driver)
        driver.operate(.undone(Sample.undoReceipt(), isDryRun: true), of: first)
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty && dialog(driver).contains("Reading the journal"))
    }

    @Test func olderVerdictOnAccessSaysNothing() {
        var driver = Driver()
        driver.show(Sample.busy)
        let first = driver.sent.last?.ticket ?? Ticket(0)
        driver.press(.character("r"))
        driver.show(Sample.busy)
        driver.operate(.access(nil))
        driver.operate(.access("read-only: the server is a replica"), of: first)
        #expect(driver.state.readOnlyWords == nil)
    }

    /// Two results come at once: none of them takes the other one's place unread.
    @Test func resultsTakeTurns() {
        var driver = driver()
        for name in ["aaaa", "bbbb"] {
            command("unrevoke \(name)", &driver)
            driver.type(name)
            driver.press(.enter, .escape)
        }
        driver.wait(10)
        let tickets = driver.sent.suffix(2).map(\.ticket)
        driver.operate(.failed(.unrevoke, "timed out"), of: tickets[0])
        driver.operate(.failed(.unrevoke, "refused"), of: tickets[1])
        #expect(driver.screen.contains("aaaa: timed out"))
        #expect(driver.state.untold == [tickets[1]])
        driver.press(.character("4"), .character("o"))
        #expect(driver.screen.contains("Sorted by"))
        driver.wait(6)
        #expect(driver.screen.contains("aaaa: timed out"), "its time was cut short")
        driver.wait(6)
        #expect(driver.screen.contains("bbbb: refused"))
        #expect(driver.state.untold.isEmpty)
    }

    /// The TTL was changed while its value was being asked for: that answer is of before.
    @Test func valueThatWasAskedForBeforeAChangeIsAskedForAnew() {
        var driver = driver()
        command("keys session", &driver)
        driver.answerKeys()
        let key = Array("session:1".utf8)
        driver.press(.down, .character("t"))
        #expect(driver.effects.contains(.inspect(key, from: .start)))
        driver.type("10m")
        driver.press(.enter)
        driver.operate(.keyChanged(key, "session:1 expires in 10 min"))
        driver.effects = []
        driver.send(.keys(.inspected(Sample.inspection(key))))
        #expect(driver.effects.contains(.inspect(key, from: .start)))
    }

    // MARK: undo

    private func undone(_ driver: inout Driver) -> [Effect] {
        driver.press(.escape)
        driver.effects = []
        command("undo", &driver)
        return driver.takeEffects()
    }

    @Test func undoOffersNoOlderJournalInsteadOfNone() {
        var driver = Driver(columns: 240, rows: 36)
        driver.show(Sample.busy)
        driver.operate(.flushed(Sample.flushReceipt("cart")))
        let journal = Sample.flushReceipt("cart").journal ?? ""
        #expect(undone(&driver) == [.undo(journal, isDryRun: true, .fast)])
        driver.press(.escape)
        var receipt = Sample.flushReceipt("session")
        (receipt.journal, receipt.undo) = (nil, nil)
        driver.operate(.flushed(receipt))
        #expect(undone(&driver).isEmpty)
        #expect(driver.screen.contains("flush session has no journal") && driver.screen.contains("flush-cart"))
    }

    @Test(arguments: ["TTL", "un-revoke", "revoke"]) func changesWithoutAJournalAreNotTakenBackByOlderOnes(
        change: String
    ) {
        var driver = driver()
        driver.operate(.flushed(Sample.flushReceipt("cart")))
        switch change {
        case "TTL": driver.operate(.keyChanged(Array("a:1".utf8), "a:1 never expires"))
        case "un-revoke": driver.operate(.unrevoked("aaaa", ["token:blacklist:aaaa"]))
        default: driver.operate(.revoked([Sample.revocation("aaaa")]))
        }
        #expect(undone(&driver).isEmpty)
        #expect(driver.screen.contains("has no journal"))
    }

    @Test func whatHasChangedNothingLeavesTheJournalOfTheLastChange() {
        var driver = driver()
        driver.operate(.keyDeleted(Array("a:1".utf8), journal: "/j/delete"))
        driver.operate(.keyDeleted(Array("b:1".utf8), journal: nil))
        driver.operate(.keyMissing(Array("c:1".utf8)))
        driver.operate(.unrevoked("aaaa", []))
        var receipt = Sample.flushReceipt("cart", outcome: .stopped("no answer"))
        (receipt.removed, receipt.journal) = (0, nil)
        driver.operate(.flushed(receipt))
        #expect(undone(&driver) == [.undo("/j/delete", isDryRun: true, .fast)])
    }

    /// Nobody knows whether a key was deleted: the journal of the one before is not the answer.
    @Test func undoOffersNoOlderJournalWhereNobodyKnowsWhatWasDone() {
        var driver = Driver(columns: 240, rows: 36)
        driver.show(Sample.busy)
        command("keys session", &driver)
        driver.answerKeys()
        for (name, event) in [
            ("session:0", OperationEvent.keyDeleted(Array("session:0".utf8), journal: "/j/1")),
            ("session:1", .failed(.key, "timed out; the newest has it", doubt: "if it was, the newest in /j has it")),
        ] {
            driver.press(.home, .character("d"))
            driver.type(name)
            driver.press(.enter)
            driver.operate(event, of: driver.sent.last?.ticket ?? Ticket(0))
        }
        #expect(dialog(driver).contains("the newest has it"))
        #expect(undone(&driver).isEmpty)
        #expect(driver.screen.contains("Nobody knows whether delete session:1 was done"))
        #expect(driver.screen.contains("if it was, the newest in /j has it") && driver.screen.contains(":undo /j/1"))
    }

    @Test func certainFailureLeavesTheJournalOfTheLastChange() {
        var driver = twoKeys()
        driver.operate(.keyDeleted(Array("session:0".utf8), journal: "/j/1"))
        driver.press(.escape, .home, .character("d"))
        driver.type("session:1")
        driver.press(.enter)
        driver.operate(.failed(.key, "read-only"), of: driver.sent.last?.ticket ?? Ticket(0))
        #expect(undone(&driver) == [.undo("/j/1", isDryRun: true, .fast)])
    }

    @Test func undoOffersNoOlderJournalWhileAChangeIsUnderWay() {
        var driver = Driver(columns: 240, rows: 36)
        driver.show(Sample.busy)
        driver.operate(.flushed(Sample.flushReceipt("cart")))
        driver.press(.escape)
        command("flush session", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter, .escape)
        #expect(undone(&driver).isEmpty)
        #expect(driver.screen.contains("flush session is under way") && driver.screen.contains("flush-cart"))
        driver.operate(.flushed(Sample.flushReceipt("session")))
        let journal = Sample.flushReceipt("session").journal ?? ""
        #expect(undone(&driver) == [.undo(journal, isDryRun: true, .fast)])
    }

    // MARK: who may

    @Test func accessThatNobodyAnsweredIsAskedForAgain() {
        var driver = Driver()
        driver.show(Sample.busy, count: 2)
        #expect(driver.accessQuestions == 1)
        driver.operate(.accessUnknown)
        driver.show(Sample.busy, count: 2)
        #expect(driver.accessQuestions == 2)
        driver.operate(.access(nil))
        driver.show(Sample.busy, count: 2)
        #expect(driver.accessQuestions == 2)
    }
}
