import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Who holds the memory: sorted by bytes, with what nobody explains, and with the keys that do, where a sweep is cheap.
@Suite struct MemoryByBytesTests {
    /// 5,000 draws of 150,000 keys: all of them cost the server less than 2 s.
    private var cheap: NamespaceReport {
        var report = Sample.giants
        report.keys = 150_000
        return report
    }

    private func driver(_ columns: Int = 120, _ rows: Int = 36, every: Duration? = .seconds(60)) -> Driver {
        var driver = Driver(columns: columns, rows: rows, estimateEvery: every)
        driver.show(Sample.healthy)
        driver.effects = []
        return driver
    }

    // MARK: a full sweep that nobody has asked for

    @Test func aFullSweepFollowsWhereItIsCheap() {
        var driver = driver()
        driver.look("estimated", cheap)
        #expect(driver.effects == [.sweep(full: true)])
        driver.look("sweeping", Sample.halfSweep)
        #expect(driver.state.namespaces.shown?.method == .estimate, "what is known stays on the screen")
        #expect(driver.screen.contains("sweep 50 %"))
        driver.look("swept", Sample.fullSweep)
        #expect(driver.screen.contains("full sweep of 20,000 keys, just now"))
        #expect(!driver.screen.contains("Swept"), "nobody has asked")
        driver.effects = []
        driver.wait(300)
        driver.look("estimated", Sample.hostileEstimate)
        #expect(driver.effects.isEmpty == false, "there are far fewer keys now")
    }

    @Test func itDoesNotFollowEveryEstimate() {
        var driver = driver()
        driver.look("estimated", cheap)
        var swept = Sample.fullSweep
        swept.keys = cheap.keys
        driver.look("swept", swept)
        driver.effects = []
        driver.wait(300)
        driver.look("estimated", cheap)
        #expect(driver.effects.isEmpty, "the last one is young")
        driver.wait(3400)
        driver.look("estimated", cheap)
        #expect(driver.effects == [.sweep(full: true)], "and now it is old")
    }

    @Test func neverUnwishedOrWhereItCosts() {
        var off = driver(every: nil)
        off.press(.character("e"))
        off.effects = []
        off.look("estimated", cheap)
        #expect(off.effects.isEmpty)
        var large = driver()
        large.look("estimated", Sample.giants)
        #expect(large.effects.isEmpty, "five million keys")
        var busy = driver()
        busy.look("estimated", Sample.giants)
        busy.press(.character("s"))
        busy.effects = []
        busy.look("estimated", cheap)
        #expect(busy.effects.isEmpty, "an operator's own runs")
        var full = driver()
        full.show(Sample.full)
        full.effects = []
        full.look("estimated", cheap)
        #expect(full.effects.isEmpty, "91 % of maxmemory")
    }

    @Test func whereItIsStoppedTheEstimateStays() {
        var driver = driver()
        driver.look("estimated", cheap)
        driver.press(.character("x"))
        #expect(driver.effects == [.sweep(full: true), .cancelSweep])
        var half = Sample.halfSweep
        half.method = .sweepFull
        half.keys = cheap.keys
        driver.look("swept", half)
        #expect(driver.state.namespaces.report?.method == .estimate && driver.state.namespaces.work == .none)
        driver.effects = []
        driver.look("estimated", cheap)
        #expect(driver.effects.isEmpty, "whoever stops it has had enough of it")
    }

    // MARK: what is shown

    @Test func theLargestComeFirstWhateverTheirKeys() {
        var driver = driver()
        driver.look("estimated", Sample.giants)
        driver.press(.character("2"))
        #expect(driver.state.namespaceRows.map(\.name).prefix(3) == ["product", "session", "api:cache"])
        #expect(driver.screen.contains("bytes↓") && driver.screen.contains("of bytes"))
        driver.press(.character("o"))
        #expect(driver.state.namespaceRows.map(\.name).prefix(3) == ["product", "session", "cart"])
        #expect(driver.screen.contains("keys↓") && !driver.screen.contains("bytes↓"))
        driver.press(.character("O"))
        #expect(driver.state.namespaceRows.last?.name == "product" && driver.screen.contains("keys↑"))
    }

    @Test func whereBytesAreNotKnownKeysDecideAndItIsSaid() {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<100 { tally.count(Array((number < 70 ? "cart:\(number)" : "session:\(number)").utf8).span) }
        var driver = driver()
        driver.look(
            "estimated",
            .estimate(
                tally, keys: 1000,
                NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .zero, took: .zero)))
        #expect(driver.screen.contains("share of keys: bytes are not known"))
        driver.press(.character("2"))
        #expect(driver.state.namespaceRows.map(\.name).prefix(2) == ["cart", "session"])
        #expect(driver.screen.contains("of keys") && driver.screen.contains("keys↓"))
    }

    @Test(arguments: [(120, 36), (100, 30), (80, 24), (60, 16)]) func whatNobodyExplainsIsARow(columns: Int, rows: Int)
    {
        var driver = driver(columns, rows, every: nil)
        driver.look("estimated", Sample.giants)
        // With one row in the panel, it is the largest namespace's.
        #expect(driver.screen.contains("not explained 776 MiB") == (rows > 16), "\(driver.screen)")
        if columns >= 80 { #expect(driver.screen.contains("few large keys")) }
        driver.press(.character("2"))
        #expect(driver.screen.contains("not explained 776 MiB"), "\(driver.screen)")
        driver.look("estimated", Sample.estimate)
        #expect(!driver.screen.contains("not explained"))
    }

    /// Once a sweep has found the giants, an estimate does not make them be forgotten.
    @Test func keysThatWereCountedAreKnownForAnHour() {
        var driver = driver()
        var swept = Sample.fullSweep
        swept.items[1].biggest.insert(NotedKey(key: "session:giant", bytes: 700_000_000, type: .hash), at: 0)
        driver.press(.character("S"))
        driver.look("swept", swept)
        #expect(driver.screen.contains("session:giant") && driver.screen.contains("~668 MiB hash"), "\(driver.screen)")
        driver.wait(720)
        driver.look("estimated", Sample.giants)
        #expect(driver.screen.contains("biggest 12 min ago session:giant"), "\(driver.screen)")
        #expect(driver.screen.contains(": large keys, counted 12 min ago"), "\(driver.screen)")
        driver.look("estimated", Sample.estimate)
        #expect(!driver.screen.contains("session:giant"), "there is no room for it any more: it has gone")
        driver.look("estimated", Sample.giants)
        driver.wait(3000)
        #expect(!driver.screen.contains("session:giant") && driver.screen.contains("S finds them"))
    }
}
