import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Browsing: what is asked for, and that what comes late or twice does no harm.
@Suite struct KeyBoardTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy)
        driver.press(.character("3"))
        return driver
    }

    @Test func theScreenAsksOnceForItsFirstPage() {
        var driver = driver()
        #expect(driver.effects == [.browse(.pattern("*"), from: nil, wanted: 60, ticket: 0)])
        driver.show(Sample.busy, count: 3)
        driver.press(.down, .up)
        #expect(driver.effects.count == 1, "the answer is awaited")
    }

    @Test func namesAreThereBeforeTheirFacts() {
        var driver = driver()
        var page = Sample.keyPage(.pattern("*"), from: 0, count: 40)
        let whole = page
        page.rows = page.rows.prefix(10).map { KeyRow(name: $0.name) }
        driver.send(.keys(.names(page, ticket: 0)))
        #expect(driver.state.keyRows.count == 10)
        #expect(driver.screen.contains("product:7"))
        driver.send(.keys(.page(whole, ticket: 0)))
        #expect(driver.state.keyRows == whole.rows, "no name twice")
    }

    @Test func nearTheEndMoreIsAskedForUntilAllIsThere() {
        var driver = driver()
        driver.answerKeys()
        #expect(driver.state.keyRows.count == 60, "enough below the cursor")
        driver.press(.end)
        driver.answerKeys()
        #expect(driver.state.keyRows.count == 120)
        driver.press(.end)
        driver.answerKeys()
        #expect(driver.state.keyRows.count == 180)
        driver.press(.end)
        #expect(driver.effects.allSatisfy { if case .browse = $0 { false } else { true } })
        #expect(driver.screen.contains("180 keys, all"))
    }

    @Test func answersToAnOlderScopeAreDropped() {
        var driver = driver()
        driver.type(":keys session")
        driver.press(.enter)
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 9), ticket: 0)))
        #expect(driver.state.keyRows.isEmpty)
        #expect(driver.effects.last == .browse(.namespace("session"), from: nil, wanted: 60, ticket: 1))
        driver.send(.keys(.page(Sample.keyPage(.namespace("session"), from: 0, count: 9), ticket: 1)))
        #expect(driver.state.keyRows.count == 9)
    }

    @Test func keysThatScanReturnsTwiceAreListedOnce() {
        var board = KeyBoard()
        _ = board.askForMore(wanted: 10)
        board.record(.page(Sample.keyPage(.pattern("*"), from: 0, count: 20), ticket: 0))
        _ = board.askForMore(wanted: 10)
        board.record(.page(Sample.keyPage(.pattern("*"), from: 15, count: 20), ticket: 0))
        #expect(board.rows.count == 35)
    }

    /// A node that leaves takes along what was not walked over.
    @Test func listIsNotCalledWholeWhereANodeIsGone() {
        var driver = driver(140)
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 3, pages: 2), ticket: 0)))
        var page = Sample.keyPage(.pattern("*"), from: 3, count: 3, pages: 1)
        page.gone = ["10.0.0.5:6379"]
        page.cursor = [49]
        driver.send(.keys(.page(page, ticket: 0)))
        #expect(driver.screen.contains("10.0.0.5:6379 has left the deployment: keys may be missing"))
        var last = KeyPage()
        last.cursor = nil
        driver.send(.keys(.page(last, ticket: 0)))
        #expect(!driver.state.keys.isWhole && driver.screen.contains("6 keys, maybe not all"))
        #expect(!driver.screen.contains("keys, all"))
        var none = self.driver(140)
        page.rows = []
        page.cursor = nil
        none.send(.keys(.page(page, ticket: 0)))
        #expect(none.screen.contains("10.0.0.5:6379 has left") && !none.screen.contains("There are none"))
    }

    @Test func theListIsBounded() {
        var board = KeyBoard()
        var begin = 0
        while board.askForMore(wanted: 1000) != nil {
            board.record(.page(Sample.keyPage(.pattern("*"), from: begin, count: 1000, pages: 100), ticket: 0))
            begin += 1000
        }
        #expect(board.isFull)
        #expect(board.rows.count == KeyBoard.mostRows)
        var long = KeyBoard()
        var pages = 0
        while long.askForMore(wanted: 100) != nil, pages < 1000 {
            var page = KeyPage()
            page.rows = (0..<10).map {
                KeyRow(name: Array("\(pages) \($0) ".utf8) + [UInt8](repeating: 97, count: 60_000))
            }
            page.cursor = [49]
            long.record(.page(page, ticket: 0))
            pages += 1
        }
        #expect(pages == 7, "long names fill it sooner")
    }

    @Test func aRefusalIsShownAndNotRepeatedUntilAskedAgain() {
        var driver = driver()
        driver.effects = []
        var page = KeyPage()
        page.refusal = Refusal(.noPermission, detail: "SCAN needs +scan")
        driver.send(.keys(.page(page, ticket: 0)))
        #expect(driver.screen.contains("+scan"))
        driver.show(Sample.busy, count: 5)
        #expect(driver.effects.isEmpty)
        driver.press(.character("r"))
        #expect(driver.effects == [.reconnect, .browse(.pattern("*"), from: nil, wanted: 60, ticket: 0)])
    }

    @Test func theSelectedKeyIsShownAsTheCursorMoves() {
        var driver = driver()
        driver.answerKeys(80)
        #expect(driver.screen.contains("expires in 58 min"))
        driver.press(.down)
        #expect(driver.effects == [.inspect(Array("product:1".utf8), from: .start)])
        driver.press(.down, .down)
        #expect(driver.effects.count == 1, "one question at a time")
        driver.answerKeys()
        #expect(driver.state.keys.inspection?.key == Array("product:3".utf8))
    }

    @Test func aKeyThatCannotBeShownSaysWhy() {
        var driver = driver()
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 3, pages: 1), ticket: 0)))
        driver.send(.keys(.notInspected(Array("product:0".utf8), "GETRANGE is denied: needs +getrange")))
        #expect(driver.screen.contains("needs +getrange"))
    }

    @Test func viewsTakeTurns() {
        var driver = driver()
        driver.answerKeys()
        #expect(driver.screen.contains(#"  "total": 24.5"#), "JSON is found by itself")
        driver.press(.character("v"))
        #expect(driver.screen.contains(#"{"user":"42","items""#))
        driver.press(.character("v"))
        #expect(driver.screen.contains("000000  7b 22 75 73"))
        driver.press(.character("v"))
        #expect(driver.screen.contains(#"  "total": 24.5"#))
    }

    @Test func pagesOfAValueGoForthAndBack() {
        var driver = driver()
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 1, pages: 1), ticket: 0)))
        let key = Array("product:0".utf8)
        func part(_ position: Int, next: Int?) -> KeyInspection {
            var inspection = Sample.inspection(key)
            inspection.type = .list
            inspection.content.elements = (0..<5).map {
                KeyContent.Element(label: Array(String(position + $0).utf8), value: Array("element".utf8))
            }
            inspection.content.next = next.map { .position($0) }
            return inspection
        }
        driver.send(.keys(.inspected(part(0, next: 5))))
        driver.effects = []
        driver.press(.enter, .pageDown)
        #expect(driver.takeEffects() == [.inspect(key, from: .position(5))])
        driver.send(.keys(.inspected(part(5, next: nil))))
        #expect(driver.screen.contains("PgUp at the top"))
        driver.press(.pageDown)
        #expect(driver.takeEffects().isEmpty, "there is no more")
        driver.press(.pageUp)
        #expect(driver.takeEffects() == [.inspect(key, from: .start)])
        driver.send(.keys(.inspected(part(0, next: 5))))
        #expect(!driver.screen.contains("PgUp at the top"))
        driver.press(.escape)
        #expect(driver.state.screen == .keys, "Esc leaves the value first")
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func smallScreensShowListOrValue() {
        var driver = driver(40, 12)
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 3, pages: 1), ticket: 0)))
        driver.effects = []
        driver.show(Sample.busy)
        #expect(driver.effects.isEmpty, "a value that is not on the screen is not asked for")
        driver.press(.enter)
        #expect(driver.takeEffects() == [.inspect(Array("product:0".utf8), from: .start)])
        driver.send(.keys(.inspected(Sample.inspection(Array("product:0".utf8)))))
        #expect(driver.screen.contains("expires in 58 min"))
        driver.press(.escape)
        #expect(driver.screen.contains("product:2"))
    }

    @Test func sortAndFilter() {
        var driver = driver()
        driver.send(.keys(.page(Sample.keyPage(.pattern("*"), from: 0, count: 12, pages: 1), ticket: 0)))
        driver.press(.character("o"))
        #expect(
            driver.state.keyRows.map(\.name)
                == driver.state.keyRows.map(\.name).sorted { $0.lexicographicallyPrecedes($1) })
        driver.press(.character("o"))
        let sizes = driver.state.keyRows.compactMap { $0.facts?.bytes }
        #expect(sizes == sizes.sorted(by: >))
        driver.press(.character("o"))
        #expect(driver.state.keyRows.last?.facts?.lifetime == .never)
        driver.press(.character("/"))
        driver.type("t:1")
        #expect(driver.state.keyRows.count == 3)
    }

    @Test func hostileNamesAndValuesAreEscaped() {
        var driver = driver()
        var page = KeyPage()
        page.rows = [KeyRow(name: Array("a\u{1b}[31m\n\u{202e}".utf8) + [0xff])]
        driver.send(.keys(.page(page, ticket: 0)))
        var inspection = Sample.inspection(page.rows[0].name)
        inspection.content.elements = [KeyContent.Element(value: Array("x\u{1b}]0;t\u{07}\nsecond\u{9b}".utf8))]
        driver.send(.keys(.inspected(inspection)))
        for _ in 0..<3 {
            #expect(driver.screen.unicodeScalars.allSatisfy { $0 == "\n" || Printable.isPrintable($0) })
            driver.press(.character("v"))
        }
        #expect(driver.screen.contains(#"\x1b"#))
        driver.press(.character("y"))
        #expect(driver.effects.last == .copy(Printable.escape(page.rows[0].name)))
    }

    @Test func aNamespaceIsBrowsedFromItsTable() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"), .character("b"))
        #expect(driver.state.screen == .keys)
        guard case .browse(.namespace, _, nil, _, _) = driver.effects.last else {
            Issue.record("\(driver.effects)")
            return
        }
    }

    /// The second page is slow, everything is asked anew, and then it comes.
    @Test func pageThatWasAskedForBeforeIsNotTakenForTheFirst() {
        let key = Array("product:0".utf8)
        func part(_ words: String, next: Int?) -> KeyInspection {
            var inspection = Sample.inspection(key)
            inspection.content.elements = [KeyContent.Element(value: Array(words.utf8))]
            inspection.content.next = next.map { .position($0) }
            return inspection
        }
        var board = KeyBoard()
        board.openValue(of: key)
        #expect(board.follow(key) == .inspect(key, from: .start, ticket: 1))
        board.record(.inspected(part("first", next: 5), ticket: 1))
        #expect(board.nextPage() == .inspect(key, from: .position(5), ticket: 2))
        board.retry()
        #expect(board.inspect(key, .start) == .inspect(key, from: .start, ticket: 3))
        board.record(.inspected(part("second", next: nil), ticket: 2))
        #expect(board.shown?.content.next == .position(5), "the answer is awaited")
        board.record(.notInspected(key, "timed out", ticket: 2))
        #expect(board.complaint == nil)
        board.record(.inspected(part("anew", next: 7), ticket: 3))
        #expect(board.shown?.content.next == .position(7))
    }

    /// Another server answers: what the one before says of the same key is not its value.
    @Test func valueOfTheServerBeforeIsNotShown() {
        let key = Array("product:0".utf8)
        var board = KeyBoard()
        _ = board.inspect(key, .start)
        board.open(.pattern("*"))
        _ = board.inspect(key, .start)
        board.record(.inspected(Sample.inspection(key), ticket: 1))
        #expect(board.inspection == nil && board.inspecting == key)
    }
}
