import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Acting on the keyboard: nothing goes without its confirmation, and what has happened is said.
@Suite struct OperationTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36, readOnly: Bool = false) -> Driver {
        var driver = Driver(columns: columns, rows: rows, readOnly: readOnly)
        driver.show(Sample.busy)
        return driver
    }

    private func command(_ text: String, _ driver: inout Driver) {
        driver.type(":" + text)
        driver.press(.enter)
    }

    /// Its receipt passes by under another dialog: what brings its keys back is said with it.
    @Test func receiptOfAHiddenFlushNamesTheWayBack() {
        var driver = driver()
        command("revoked", &driver)
        driver.operate(.flushed(Sample.flushReceipt("session", outcome: .cancelled)))
        #expect(driver.screen.contains("stopped half way"))
        #expect(driver.screen.contains(":undo brings it back"))
        driver.press(.escape)
        command("undo", &driver)
        let journal = Sample.flushReceipt("session").journal ?? ""
        #expect(driver.takeEffects().contains(.undo(journal, isDryRun: true, .fast)))
    }

    /// Nobody is promised an undo that the server would refuse.
    @Test func wayBackThatIsRefusedIsNotPromised() {
        var driver = driver()
        driver.operate(
            .keyDeleted(Array("a:1".utf8), journal: "/j/delete", undoObjection: "no permissions to run 'restore'"))
        #expect(driver.screen.contains("Deleted a:1; the undo takes another user"))
        #expect(!driver.screen.contains("brings it back"))
        driver = self.driver()
        command("revoked", &driver)
        var receipt = Sample.flushReceipt("session")
        receipt.undoObjection = "no permissions to run 'restore'"
        driver.operate(.flushed(receipt))
        #expect(!driver.screen.contains("brings it back"))
        driver.press(.escape)
        #expect(driver.state.message?.text.contains("the undo takes another user") == true)
    }

    // MARK: flush

    @Test func flushIsCountedConfirmedAndDone() {
        var driver = driver()
        command("flush session", &driver)
        #expect(driver.takeEffects() == [.planFlush("session", .gentle)])
        driver.operate(.progress(Sample.progress(0.4)))
        #expect(driver.screen.contains("400 k found"))
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        #expect(driver.screen.contains("1,000,000 of 5,012,345 keys, 145 MiB"))
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty, "nothing is typed")
        driver.type("sessio")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.screen.contains("What is typed is not its name"))
        driver.type("n")
        #expect(driver.screen.contains("Enter removes 1,000,000 keys"))
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [
                .flush(Sample.flushPlan("session"), FlushConfirmation(typed: "session"), journals: true, .gentle)
            ])
        driver.press(.enter, .enter)
        #expect(driver.takeEffects().isEmpty, "once")
        driver.operate(.progress(Sample.progress(0.5)))
        #expect(driver.screen.contains("500 k removed"))
        driver.operate(.flushed(Sample.flushReceipt("session")))
        #expect(driver.screen.contains("1,000,000 keys of session removed"))
        #expect(driver.takeEffects().contains(.estimate), "the shares are others now")
        driver.press(.character("y"))
        #expect(
            driver.takeEffects() == [
                .copy("cachewatch undo \(Sample.flushReceipt("session").journal ?? "")")
            ])
        driver.press(.escape)
        #expect(driver.state.dialog == nil)
    }

    @Test func protectedNamespacesNeedTheSentenceToo() {
        var driver = driver()
        command("flush token:blacklist", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("token:blacklist")))
        driver.effects = []
        driver.type("token:blacklist")
        driver.press(.enter, .enter)
        #expect(driver.effects.isEmpty)
        driver.type("readmit revoked token")
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        driver.type("s")
        driver.press(.enter)
        let confirmation = FlushConfirmation(typed: "token:blacklist", readmits: true)
        #expect(
            driver.effects == [
                .flush(Sample.flushPlan("token:blacklist"), confirmation, journals: true, .gentle)
            ])
    }

    @Test func journalAndPaceAreChosenWithSpace() {
        var driver = driver()
        command("flush session", &driver)
        driver.press(.character("f"))
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.effects = []
        driver.type("session")
        driver.press(.tab, .character(" "))
        #expect(driver.screen.contains("what goes is gone"))
        driver.press(.tab, .character(" "), .enter)
        #expect(
            driver.effects == [
                .flush(Sample.flushPlan("session"), FlushConfirmation(typed: "session"), journals: false, .fast)
            ], "f hurried the count only; Space makes the flush fast")
    }

    @Test func escMeansNoAndStopsWhatRuns() {
        var driver = driver()
        command("flush session", &driver)
        driver.press(.escape)
        #expect(driver.takeEffects() == [.planFlush("session", .gentle), .dropOperation])
        #expect(driver.state.dialog == nil)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        #expect(driver.state.dialog == nil, "a plan that comes late opens nothing")
        command("flush session", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.effects = []
        driver.press(.escape)
        #expect(driver.takeEffects().isEmpty)
        command("flush session", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter)
        driver.effects = []
        driver.press(.character("x"), .character("x"))
        #expect(driver.takeEffects() == [.cancelOperation])
        #expect(driver.screen.contains("stopping"))
        driver.press(.escape)
        #expect(driver.state.dialog == nil, "hidden")
        driver.operate(.flushed(Sample.flushReceipt("session", outcome: .cancelled)))
        #expect(driver.screen.contains("stopped half way: 402,113 keys"), "the receipt comes back")
    }

    @Test func aFailureSaysWhyAndNothingMore() {
        var driver = driver()
        command("flush session", &driver)
        driver.operate(.failed(.flush, "the server does not answer"))
        #expect(driver.screen.contains("the server does not answer"))
        driver.press(.enter)
        #expect(driver.state.dialog == nil)
        driver.operate(.failed(.revoke, "OOM command not allowed"))
        #expect(driver.screen.contains("OOM command not allowed"), "also without a dialog")
    }

    @Test func nothingToFlushOffersNothing() {
        var driver = driver()
        command("flush cart", &driver)
        var plan = Sample.flushPlan("cart")
        (plan.keys, plan.bytes, plan.parts) = (0, 0, [])
        driver.operate(.flushPlanned(plan))
        driver.effects = []
        driver.type("cart")
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        #expect(driver.state.dialog == nil)
    }

    @Test func capitalFTakesTheSelectedNamespaceAndAsksOnTheOverview() {
        var driver = driver()
        driver.press(.character("F"))
        #expect(driver.screen.contains(":flush"))
        driver.press(.escape)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"), .character("F"))
        #expect(driver.takeEffects() == [.planFlush("product", .gentle)])
    }

    // MARK: undo, repair

    @Test func undoLooksFirst() {
        var driver = driver()
        command("undo", &driver)
        #expect(driver.takeEffects() == [.act(.listJournals)], "nothing was changed from here yet")
        driver.press(.escape)
        driver.operate(.flushed(Sample.flushReceipt("session")))
        driver.effects = []
        let path = Sample.flushReceipt("session").journal ?? ""
        driver.press(.character("u"))
        #expect(driver.takeEffects() == [.undo(path, isDryRun: true, .fast)])
        driver.operate(.undone(Sample.undoReceipt(), isDryRun: true))
        #expect(driver.screen.contains("998,211 of 1,000,000 keys of session would be"))
        driver.press(.enter)
        #expect(driver.takeEffects() == [.undo(path, isDryRun: false, .gentle)])
        driver.operate(.undone(Sample.undoReceipt(), isDryRun: false))
        #expect(driver.screen.contains("1,789 have run out meanwhile"))
        driver.press(.escape)
        command("undo /tmp/with blank.journal", &driver)
        #expect(driver.effects.last == .undo("/tmp/with blank.journal", isDryRun: true, .fast))
    }

    @Test func repairIsTypedToo() {
        var driver = driver()
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"), .character("m"))
        #expect(driver.takeEffects() == [.planRepair("product", .gentle)])
        driver.operate(.repairPlanned(Sample.repairPlan("product")))
        #expect(driver.screen.contains("412 keys without a TTL"))
        driver.type("product")
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [
                .repair(Sample.repairPlan("product"), FlushConfirmation(typed: "product"), .gentle)
            ])
        var receipt = RepairReceipt(scope: .namespace("product"))
        receipt.given = 412
        driver.operate(.repaired(receipt))
        #expect(driver.screen.contains("412 keys of product were given a TTL"))
    }

    // MARK: keys

    @Test func aKeyIsDeletedAfterTyping() {
        var driver = driver()
        command("keys session", &driver)
        driver.answerKeys()
        driver.press(.character("d"))
        driver.type("session:")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        driver.type("0")
        driver.press(.enter)
        let key = Array("session:0".utf8)
        #expect(driver.takeEffects() == [.deleteKey(key, readmits: false)])
        driver.operate(.keyDeleted(key, journal: "/j/delete"))
        #expect(driver.state.dialog == nil)
        #expect(!driver.state.keyRows.contains { $0.name == key })
        command("undo", &driver)
        #expect(driver.effects.last == .undo("/j/delete", isDryRun: true, .fast))
    }

    @Test func aTimeToLiveIsSetOrTakenAway() {
        var driver = driver()
        command("keys session", &driver)
        driver.answerKeys()
        let key = Array("session:0".utf8)
        for (text, wanted) in [("10m", Duration.seconds(600)), ("never", nil)] {
            driver.press(.character("t"))
            driver.type(text)
            driver.press(.enter)
            #expect(driver.takeEffects() == [.setLifetime(key, wanted, readmits: false)])
            driver.operate(.keyChanged(key, "session:0 changed"))
            #expect(driver.state.dialog == nil)
            #expect(driver.takeEffects() == [.inspect(key, from: .start)], "it is shown anew")
            driver.send(.keys(.inspected(Sample.inspection(key))))
        }
        driver.press(.character("t"))
        for text in ["", "0", "-3", "soon", "99999d"] {
            driver.press(.control("u"))
            driver.type(text)
            driver.press(.enter)
            #expect(driver.effects.isEmpty, "\(text)")
        }
        #expect(driver.screen.contains("looks like"))
    }

    @Test func keysOfTheBlacklistNeedTheSentence() {
        var driver = driver()
        command("keys token:blacklist", &driver)
        driver.answerKeys()
        driver.press(.character("d"))
        driver.type("token:blacklist:0")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        driver.type(FlushPlan.readmission)
        driver.press(.enter)
        #expect(driver.takeEffects() == [.deleteKey(Array("token:blacklist:0".utf8), readmits: true)])
        driver.operate(.failed(.key, "the connection broke"))
        #expect(driver.screen.contains("the connection broke"))
    }

    // MARK: read-only

    @Test(arguments: [true, false]) func readOnlyOffersNothingAndRefusesAll(bySetting: Bool) {
        var driver = driver(readOnly: bySetting)
        if !bySetting { driver.operate(.access("read-only: the server is a replica")) }
        #expect(driver.screen.contains("read-only"))
        #expect(!driver.screen.contains("F flush"))
        driver.look("estimated", Sample.estimate)
        for key in ["F", "R", "w"] { driver.press(.character(Character(key))) }
        driver.press(.character("2"), .character("F"), .character("m"), .character("R"))
        for text in ["flush session", "repair cart", "revoke a", "unrevoke a", "undo /tmp/x"] {
            command(text, &driver)
            #expect(driver.state.dialog == nil, "\(text)")
        }
        command("keys session", &driver)
        driver.answerKeys()
        driver.press(.character("t"), .character("d"))
        #expect(driver.state.dialog == nil)
        #expect(driver.effects.isEmpty)
        command("revoked", &driver)
        #expect(driver.effects == [.listRevoked], "looking is allowed")
    }

    /// A list may be looked at; what leads on from it, or was opened before it was known, is refused with the words.
    @Test func readOnlyRefusesWhatADialogLeadsTo() {
        var driver = driver(readOnly: true)
        command("revoked", &driver)
        driver.operate(.listed(RevokedList(tokens: Sample.revokedTokens)))
        driver.press(.enter)
        #expect(driver.screen.contains("Revoked tokens, 30") && driver.screen.contains("--read-only"))
        #expect(driver.effects == [.listRevoked])
        driver = self.driver()
        command("unrevoke a", &driver)
        driver.operate(.access("read-only: the server is a replica"))
        driver.type("a")
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        #expect(driver.screen.contains("read-only: the server is a replica"))
        driver.operate(.access(nil))
        driver.press(.enter)
        #expect(driver.effects == [.unrevoke("a", typed: "a")])
    }

    /// What was denied was denied by a server, or by a connection, that may be gone.
    @Test func whoMayWriteIsAskedAnewOfAnotherServerOrRole() {
        var driver = Driver()
        driver.show(Sample.replica, count: 3)
        #expect(driver.accessQuestions == 1)
        var promoted = Sample.replica
        promoted.nodes[0].info?.replication.role = .primary
        driver.show(promoted, count: 3)
        #expect(driver.accessQuestions == 2, "the same process, promoted")
        promoted.nodes[0].info?.server.runID = "another"
        driver.show(promoted, count: 3)
        #expect(driver.accessQuestions == 3, "another process")
        driver.show(Sample.unreachable, count: 2)
        driver.show(promoted, count: 3)
        #expect(driver.accessQuestions == 4, "a new connection")
    }

    @Test func undoOfAJournalWithoutItsEndIsAWarning() throws {
        var driver = Driver()
        driver.show(Sample.busy)
        command("undo /home/ops/cut.journal", &driver)
        var receipt = Sample.undoReceipt()
        receipt.journalIsWhole = false
        driver.operate(.undone(receipt, isDryRun: true))
        driver.press(.enter)
        driver.operate(.undone(receipt, isDryRun: false))
        guard case .operation(let dialog) = driver.state.dialog else {
            Issue.record("no dialog")
            return
        }
        let roles = dialog.box(in: driver.state).lines.compactMap { line -> Role? in
            if case .text(let text) = line { text.role } else { nil }
        }
        #expect(roles.first == .warning)
    }

    /// The dialog is the word that a server wants that nobody knows.
    @Test func undoIntoAServerThatIsNotKnownIsCalledThat() {
        var driver = Driver()
        driver.show(Sample.busy)
        command("undo /home/ops/a.journal", &driver)
        var receipt = Sample.undoReceipt()
        receipt.header.target = "redis://localhost:6379/0"
        receipt.place = UndoPlace(target: "redis://localhost:6379/0", database: 0, runID: "another")
        driver.operate(.undone(receipt, isDryRun: true))
        #expect(driver.screen.contains("This is another server"))
    }

    @Test func whoMayWriteIsAskedOnceAConnection() {
        var driver = Driver()
        driver.show(Sample.unreachable)
        #expect(driver.accessQuestions == 0)
        driver.show(Sample.busy, count: 5)
        #expect(driver.accessQuestions == 1)
        driver.operate(.access("read-only: this user may not write"))
        driver.press(.character("r"))
        driver.show(Sample.busy, count: 2)
        #expect(driver.accessQuestions == 2)
        driver.operate(.access(nil))
        driver.show(Sample.busy, count: 6)
        #expect(driver.screen.contains("F flush"))
    }

    @Test func whatCannotBeReadIsNotConfirmed() {
        var driver = driver(19, 4)
        command("flush session", &driver)
        #expect(driver.effects.isEmpty)
        driver.send(.terminal(.resize(Size(columns: 120, rows: 36))))
        command("flush session", &driver)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.effects = []
        driver.send(.terminal(.resize(Size(columns: 19, rows: 4))))
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        #expect(driver.screen.contains("too small to act"))
        driver.press(.escape)
        #expect(driver.state.dialog == nil)
    }
}
