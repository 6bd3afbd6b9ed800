import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct NamespaceTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36, every: Duration? = .seconds(60)) -> Driver {
        Driver(columns: columns, rows: rows, estimateEvery: every)
    }

    /// A look that gives nobody a reason to look again.
    private func unbroken(_ report: NamespaceReport) -> NamespaceReport {
        var report = report
        for index in report.items.indices { report.items[index].withoutTTL = Estimated(exactly: 0) }
        return report
    }

    @Test func firstAnswerBringsAnEstimateAndEachMinuteAnother() {
        var driver = driver()
        driver.show(Sample.unreachable)
        #expect(driver.effects.isEmpty)
        driver.show(Sample.healthy)
        #expect(driver.effects == [.estimate])
        driver.show(Sample.healthy, count: 3)
        #expect(driver.effects == [.estimate], "one at a time")
        driver.look("estimated", unbroken(Sample.estimate))
        driver.show(Sample.healthy, count: 58)
        #expect(driver.effects == [.estimate])
        driver.show(Sample.healthy, count: 3)
        #expect(driver.effects == [.estimate, .estimate])
    }

    /// A contract that was broken before anybody looked: by what it grows is known after another look, sooner than in a
    /// minute.
    @Test func anAlertThatNobodyExplainsYetBringsALook() {
        var driver = driver()
        driver.show(Sample.healthy)
        driver.look("estimated", Sample.estimate)
        driver.show(Sample.healthy, count: 18)
        #expect(driver.effects == [.estimate])
        driver.show(Sample.healthy, count: 10)
        #expect(driver.effects == [.estimate, .estimate])
    }

    @Test func offMeansNever() {
        var driver = driver(every: nil)
        driver.show(Sample.busy, count: 200)
        #expect(driver.effects.isEmpty)
        driver.press(.character("e"))
        #expect(driver.effects == [.estimate])
    }

    @Test func countedFiguresAreNotSoonReplaced() {
        var driver = driver()
        driver.show(Sample.healthy)
        driver.look("estimated", unbroken(Sample.estimate))
        driver.press(.character("s"))
        driver.look("swept", unbroken(Sample.fullSweep))
        driver.effects = []
        driver.show(Sample.healthy, count: 200)
        #expect(driver.effects.isEmpty)
        driver.show(Sample.healthy, count: 120)
        #expect(driver.effects == [.estimate])
    }

    @Test func refusedEstimatesAreNotRepeatedUntilAskedAgain() {
        var driver = driver()
        driver.show(Sample.busy)
        var refused = Sample.estimate
        refused.refusal = Refusal(.noPermission, detail: "RANDOMKEY needs +randomkey")
        refused.complete = false
        driver.look("estimated", refused)
        driver.show(Sample.busy, count: 200)
        #expect(driver.effects == [.estimate])
        #expect(driver.screen.contains("+randomkey"))
        driver.press(.character("r"))
        driver.show(Sample.busy)
        #expect(driver.effects == [.estimate, .reconnect, .estimate])
    }

    @Test func aFailedLookLeavesTheOldFigures() {
        var driver = driver()
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        var failed = Sample.hostileEstimate
        failed.refusal = Refusal(.hung)
        driver.press(.character("2"), .character("e"))
        driver.look("estimated", failed)
        #expect(driver.state.namespaces.report?.keys == Sample.estimate.keys)
        #expect(driver.screen.contains("The last look failed"))
        driver.look("estimated", Sample.estimate)
        #expect(!driver.screen.contains("The last look failed"))
    }

    /// In an incident each look fails as the one before, and the last line has other things to say.
    @Test func aFailureIsSaidWhereItIsNewOrTheLookWasAskedFor() {
        var driver = driver()
        driver.show(Sample.busy)
        var failed = Sample.estimate
        func said(_ kind: Refusal.Kind, after keys: Key...) -> Bool {
            driver.show(Sample.busy, count: 60)
            for key in keys { driver.press(key) }
            failed.refusal = Refusal(kind)
            driver.look("estimated", failed)
            return driver.state.message?.text == "The estimate failed: \(Refusal(kind).reason)"
        }
        #expect(said(.hung))
        #expect(!said(.hung))
        #expect(said(.refused), "another reason")
        #expect(!said(.refused))
        #expect(said(.refused, after: .character("e")))
        #expect(!said(.refused))
        driver.look("estimated", Sample.estimate)
        #expect(said(.refused), "it had gone well in between")
    }

    @Test func oneSweepAtATimeAndXStopsIt() {
        var driver = driver(every: nil)
        driver.show(Sample.busy)
        driver.press(.character("x"))
        #expect(driver.effects.isEmpty && driver.screen.contains("No sweep is under way"))
        driver.press(.character("s"), .character("s"), .character("e"))
        #expect(driver.effects == [.sweep(full: false)])
        #expect(driver.screen.contains("x stops it"))
        driver.press(.character("4"), .character("x"), .character("x"))
        #expect(driver.effects == [.sweep(full: false), .cancelSweep, .cancelSweep], "from every screen")
        driver.look("swept", Sample.halfSweep)
        driver.press(.character("1"))
        #expect(driver.screen.contains("part of a sweep, just now"))
        driver.press(.character(":"))
        driver.type("sweep-full")
        driver.press(.enter)
        #expect(driver.effects.last == .sweep(full: true))
    }

    @Test func criticalAlertsHoldASweepBack() {
        var driver = driver(every: nil)
        driver.show(Sample.busy)
        driver.show(Sample.full, count: 15)
        #expect(driver.effects == [.strain(true)])
        driver.show(Sample.busy, count: 60)
        #expect(driver.effects == [.strain(true), .strain(false)])
    }

    @Test func brokenContractIsAnAlertWithItsRemedy() {
        var driver = driver()
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.show(Sample.busy)
        #expect(driver.state.alerts.raised.contains { $0.id == .ttlContractBroken && $0.node == nil })
        driver.press(.character("8"))
        #expect(driver.screen.contains("Keys without a TTL where one is due: rate:limit about"))
    }

    @Test func pausedFiguresHoldStill() {
        var driver = driver()
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"), .character("p"))
        driver.look("estimated", Sample.hostileEstimate)
        #expect(driver.screen.contains("estimate of 5,000 keys"))
        driver.press(.character("p"))
        #expect(driver.screen.contains("estimate of 3,000 keys"))
    }

    @Test func growthIsSaidOnlyWhereItIsBeyondChance() {
        var board = NamespaceBoard()
        func look(_ carts: Int, at seconds: Int) {
            var tally = KeyspaceTally(classifier: KeyClassifier())
            for number in 0..<carts {
                let key = Array("cart:\(number)".utf8)
                tally.count(key.span)
            }
            board.work = .estimating
            let report = NamespaceReport.sweep(
                tally, full: true, complete: true, expected: 0,
                NamespaceReport.Circumstances(
                    takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .zero))
            board.record(.swept(report), every: nil)
        }
        look(100, at: 0)
        #expect(board.growth(of: .namespace("cart")) == nil)
        look(200, at: 1800)
        #expect(board.growth(of: .namespace("cart")) == 200)
        #expect(board.growth(of: .namespace("session")) == 0)
        look(50, at: 7200)
        #expect(board.growth(of: .namespace("cart")) == nil, "the looks before lie more than an hour back")
        #expect(board.history(of: .namespace("cart"), count: 2) == [200, 50])
        for second in 0..<500 { look(10, at: 10_000 + second) }
        #expect(board.history(of: .namespace("cart"), count: 1000).count == NamespaceBoard.pastKept)
    }

    @Test(arguments: [(120, 36), (80, 24), (60, 16), (44, 10), (30, 8), (20, 5), (18, 3), (1, 1), (200, 60)])
    func everySizeShowsEveryState(columns: Int, rows: Int) {
        var driver = driver(columns, rows)
        let check = { (driver: Driver) in
            for line in driver.screen.split(separator: "\n") { #expect(CharacterWidth.of(String(line)) <= columns) }
        }
        driver.show(Sample.busy)
        driver.press(.character("2"))
        check(driver)
        for report in [Sample.estimate, Sample.hostileEstimate, Sample.fullSweep] {
            driver.look("estimated", report)
            driver.press(.end)
            check(driver)
            driver.press(.enter)
            check(driver)
            driver.press(.escape, .character("S"))
            driver.look("sweeping", Sample.halfSweep)
            check(driver)
            driver.press(.character("x"))
            check(driver)
            driver.look("swept", Sample.halfSweep)
            driver.press(.character("1"))
            check(driver)
            driver.press(.character("2"))
        }
    }

    @Test func hostileKeysNeverReachTheFrameUnescaped() {
        var driver = driver()
        driver.show(Sample.hostile)
        driver.look("estimated", Sample.hostileEstimate)
        var seen = ""
        for keys in [[Key.character("1")], [.character("2")], [.enter], [.escape, .end, .enter]] {
            for key in keys { driver.press(key) }
            let frame = driver.state.render()
            seen += frame.text
            for cell in frame.cells where cell.glyph != Cell.continuation {
                #expect(cell.glyph.unicodeScalars.allSatisfy(Printable.isPrintable))
            }
        }
        #expect(seen.contains("\\u{202e}"))
    }

    @Test func sortingFollowsTheKey() {
        var driver = driver()
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"))
        let byKeys = driver.state.namespaceRows.map(\.name)
        #expect(byKeys.first == "product")
        for _ in 0..<4 { driver.press(.character("o")) }
        #expect(driver.state.namespaceRows.map(\.name) == byKeys.sorted())
        driver.press(.character("o"))
        #expect(driver.state.namespaceRows.map(\.name) == byKeys)
        driver.press(.character("/"))
        driver.type("cache")
        driver.press(.enter)
        #expect(driver.state.namespaceRows.map(\.name) == ["api:cache"])
    }

    // MARK: names

    @Test(arguments: [72, 80, 100, 110, 120, 160]) func longNamesAreNotCutWhereThereIsRoom(columns: Int) {
        var driver = Driver(columns: columns, rows: 30)
        driver.show(Sample.busy)
        var report = Sample.estimate
        let name = String("token:refresh:of:mobile:devices".prefix((columns - 4) / 4))
        report.items[0].name = name
        driver.look("estimated", report)
        driver.press(.character("2"))
        #expect(driver.screen.contains(name), "\(driver.screen)")
    }

    // MARK: another server

    private func other(_ snapshot: Snapshot) -> Snapshot {
        var other = snapshot
        other.nodes[0].info?.server.runID = "another"
        return other
    }

    @Test func whatWasCountedOfAnotherServerIsForgotten() {
        var driver = Driver(estimateEvery: .seconds(60))
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.wait(61)
        driver.look("estimated", Sample.fullSweep)
        driver.press(.character("2"))
        #expect(driver.state.namespaces.growth(of: .namespace("session")) != nil && !driver.state.namespaceRows.isEmpty)
        driver.effects = []
        driver.show(other(Sample.busy))
        #expect(driver.state.namespaceRows.isEmpty && driver.state.subject == nil)
        #expect(driver.effects.contains(.estimate), "it is counted anew")
        // It has begun before, at the server before.
        var late = Sample.estimate
        late.took = .seconds(5)
        driver.look("estimated", late)
        #expect(driver.state.namespaceRows.isEmpty)
        driver.wait(10)
        driver.look("estimated", late)
        #expect(!driver.state.namespaceRows.isEmpty && driver.state.namespaces.growth(of: .namespace("session")) == nil)
    }
}

