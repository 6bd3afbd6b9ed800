import CacheModel
import Support
import Testing

@testable import Dashboard
@testable import TerminalUI

/// Prefixes that no rule covers are lines as any other.
@Suite struct DiscoveredRowTests {
    private static let reco = KeyScope.prefix(Array("reco:home:".utf8))

    private static func tally() -> KeyspaceTally {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        func add(_ name: String, bytes: Int, _ lifetime: KeyFacts.Lifetime) {
            let key = Array(name.utf8)
            let namespace = tally.count(key.span)
            tally.note(
                KeyFacts(type: .string, lifetime: lifetime, bytes: bytes), key: key.span, namespace: namespace)
        }
        for number in 0..<700 { add("session:\(number)", bytes: 100, .milliseconds(600_000)) }
        for number in 0..<200 { add("reco:home:\(number)", bytes: 6000, .never) }
        for number in 0..<95 { add("feature-flag-\(number)", bytes: 50, .never) }
        for number in 0..<5 { add("rare:\(number)", bytes: 60, .never) }
        return tally
    }

    private static func report(full: Bool = true) -> NamespaceReport {
        .sweep(
            tally(), full: full, complete: true, expected: 1000,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
    }

    private func driver(_ report: NamespaceReport = report(), columns: Int = 120, rows: Int = 36) -> Driver {
        var driver = Driver()
        driver.send(.terminal(.resize(Size(columns: columns, rows: rows))))
        driver.show(Sample.busy)
        driver.look("swept", report)
        driver.press(.character("2"))
        driver.effects = []
        return driver
    }

    @Test func whatIsAHundredthHasItsLineAndTheRestIsWhatRemains() throws {
        let report = Self.report()
        let row = try #require(report.discovered.first)
        #expect(report.discovered.count == 1 && row.scope == Self.reco)
        #expect(row.keys == Estimated(exactly: 200) && row.bytes == Estimated(exactly: 1_200_000))
        #expect(row.withoutTTL == Estimated(exactly: 200) && row.coverage == 0)
        #expect(row.lifetimes.never == 200 && row.sizes.total == 200 && row.biggest.count == 10)
        let rest = try #require(report.remainder)
        #expect(rest.keys == Estimated(exactly: 100) && rest.bytes == Estimated(exactly: 95 * 50 + 5 * 60))
        #expect(rest.biggest.allSatisfy { !$0.key.hasPrefix("reco:") } && rest.lifetimes.never == 100)
        #expect(report.rest.keys == Estimated(exactly: 300), "what belongs to no rule is what it was")
        #expect(report.rows.map(\.name).suffix(2) == ["reco:home:", "other"])
    }

    /// Of five thousand drawn keys figures have intervals, and their sum is that of all keys of no rule.
    @Test func estimatesHaveThemToo() throws {
        var told = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1))
        told.budget = 1.4e6
        let report = NamespaceReport.estimate(Self.tally(), keys: 1000, told)
        let (row, rest) = (try #require(report.discovered.first), try #require(report.remainder))
        #expect(row.keys.low <= 200 && row.keys.high >= 200 && (row.bytes?.high ?? .infinity).isFinite)
        #expect((row.bytes?.low ?? 0) <= 1_200_000 && (row.bytes?.high ?? 0) >= 1_200_000)
        #expect(abs(row.keys.value + rest.keys.value - report.rest.keys.value) < 1)
    }

    /// Where the server sums up by itself, nothing but sums is known of a prefix.
    @Test func sumsAloneMakeALineAndPromiseNoMore() throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        tally.merge(
            prefix: Array("reco:home:".utf8), keys: 200, bytes: 1_200_000, sized: 200,
            lasting: LastingKeys(timed: 200, never: 150, sized: 150, bytes: 900_000))
        var counts = NamespaceTally()
        (counts.keys, counts.examined, counts.bytes, counts.timed) = (300, 300, 1_205_000, 300)
        for _ in 0..<200 { counts.sizes.add(6000) }
        for _ in 0..<100 { counts.sizes.add(50) }
        counts.lifetimes.never = 300
        tally.merge(counts, namespace: tally.otherIndex)
        let report = NamespaceReport.sweep(
            tally, full: true, complete: true, expected: 300,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        let row = try #require(report.discovered.first)
        #expect(row.keys == Estimated(exactly: 200) && row.bytes == Estimated(exactly: 1_200_000))
        #expect(row.coverage == 0.25 && row.sizes.total == 0)
        let rest = try #require(report.remainder)
        #expect(rest.keys == Estimated(exactly: 100) && rest.bytes == Estimated(exactly: 5000))
    }

    @Test func theirLineIsMarkedAndTakesEveryKey() {
        var driver = driver()
        #expect(driver.state.namespaceRows.first?.scope == Self.reco, "most bytes first")
        #expect(driver.screen.contains("reco:home:") && driver.screen.contains("◦ no rule covers it"))
        driver.press(.character("F"))
        #expect(driver.takeEffects() == [.act(.planFlush(Self.reco, .gentle))])
        #expect(driver.screen.contains("Flush prefix reco:home:"))
        driver.press(.escape)
        driver.effects = []
        driver.press(.enter)
        #expect(driver.screen.contains("No rule covers it") && driver.screen.contains("200 keys never expire"))
        driver.press(.character("b"))
        #expect(driver.state.screen == .keys && driver.state.keys.scope == Self.reco)
    }

