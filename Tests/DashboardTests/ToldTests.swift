import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// What has come of an act is on the screen once, or is said when the dashboard is left.
@Suite struct ToldTests {
    private static let failure = Sample.revocation("aaaa-1111", state: .failed("OOM command not allowed"))

    /// A token was sent to be revoked, and its dialog is closed.
    private func revoking() -> (driver: Driver, ticket: Ticket) {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("R"))
        driver.type("aaaa-1111")
        driver.press(.tab, .tab, .tab, .tab, .enter, .escape)
        driver.wait(10)
        return (driver, driver.sent.last?.ticket ?? Ticket(0))
    }

    private func resize(_ driver: inout Driver, _ columns: Int, _ rows: Int) {
        driver.send(.terminal(.resize(Size(columns: columns, rows: rows))))
    }

    @Test func resultUnderTheCommandLineIsSaidToWhomLeaves() {
        var (driver, ticket) = revoking()
        driver.type(":q")
        driver.operate(.revoked([Self.failure]))
        #expect(driver.screen.contains("OOM"), "beside what is typed")
        driver.wait(60)
        driver.effects = []
        driver.isDrawn = false
        driver.press(.enter)
        #expect(driver.effects == [.quit] && driver.state.untold == [ticket])
    }

    @Test(arguments: [":", "/"]) func resultWaitsForTheEndOfAField(opener: Character) {
        var (driver, ticket) = revoking()
        driver.press(.character("4"), .character(opener))
        driver.operate(.revoked([Sample.revocation("aaaa-1111")]))
        driver.wait(60)
        #expect(driver.state.untold == [ticket])
        driver.press(.escape)
        #expect(driver.screen.contains("aaaa-1111 holds") && driver.state.untold.isEmpty)
        driver.wait(4)
        #expect(driver.state.message != nil, "its time has begun when it was seen")
        driver.wait(3)
        #expect(driver.state.message == nil)
    }

    @Test func commandThatClearsLeavesWhatNobodyHasSeen() {
        var (driver, _) = revoking()
        driver.type(":clear")
        driver.operate(.revoked([Self.failure]))
        driver.press(.enter)
        #expect(driver.screen.contains("OOM"))
    }

    @Test func resultOnATinyScreenWaitsForALargerOne() {
        var (driver, ticket) = revoking()
        resize(&driver, 18, 3)
        driver.operate(.revoked([Self.failure]))
        driver.wait(60)
        #expect(driver.state.untold == [ticket])
        resize(&driver, 120, 36)
        #expect(driver.screen.contains("OOM") && driver.state.untold.isEmpty)
    }

    /// The dialog takes it, and the screen has no room for the dialog.
    @Test func resultInADialogThatIsNotDrawnIsUntold() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("R"))
        driver.type("aaaa-1111")
        driver.press(.tab, .tab, .tab, .tab, .enter)
        let ticket = driver.sent.last?.ticket ?? Ticket(0)
        resize(&driver, 18, 3)
        driver.operate(.revoked([Self.failure]))
        var large = driver
        driver.press(.escape)
        #expect(driver.state.untold == [ticket])
        resize(&large, 120, 36)
        #expect(large.screen.contains("OOM") && large.state.untold.isEmpty)
    }

    @Test func receiptThatOpensOnATinyScreenIsUntold() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.type(":flush session")
        driver.press(.enter)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter, .escape, .escape)
        resize(&driver, 18, 3)
        let ticket = driver.sent.last?.ticket ?? Ticket(0)
        driver.operate(.flushed(Sample.flushReceipt("session")))
        driver.press(.escape)
        #expect(driver.state.dialog == nil && driver.state.untold == [ticket])
    }

    /// The clock jumps before a frame is drawn, as after Ctrl-Z and fg.
    @Test func resultDoesNotExpireBeforeItIsDrawn() {
        var (driver, ticket) = revoking()
        driver.isDrawn = false
        driver.operate(.revoked([Self.failure]))
        driver.wait(3600)
        #expect(driver.state.untold == [ticket])
        driver.isDrawn = true
        driver.wait(1)
        #expect(driver.screen.contains("OOM"))
        driver.wait(4)
        #expect(driver.screen.contains("OOM"))
    }

    /// The frame is drawn with the time of the last tick, and the next one comes at once.
    @Test func timeOfAResultBeginsWhenItIsDrawn() {
        var (driver, _) = revoking()
        driver.isDrawn = false
        driver.operate(.revoked([Self.failure]))
        driver.state.noteDrawn(driver.state.render(), at: driver.elapsed + .seconds(3600))
        driver.wait(3600)
        #expect(driver.screen.contains("OOM"))
    }

    @Test func whatIsDrawnWhileTheShellHasTheTerminalIsUntold() {
        var (driver, ticket) = revoking()
        driver.press(.control("z"))
        driver.operate(.revoked([Self.failure]))
        driver.wait(3600)
        #expect(driver.state.untold == [ticket])
        driver.send(.terminal(.resumed))
        #expect(driver.screen.contains("OOM") && driver.state.untold.isEmpty)
    }

    // MARK: clicks

    /// A poll puts another row where somebody points, and both come at once.
    @Test func clickIsAboutWhatWasShown() throws {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("4"))
        let row = try #require(driver.state.render().regions.first { $0.id == "row:1" })
        let meant = driver.state.slowlogRows[1]
        driver.isDrawn = false
        var snapshot = Sample.busy
        let newest = try #require(snapshot.nodes[0].slowlog?.first)
        var entry = newest
        entry.id += 1
        snapshot.nodes[0].slowlog?.insert(entry, at: 0)
        driver.show(snapshot)
        #expect(driver.state.slowlogRows[1] != meant, "it has moved")
        driver.send(.terminal(.click(Point(column: row.rect.column, row: row.rect.row))))
        let selection = try #require(driver.state.selection(of: .slowlog))
        #expect(driver.state.slowlogRows[selection] == meant)
    }

    @Test func clickOnWhatIsGoneDoesNothing() throws {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("3"))
        driver.answerKeys()
        let row = try #require(driver.state.render().regions.first { $0.id == "row:1" })
        let gone = driver.state.keyRows[1].name
        let before = driver.state.cursors[.keys]
        driver.isDrawn = false
        driver.operate(.keyDeleted(gone, journal: "/j/x"))
        driver.send(.terminal(.click(Point(column: row.rect.column, row: row.rect.row))))
        #expect(driver.state.cursors[.keys] == before && !driver.state.keys.isOpen)
        #expect(driver.state.dialog == nil)
    }

    // MARK: keys

    /// A list was empty when a key was pressed, and its first page comes in front of it.
    @Test(arguments: ["d", "t"]) func keyThatWasNotShownYetIsNotActedOn(letter: Character) {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("3"))
        driver.isDrawn = false
        driver.answerKeys()
        driver.press(.character(letter))
        #expect(driver.state.dialog == nil && driver.screen.contains("product:0 was not on the screen yet"))
        driver.isDrawn = true
        driver.wait(1)
        driver.press(.character(letter))
        #expect(driver.state.dialog != nil)
    }

    @Test(arguments: ["F", "m"]) func namespaceThatWasNotShownYetIsNotActedOn(letter: Character) {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("2"))
        driver.isDrawn = false
        driver.look("estimated", Sample.estimate)
        driver.press(.character(letter))
        #expect(driver.state.dialog == nil && driver.screen.contains("was not on the screen yet"))
    }

    /// Typed ahead, within what is seen.
    @Test func keyThatIsSeenIsActedOnWithoutAFrameBetween() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("3"))
        driver.answerKeys()
        driver.isDrawn = false
        driver.press(.down, .down, .character("d"))
        #expect(driver.screen.contains("product:2") && driver.state.dialog != nil)
    }

    /// A namespace is shown in full and closes by itself: the list below is not what is acted on instead.
    @Test func cursorStaysOnANamespaceThatClosesByItself() {
        var driver = Driver(estimateEvery: .seconds(60))
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"), .enter)
        let opened = driver.state.namespaces.opened
        driver.press(.down)
        var other = Sample.busy
        other.nodes[0].info?.server.runID = "another"
        driver.show(other)
        driver.wait(5)
        driver.look("estimated", Sample.estimate)
        #expect(opened != nil && driver.state.namespaces.opened == nil)
        #expect(driver.state.subject == opened.map { Subject($0) })
    }

    /// Lines of a panel beside the list are no lines of the list.
    @Test func clickBesideTheListChoosesNothingThere() {
        var driver = Driver(columns: 120, rows: 50)
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"))
        let listed = driver.state.namespaceRows.count
        let regions = driver.state.render().regions.filter { $0.id.hasPrefix("row:") }
        #expect(regions.count == listed && Set(regions.map(\.id)).count == listed)
    }
}
