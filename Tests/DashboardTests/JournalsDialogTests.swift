import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// The list of what can be taken back.
@Suite struct JournalsDialogTests {
    private static func journal(
        _ name: String, at seconds: Int64, keys: Int? = 100_004, isBeingWritten: Bool = false, problem: String? = nil
    ) -> ListedJournal {
        let path = "/home/ops/journals/\(name).journal"
        guard problem == nil else {
            return ListedJournal(
                path: path, bytes: 5, changedAt: WallTime(seconds: seconds), problem: problem)
        }
        let header = JournalHeader(
            id: 1, kind: .flush, scope: name, target: "redis://cache-1:6379/0", database: 0, runID: "r",
            software: "redis 7.0.15", startedAt: WallTime(seconds: seconds))
        return ListedJournal(
            path: path, bytes: 16 << 20, changedAt: header.startedAt, header: header, keys: keys,
            isBeingWritten: isBeingWritten)
    }

    private static let list = JournalList(
        folder: "/home/ops/journals",
        journals: [
            journal("session", at: 4_000), journal("cart", at: 3_000, keys: nil),
            journal("product", at: 2_000, keys: nil, isBeingWritten: true),
            journal("torn", at: 1_000, problem: "is no journal of cachewatch"),
        ], others: 2, bytes: 50 << 20)

    private func driver(_ columns: Int = 120, _ rows: Int = 36, readOnly: Bool = false) -> Driver {
        var driver = Driver(columns: columns, rows: rows, readOnly: readOnly)
        driver.show(Sample.busy)
        driver.effects = []
        driver.press(.character("U"))
        #expect(driver.takeEffects() == [.act(.listJournals)])
        driver.operate(.journals(Self.list))
        return driver
    }

    @Test(arguments: [(120, 36), (80, 24), (60, 16)]) func eachIsALineWithWhatItBrings(columns: Int, rows: Int) {
        let driver = driver(columns, rows)
        for words in ["keys of session", "100 k keys", "6 journals", "from redis://cache-1:6379/0"] {
            #expect(driver.screen.contains(words), "\(words): \(driver.screen)")
        }
        #expect(driver.screen.contains("16.0 MiB") == (columns > 60), "where there is room")
        #expect(driver.screen.contains("Enter shows what comes back"))
    }

    @Test func enterLooksAtWhatItWouldBring() {
        var driver = driver()
        driver.press(.down)
        #expect(driver.screen.contains("it has no end"))
        driver.press(.enter)
        #expect(driver.takeEffects() == [.act(.undo("/home/ops/journals/cart.journal", isDryRun: true, .fast))])
        #expect(driver.screen.contains("Reading the journal; nothing is changed yet"))
    }

    /// What is still written, or cannot be read, is not taken back.
    @Test func whatCannotBeTriedIsNot() {
        var driver = driver()
        for (key, words) in [(Key.end, "is no journal of cachewatch"), (.up, "what it is about still goes on")] {
            driver.press(key)
            #expect(driver.screen.contains(words))
            driver.press(.enter)
            #expect(driver.takeEffects().isEmpty && !driver.screen.contains("Enter shows"))
        }
    }

    /// Who may only look may look here, too, and no further.
    @Test func readOnlyLists() {
        var driver = driver(readOnly: true)
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
    }

    @Test func undoWithoutAChangeOpensTheList() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.effects = []
        driver.type(":undo")
        driver.press(.enter)
        #expect(driver.takeEffects() == [.act(.listJournals)])
        driver.operate(.journals(JournalList(folder: "/home/ops/journals")))
        #expect(driver.screen.contains("No journal in /home/ops/journals"))
        driver.press(.enter, .down, .escape)
        #expect(driver.state.dialog == nil && driver.takeEffects().isEmpty)
    }

    @Test func aFolderThatCannotBeReadSaysSo() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("U"))
        driver.operate(.failed(.list, "/home/ops/journals cannot be read"))
        #expect(driver.screen.contains("cannot be read"))
    }
}