/// When the keyspace is looked at again by itself.
@Suite struct LookIsDueTests {
    @Test(
        "what was counted stands for five minutes, but not where the keys are others by now",
        arguments: [
            (100, 1_000, false), (100, 850, false), (100, 800, true), (59, 0, false), (61, 1_300, true),
            (301, 1_000, true),
        ])
    func isDue(seconds: Int, keys: Int, isDue: Bool) {
        var board = NamespaceBoard()
        let isFirst = board.isDue(at: .zero, every: .seconds(60), keys: 1_000)
        #expect(isFirst)
        var report = Sample.fullSweep
        (report.keys, report.elapsed) = (1_000, .zero)
        board.record(.swept(report), every: .seconds(60))
        let isNext = board.isDue(at: .seconds(seconds), every: .seconds(60), keys: keys)
        #expect(isNext == isDue)
    }

    @Test func whereTheirNumberIsNotKnownNothingHasChanged() {
        var board = NamespaceBoard()
        _ = board.isDue(at: .zero, every: .seconds(60))
        var report = Sample.fullSweep
        (report.keys, report.elapsed) = (1_000, .zero)
        board.record(.swept(report), every: .seconds(60))
        let isNext = board.isDue(at: .seconds(100), every: .seconds(60), keys: nil)
        #expect(!isNext)
    }
}
