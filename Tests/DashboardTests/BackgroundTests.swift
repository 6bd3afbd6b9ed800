import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Acts that go on behind the screens.
@Suite struct BackgroundTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy)
        driver.type(":flush session")
        driver.press(.enter)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter)
        driver.operate(.progress(Sample.progress(0.34)))
        driver.effects = []
        return driver
    }

    private func header(_ driver: Driver) -> String {
        driver.screen.split(separator: "\n").first.map(String.init) ?? ""
    }

    @Test func escapeHidesAndStopsNothing() {
        var driver = driver()
        #expect(driver.screen.contains("x stops") && driver.screen.contains("Esc hides, it goes on"))
        driver.press(.escape)
        #expect(driver.state.dialog == nil && driver.takeEffects().isEmpty)
        #expect(header(driver).contains("flush session 34 %"))
        driver.operate(.progress(Sample.progress(0.5)))
        #expect(header(driver).contains("flush session 50 %"), "it is heard of behind the screens, too")
        driver.press(.character("2"), .escape, .escape)
        #expect(driver.takeEffects().isEmpty && header(driver).contains("flush session 50 %"))
    }

    @Test(arguments: [(80, 24), (60, 16), (44, 12)]) func theFirstLineHasItAtEachSize(columns: Int, rows: Int) {
        var driver = driver(columns, rows)
        driver.press(.escape)
        #expect(header(driver).contains("flush session 34 %"), "\(header(driver))")
    }

    @Test func xAsksAndThenStops() {
        var driver = driver()
        driver.press(.escape, .character("x"))
        #expect(driver.takeEffects().isEmpty && driver.screen.contains("Stop it half-way?"))
        driver.press(.escape)
        #expect(driver.takeEffects().isEmpty && !driver.screen.contains("Stop it half-way?"), "no is no")
        #expect(driver.screen.contains("340 k removed"), "and the dialog stays")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty && driver.state.dialog != nil)
        driver.press(.character("x"), .character("x"))
        #expect(driver.takeEffects() == [.cancelOperation] && driver.screen.contains("stopping"))
        driver.press(.character("x"), .character("x"), .escape)
        #expect(driver.takeEffects().isEmpty, "once")
    }

    /// The shell is back at once, whatever goes on: what it has left undone is said there.
    @Test(arguments: [Key.character("q"), .control("c")]) func leavingIsNotAsked(key: Key) {
        var driver = driver()
        driver.press(.escape, key)
        #expect(driver.takeEffects() == [.quit])
    }

    /// A receipt that comes to the front is read before a key is meant for it.
    @Test func whatHasJustComeTakesNoKeys() {
        var driver = driver()
        driver.press(.escape)
        driver.isDrawn = false
        driver.operate(.flushed(Sample.flushReceipt("session")))
        driver.effects = []
        driver.press(.character("u"), .character("y"))
        #expect(driver.takeEffects().isEmpty)
        driver.isDrawn = true
        driver.wait(1)
        driver.press(.character("u"))
        #expect(!driver.takeEffects().isEmpty)
    }

    /// What was typed ahead does not confirm what nobody has read.
    @Test func theNameTypedAheadConfirmsNothing() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.type(":flush session")
        driver.press(.enter)
        driver.effects = []
        driver.type("session")
        driver.press(.enter)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty && driver.screen.contains("It is counted now: Enter again does it"))
        driver.press(.enter)
        #expect(driver.takeEffects().count == 1)
    }

    /// What waits for another act says for which.
    @Test func theSecondOneWaitsForTheFirst() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":repair rate:limit")
        driver.press(.enter)
        driver.operate(.repairPlanned(Sample.repairPlan("rate:limit")))
        driver.type("rate:limit")
        driver.press(.enter)
        #expect(driver.screen.contains("It begins when this is over: flush session"))
    }

    @Test func whatHasEndedComesToTheFront() {
        var driver = driver()
        driver.press(.escape, .character("4"))
        driver.operate(.flushed(Sample.flushReceipt("session")))
        #expect(driver.screen.contains("1,000,000 keys of session removed") && driver.state.background.isEmpty)
        #expect(!header(driver).contains("flush session"))
        driver.press(.escape)
        #expect(driver.state.screen == .slowlog && driver.state.dialog == nil)
    }

    @Test func underAnotherDialogALineTellsWhatHasEnded() {
        var driver = driver()
        driver.press(.escape, .character("?"))
        driver.operate(.flushed(Sample.flushReceipt("session")))
        driver.press(.escape)
        #expect(driver.state.message?.text.contains("keys of session removed") == true)
        #expect(driver.state.background.isEmpty)
    }

    @Test func aFailureBehindTheScreensIsTold() {
        var driver = driver()
        driver.press(.escape)
        driver.operate(.failed(.flush, "the server does not answer"))
        #expect(driver.screen.contains("the server does not answer") && driver.state.background.isEmpty)
    }

    /// Two at once: what runs is shown and stopped first, and what waits can be reached behind it.
    @Test func twoGoOnAtOnce() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":repair rate:limit")
        driver.press(.enter)
        driver.operate(.repairPlanned(Sample.repairPlan("rate:limit")))
        driver.type("rate:limit")
        driver.press(.enter)
        driver.press(.escape)
        #expect(
            driver.state.background.count == 2 && header(driver).contains("flush session 34 %")
                && header(driver).contains(" +1"))
        driver.press(.character("x"))
        #expect(driver.screen.contains("Stop it half-way?") && driver.screen.contains("Flush session"))
        driver.press(.escape, .escape, .character("x"))
        #expect(driver.screen.contains("Stop it half-way?") && driver.screen.contains("Repair rate:limit"))
        driver.press(.escape, .escape)
        #expect(
            driver.state.background.count == 2 && header(driver).contains("flush session 34 %")
                && header(driver).contains(" +1"))
    }
}
