import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// The filter of the list of keys: what is typed filters what is there, and Enter asks the server.
@Suite struct KeyFilterTests {
    private let giant = Array("*giant*".utf8)

    private func driver(_ columns: Int = 120) -> Driver {
        var driver = Driver(columns: columns, rows: 36)
        driver.show(Sample.busy)
        driver.type(":keys session")
        driver.press(.enter)
        driver.send(.keys(.page(Sample.keyPage(.namespace("session"), from: 0, count: 100, pages: 9), ticket: 1)))
        _ = driver.takeEffects()
        return driver
    }

    private func page(_ names: [String], examined: Int, isLast: Bool = false) -> KeyPage {
        var page = KeyPage()
        page.rows = names.map { KeyRow(name: Array($0.utf8)) }
        (page.examined, page.total) = (examined, 300_000)
        page.cursor = isLast ? nil : [49]
        return page
    }

    @Test func enterAsksTheServerAndTheWalkGoesOnByItself() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        #expect(driver.screen.contains("None of the 100 that are listed; Enter asks the server"))
        #expect(driver.screen.contains("Enter asks the server for *giant*"))
        #expect(driver.takeEffects().isEmpty, "typing asks nothing")
        driver.press(.enter)
        let scope = KeyScope.namespace("session")
        let giant = Glob(giant)
        #expect(driver.takeEffects() == [.browse(scope, matching: giant, from: nil, wanted: 60, ticket: 2)])
        driver.send(.keys(.page(page([], examined: 30_000), ticket: 2)))
        #expect(driver.screen.contains("Looking for *giant*: 10 % of 300,000 keys walked; x stops"))
        #expect(
            driver.takeEffects() == [.browse(scope, matching: giant, from: [49], wanted: 60, ticket: 2)],
            "without being asked")
        driver.send(.keys(.page(page(["session:giant"], examined: 72_000), ticket: 2)))
        #expect(driver.screen.contains("session:giant") && driver.screen.contains("1 found, 34 % walked"))
        #expect(driver.screen.contains("session  *giant*"), "scope and pattern")
        driver.send(.keys(.page(page(["session:giant:2"], examined: 198_000, isLast: true), ticket: 2)))
        #expect(driver.screen.contains("2 of 300,000 keys"))
        #expect(!driver.effects.contains { if case .browse = $0 { true } else { false } } || driver.effects.count == 2)
    }

    /// It ends, and says how many were found of how many.
    @Test func whatIsNotThereIsNotLookedForForEver() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        driver.send(.keys(.page(page([], examined: 300_000, isLast: true), ticket: 2)))
        #expect(driver.screen.contains("None of 300,000 keys matches *giant*"))
        #expect(!driver.screen.contains("Looking for"))
    }

    @Test func xStopsTheWalkAndLetsItGoOn() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        driver.press(.character("x"))
        _ = driver.takeEffects()
        driver.send(.keys(.page(page([], examined: 102_000), ticket: 2)))
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.screen.contains("None found in 34 % of 300,000 keys; x goes on"))
        driver.show(Sample.busy, count: 3)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.character("x"))
        #expect(driver.takeEffects().count == 1)
    }

    @Test func escapeDropsTheFilterAndThenLeaves() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        driver.send(.keys(.page(page(["session:giant"], examined: 300_000, isLast: true), ticket: 2)))
        _ = driver.takeEffects()
        driver.press(.escape)
        #expect(driver.state.keys.narrowing == nil && driver.state.screen == .keys)
        #expect(driver.takeEffects() == [.browse(.namespace("session"), from: nil, wanted: 60, ticket: 3)])
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    /// Esc while it is typed takes nothing back and asks nothing.
    @Test func escapeInTheFieldLeavesTheListAsItWas() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("t:1")
        #expect(driver.state.keyRows.count < 100)
        driver.press(.escape)
        #expect(driver.state.keyRows.count == 100 && driver.state.keys.narrowing == nil)
    }

    @Test func theFieldBeginsWithTheFilterAndAnEmptyOneDropsIt() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        #expect(driver.screen.contains("filter giant"))
        driver.press(.character("/"), .control("u"), .enter)
        #expect(driver.state.keys.narrowing == nil)
    }

    /// What the server understands is not looked for in the names as it is written.
    @Test func patternsAreLeftToTheServer() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("session:?9")
        #expect(driver.state.keyRows.count == 100)
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [
                .browse(.namespace("session"), matching: "session:?9", from: nil, wanted: 60, ticket: 2)
            ])
    }

    @Test func anotherScopeIsNotNarrowed() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        driver.type(":keys cart")
        driver.press(.enter)
        #expect(driver.state.keys.narrowing == nil && driver.state.keys.scope == .namespace("cart"))
    }

    /// Nothing is asked while the figures are held, and that is said.
    @Test func pausedListSaysThatItWaits() {
        var driver = driver()
        driver.press(.character("p"), .character("/"))
        driver.type("giant")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.screen.contains("Paused: p goes on and looks for *giant*"))
        driver.press(.character("p"))
        #expect(driver.takeEffects().count == 1)
    }

    /// A pattern is walked over to its end, too, and can be stopped.
    @Test func patternsOfTheCommandLineComeToAnEnd() {
        var driver = driver()
        driver.type(":keys *giant*")
        driver.press(.enter)
        driver.send(.keys(.page(page([], examined: 30_000), ticket: 2)))
        #expect(driver.screen.contains("Looking for *giant*: 10 % of 300,000 keys walked; x stops"))
        driver.press(.character("x"))
        _ = driver.takeEffects()
        driver.send(.keys(.page(page(["a:giant"], examined: 30_000), ticket: 2)))
        #expect(driver.takeEffects() == [.inspect(Array("a:giant".utf8), from: .start)])
        #expect(driver.screen.contains("1 found, 20 % walked") && driver.screen.contains("stopped, x goes on"))
        driver.press(.character("x"))
        driver.send(.keys(.page(page([], examined: 240_000, isLast: true), ticket: 2)))
        #expect(driver.screen.contains("1 of 300,000 keys"))
    }

    /// F is about the namespace, and not about what is shown of it.
    @Test func actsAreAboutTheNamespace() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        #expect(driver.state.subjectScope == .namespace("session"))
        driver.type(":keys")
        driver.press(.enter)
        #expect(driver.state.subjectScope == nil, "of all keys nothing is chosen")
        driver.press(.character("/"))
        driver.type("giant")
        driver.press(.enter)
        #expect(driver.state.subjectScope == .pattern("*giant*"))
    }

    /// What an act is about is shown whole: no token may be it.
    @Test(arguments: ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl", "session:eyJhbGciOiJIUzI1NiJ9.e*"])
    func filterThatIsATokenIsNoScope(filter: String) {
        var driver = driver()
        driver.type(":keys")
        driver.press(.enter)
        driver.press(.character("/"))
        driver.type(filter)
        driver.press(.enter)
        #expect(driver.state.keys.narrowing?.text == filter && driver.state.keys.listed == .pattern("*"))
        #expect(driver.state.subjectScope == nil)
        #expect(!driver.screen.contains("eyJ") && driver.screen.contains("***"))
        driver.press(.character("F"))
        #expect(!driver.screen.contains("eyJ"))
        driver.press(.escape, .character("m"))
        #expect(!driver.screen.contains("eyJ"))
    }

    /// Names of a node are no sum of all.
    @Test func shareIsOfTheKeysOfAllNodes() {
        var board = KeyBoard()
        _ = board.askForMore(wanted: 10)
        var names = page(["a"], examined: 0)
        names.total = 100
        board.record(.names(names, ticket: 0))
        board.record(.page(page(["a"], examined: 100), ticket: 0))
        #expect(board.total == 300_000)
        _ = board.askForMore(wanted: 10)
        board.record(.names(names, ticket: 0))
        #expect(board.total == 300_000)
    }

    @Test func whyItEndedIsSaidBesideWhatWasFound() {
        var driver = driver()
        var page = page(["session:x"], examined: 10)
        page.refusal = Refusal(.timedOut, detail: "")
        driver.press(.character("/"))
        driver.type("x")
        driver.press(.enter)
        driver.send(.keys(.page(page, ticket: 2)))
        #expect(driver.screen.contains("ended: connection timed out; r asks again"))
    }
}