    @Test func mendingAsksForTheTimeToLive() {
        var driver = driver()
        driver.press(.character("m"))
        #expect(driver.effects.isEmpty && driver.screen.contains("how long are its keys to live"))
        driver.type("10")
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("looks like 10m"))
        driver.type("m")
        driver.press(.enter)
        #expect(driver.takeEffects() == [.act(.planRepair(Self.reco, ttl: .seconds(600), .gentle))])
        var plan = Sample.repairPlan("reco:home:")
        plan.scope = Self.reco
        driver.operate(.repairPlanned(plan))
        driver.type("reco:home:")
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [.repair(plan, FlushConfirmation(typed: "reco:home:"), .gentle)])
    }

    @Test func prefixIsTypedToConfirmIt() {
        var driver = driver()
        driver.press(.character("F"))
        driver.operate(.flushPlanned(Sample.flushPlan(Self.reco)))
        driver.type("reco:home")
        driver.press(.enter)
        #expect(driver.screen.contains("What is typed is not the prefix"))
        driver.effects = []
        driver.type(":")
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [
                .flush(
                    Sample.flushPlan(Self.reco), FlushConfirmation(typed: "reco:home:"), journals: true, .gentle)
            ])
    }

    @Test func commandLineTakesPrefixesAndPatterns() {
        for (text, act) in [
            (":flush reco:home:", Act.planFlush(Self.reco, .gentle)),
            (":flush cart:", .planFlush(.prefix(Array("cart:".utf8)), .gentle)),
            (":flush cart:*", .planFlush(.pattern("cart:*"), .gentle)),
            (":flush cart", .planFlush(.namespace("cart"), .gentle)),
        ] {
            var driver = driver()
            driver.type(text)
            driver.press(.enter)
            #expect(driver.takeEffects() == [.act(act)], "\(text)")
        }
        for (text, words) in [
            (":flush *", "FLUSHDB"), (":flush reco:home", "reco:home: takes all keys that begin so"),
        ] {
            var driver = driver()
            driver.type(text)
            driver.press(.enter)
            #expect(driver.effects.isEmpty && driver.screen.contains(words), "\(text)")
        }
        var driver = driver()
        driver.type(":keys reco:home:")
        driver.press(.enter)
        #expect(driver.state.keys.scope == Self.reco)
    }

    /// An act on a prefix may take keys of namespaces, too: those are not missed then.
    @Test func namespacesThatAreTakenFromAreKnown() {
        let plan = Sample.flushPlan(KeyScope.prefix(Array("ws:".utf8)))
        let act = Act.flush(plan, FlushConfirmation(typed: "ws:"), journals: true, .gentle)
        #expect(act.takenNamespaces(KeyClassifier()).isSuperset(of: ["ws:session", "other"]))
    }

    // MARK: what no journal can hold

    private func large() -> FlushPlan {
        var plan = Sample.flushPlan("session")
        plan.large = LargeKeys([LargeKeys.Item(key: Array("session:giant".utf8), bytes: 196 << 20)])
        return plan
    }

    @Test func largeKeyStaysUnlessItsNameIsTyped() {
        for (typed, forGood, count) in [("", nil, "999,999"), ("session:giant", "session:giant", "1,000,000")] {
            var driver = driver()
            driver.type(":flush session")
            driver.press(.enter)
            driver.operate(.flushPlanned(large()))
            #expect(driver.screen.contains("1 key, 196 MiB, is too large for a journal: session:giant"))
            driver.type("session")
            driver.press(.tab)
            driver.type(typed)
            #expect(driver.screen.contains("Enter removes \(count) keys"), "\(typed)")
            driver.effects = []
            driver.press(.enter)
            let confirmation = FlushConfirmation(typed: "session", forGood: forGood)
            #expect(driver.takeEffects() == [.flush(large(), confirmation, journals: true, .gentle)])
        }
        var driver = driver()
        driver.type(":flush session")
        driver.press(.enter)
        driver.operate(.flushPlanned(large()))
        driver.type("session")
        driver.press(.tab)
        driver.type("session:gian")
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("What is typed is not \"session:giant\""))
    }

    @Test func deletionOfALargeKeyTakesAWordOfItsOwn() {
        let key = Array("session:giant".utf8)
        var dialog = KeyDialog(key: key, kind: .delete, isProtected: false, bytes: 196 << 20)
        var step: DialogStep
        let driver = driver()
        #expect(Self.text(dialog, driver).contains("too large for a journal, 196 MiB: no undo brings it back"))
        for character in "session:giant" { _ = dialog.press(.character(character), in: driver.state) }
        step = dialog.press(.enter, in: driver.state)
        #expect(Self.act(step) == nil, "the name alone is not enough")
        _ = dialog.press(.character(" "), in: driver.state)
        step = dialog.press(.enter, in: driver.state)
        #expect(Self.act(step) == .deleteKey(key, readmits: false, forGood: true))
    }

    /// What a sample called small: the server says better, and the same dialog goes on.
    @Test func keyThatTurnsOutToBeLargeIsAskedForAgain() {
        let key = Array("session:giant".utf8)
        var dialog = KeyDialog(key: key, kind: .delete, isProtected: false, bytes: 900)
        var step: DialogStep
        let driver = driver()
        for character in "session:giant" { _ = dialog.press(.character(character), in: driver.state) }
        step = dialog.press(.enter, in: driver.state)
        #expect(Self.act(step) == .deleteKey(key, readmits: false, forGood: false))
        let isTold = dialog.handle(.keyTooLarge(key, bytes: 196 << 20))
        #expect(isTold)
        #expect(Self.text(dialog, driver).contains("Nothing was removed"))
        _ = dialog.press(.character(" "), in: driver.state)
        step = dialog.press(.enter, in: driver.state)
        #expect(Self.act(step) == .deleteKey(key, readmits: false, forGood: true))
    }

    private static func act(_ step: DialogStep) -> Act? { if case .act(let act) = step { act } else { nil } }

    private static func text(_ dialog: KeyDialog, _ driver: Driver) -> String {
        var state = driver.state
        state.dialog = .operation(dialog)
        return state.render().text
    }
}
