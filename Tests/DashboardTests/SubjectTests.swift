import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Acts are about what is shown, and not about a row.
@Suite struct SubjectTests {
    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy)
        return driver
    }

    private func page(_ names: [String], more: Bool = false) -> KeyPage {
        var page = KeyPage()
        page.rows = names.map { name in
            KeyRow(name: Array(name.utf8), facts: KeyFacts(type: .string, lifetime: .milliseconds(60_000), bytes: 100))
        }
        (page.examined, page.total) = (names.count, 100)
        page.cursor = more ? Array("17".utf8) : nil
        return page
    }

    private func keys(_ names: [String], more: Bool = false, _ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = driver(columns, rows)
        driver.press(.character("3"))
        driver.send(.keys(.page(page(names, more: more), ticket: 0)))
        driver.answerValues()
        return driver
    }

    private func namespaces() -> Driver {
        var driver = driver()
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"))
        return driver
    }

    private func selected(_ driver: Driver) -> String? { driver.state.subject?.name }

    private var cartsFirst: NamespaceReport {
        var report = Sample.estimate
        for index in report.items.indices where report.items[index].name == "cart" {
            report.items[index].keys = Estimated(4_000_000, low: 3_900_000, high: 4_100_000)
        }
        return report
    }

    // MARK: what is open

    @Test(arguments: [70, 120]) func aPageThatArrivesPutsNoOtherKeyUnderAnOpenValue(columns: Int) {
        var driver = keys(["b:1", "c:1"], more: true, columns)
        driver.press(.character("o"), .enter)
        driver.answerValues()
        driver.send(.keys(.page(page(["a:1"]), ticket: 0)))
        driver.answerValues()
        #expect(driver.state.keys.inspection?.key == Array("b:1".utf8))
        driver.effects = []
        driver.press(.character("d"))
        driver.type("b:1")
        driver.press(.enter)
        #expect(driver.effects == [.deleteKey(Array("b:1".utf8), readmits: false)])
    }

    /// While the figures are held, the value that is there stays, and is what is meant; and no answer changes that.
    @Test func valueThatIsReadIsWhatIsMeantWhilePaused() {
        var driver = keys(["a:1", "b:1"], 70, 24)
        driver.press(.enter)
        driver.answerValues()
        driver.press(.escape, .character("p"), .down)
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("Paused: the value stays that of a:1"))
        #expect(driver.state.subject == .key(Array("a:1".utf8)) && driver.screen.contains("─ a:1 ─"))
        driver.press(.character("p"))
        driver.answerValues()
        #expect(driver.state.subject == .key(Array("a:1".utf8)) && driver.screen.contains("─ a:1 ─"))
    }

    /// A click opens no other key than that on which it falls.
    @Test func clickOpensNoOtherKeyWhilePaused() throws {
        var driver = keys(["a:1", "b:1"], 70, 24)
        driver.press(.enter)
        driver.answerValues()
        driver.press(.escape, .character("p"), .down)
        let frame = driver.state.render()
        driver.state.noteDrawn(frame, at: driver.state.elapsed)
        let row = try #require(frame.regions.first { $0.id == "row:1" }?.rect)
        driver.send(.terminal(.click(Point(column: row.column, row: row.row))))
        #expect(driver.state.subject == .key(Array("b:1".utf8)) && !driver.state.keys.isOpen)
        #expect(driver.screen.contains("Paused: the value stays that of a:1"))
    }

    /// The value of another key is not shown under the name of the one that was opened, and not meant by it.
    @Test func openKeyIsNamedBeforeItsValueHasCome() {
        var driver = keys(["a:1", "b:1"], 70, 24)
        driver.press(.enter)
        driver.answerValues()
        driver.press(.escape, .down, .enter)
        #expect(driver.screen.contains("─ b:1 ─") && !driver.screen.contains("expires in 58 min"))
        #expect(driver.state.subject == .key(Array("b:1".utf8)))
        driver.answerValues()
        #expect(driver.state.subject == .key(Array("b:1".utf8)) && driver.screen.contains("expires in 58 min"))
    }

    @Test func endOfOneKeyClosesNoOtherKeysValue() {
        var driver = keys(["a:1", "b:1"])
        driver.press(.character("d"))
        driver.type("a:1")
        driver.press(.enter, .escape, .down, .enter)
        driver.answerValues()
        driver.operate(.keyDeleted(Array("a:1".utf8), journal: "/j"))
        #expect(driver.state.keys.opened == Array("b:1".utf8))
        #expect(driver.screen.contains("Deleted a:1"))
    }

    @Test func namespaceThatIsShownInFullAndGoneIsClosedAndSaid() {
        var driver = namespaces()
        for _ in 0..<9 where selected(driver) != "other" { driver.press(.down) }
        driver.press(.enter)
        #expect(driver.state.namespaces.opened == .namespace("other"))
        var report = Sample.estimate
        report.rest.keys = Estimated(exactly: 0)
        report.remainder?.keys = Estimated(exactly: 0)
        driver.look("estimated", report)
        #expect(driver.state.namespaces.opened == nil)
        #expect(driver.screen.contains("other is not in the last look"))
        driver.effects = []
        driver.press(.character("F"))
        #expect(driver.effects.isEmpty && driver.state.subject == nil)
    }

    // MARK: the cursor

    @Test func cursorStaysOnItsKeyFromTheFirstLineOn() {
        var driver = keys(["b:1", "c:1"], more: true)
        driver.press(.character("o"))
        #expect(selected(driver) == "b:1")
        driver.send(.keys(.page(page(["a:1"]), ticket: 0)))
        #expect(selected(driver) == "b:1" && driver.state.lists[.keys]?.selection == 1)
    }

    @Test(arguments: ["pause", "order", "filter", "clear", "look"])
    func cursorStaysOnItsNamespaceWhateverChangesTheList(change: String) {
        var driver = namespaces()
        driver.press(.down, .down)
        let name = selected(driver)
        switch change {
        case "pause":
            driver.press(.character("p"))
            driver.look("estimated", cartsFirst)
            #expect(selected(driver) == name)
            driver.press(.character("p"))
        case "order":
            for _ in 0..<4 {
                driver.press(.character("o"))
                #expect(selected(driver) == name)
            }
        case "filter", "clear":
            driver.type("/zzz")
            #expect(driver.state.subject == nil)
            driver.press(.enter)
            #expect(driver.state.subject == nil, "there is no other")
            driver.press(.character("m"))
            #expect(driver.screen.contains("\(name ?? "?") is not in this list now"))
            if change == "filter" {
                driver.press(.escape)
            } else {
                driver.type(":clear")
                driver.press(.enter)
            }
        default: driver.look("estimated", cartsFirst)
        }
        #expect(selected(driver) == name)
        driver.effects = []
        driver.press(.character("F"))
        #expect(driver.effects == [.planFlush(name ?? "?", .gentle)])
    }

    @Test func filterThatIsAcceptedMeansTheFirstOfWhatItHasFound() {
        var driver = namespaces()
        driver.type("/cart")
        #expect(driver.state.subject == nil)
        driver.press(.enter)
        #expect(selected(driver) == "cart")
        driver.press(.escape)
        #expect(selected(driver) == "cart", "it stays on what it is on")
    }

    @Test func whereItsKeyIsGoneTheCursorNamesNoOther() {
        var driver = keys(["a:1", "b:1", "c:1"])
        driver.press(.down, .character("d"))
        driver.type("b:1")
        driver.press(.enter)
        driver.operate(.keyDeleted(Array("b:1".utf8), journal: "/j"))
        #expect(driver.state.subject == nil)
        driver.effects = []
        driver.press(.character("d"), .character("t"), .character("y"), .enter)
        #expect(driver.effects.isEmpty && driver.state.dialog == nil)
        #expect(driver.screen.contains("b:1 is not in this list now"))
        driver.press(.down)
        #expect(selected(driver) == "c:1")
    }

    @Test func cursorOfASlowQueryStaysWhenOrderAndPauseEnd() {
        var driver = driver()
        driver.press(.character("4"), .character("p"))
        let before = driver.state.subject
        var news = Sample.busy
        news.nodes[0].slowlog?.insert(
            SlowlogEntry(id: 99_999, at: Sample.takenAt, duration: .milliseconds(900), command: ["KEYS", "*"]), at: 0)
        driver.show(news)
        driver.press(.character("p"))
        #expect(driver.state.subject == before)
        driver.press(.character("o"), .character("o"))
        #expect(driver.state.subject == before)
    }

    // MARK: names

    @Test func nameThatIsTypedIsTheOneOnTheScreen() {
        let name = "a\u{1b}b\n\u{202e}"
        var driver = keys([name, "plain"])
        driver.press(.character("d"))
        #expect(driver.screen.contains(Printable.escape(name)))
        for wrong in ["delete", "plain", "a"] {
            driver.type(wrong)
            driver.press(.enter, .control("u"))
        }
        driver.effects = []
        driver.send(.terminal(.paste(Printable.escape(name))))
        driver.press(.enter)
        #expect(driver.effects == [.deleteKey(Array(name.utf8), readmits: false)])
    }

    /// Two blanks are not one, and a blank at the end is one.
    @Test func blanksOfANameAreShown() {
        var driver = keys(["a  b "])
        driver.press(.character("d"))
        #expect(driver.screen.contains("Delete a key") && driver.screen.contains("│ a \\x20b\\x20 "))
        driver.type("a b")
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
    }

    @Test(
        arguments: [
            (60, 7, "cart:user:1"), (24, 9, "cart:user:1"), (20, 5, "cart:user:1"), (80, 24, "cart:user:1"),
            (80, 24, String(repeating: "k", count: 300)), (40, 10, String(repeating: "k", count: 300)),
            (30, 8, "日本語のとても長い名前のキー"), (26, 12, "日本語のとても長い名前のキー"),
        ])
    func nothingIsConfirmedWhereTheNameHasNoRoom(columns: Int, rows: Int, name: String) {
        for kind in ["d", "t"] {
            var driver = keys([name], columns, rows)
            driver.effects = []
            driver.press(.character(Character(kind)))
            if kind == "t" { driver.type("10m") } else { driver.send(.terminal(.paste(name))) }
            let shown = driver.screen.filter { !"│╭╰╮╯─ \n".contains($0) }
            let isInSight = shown.contains(name)
            driver.press(.enter)
            let acts = driver.effects.filter { if case .act = $0 { true } else { false } }
            #expect(acts.isEmpty || isInSight, "\(kind) in \(columns)x\(rows)")
            #expect(!acts.isEmpty || driver.screen.contains("too small"), "\(driver.screen)")
            driver.press(.escape)
            #expect(driver.state.dialog == nil)
        }
    }

    @Test(arguments: ["1ms", "0.001", "1s", "59s"]) func lifetimeThatEndsAKeyIsADeletion(lifetime: String) {
        var driver = keys(["cart:user:1"])
        driver.press(.character("t"))
        driver.type(lifetime)
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("Type its name"))
        driver.type("cart:user:1")
        driver.press(.enter)
        #expect(driver.effects == [.deleteKey(Array("cart:user:1".utf8), readmits: false)], "with its journal")
    }

    @Test func undoNamesItsJournalWhereItIsConfirmed() {
        var driver = driver(44, 8)
        driver.type(":undo /j/flush-session.journal")
        driver.press(.enter)
        driver.operate(.undone(Sample.undoReceipt(), isDryRun: true))
        #expect(driver.screen.contains("flush-session.journal"))
        driver.send(.terminal(.resize(Size(columns: 24, rows: 6))))
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("too small"))
        driver.send(.terminal(.resize(Size(columns: 44, rows: 8))))
        driver.press(.enter)
        #expect(!driver.effects.isEmpty)
    }

    @Test func tokensAreInSightWhereTheyAreRevoked() {
        var driver = driver(60, 9)
        driver.press(.character("R"))
        driver.send(.terminal(.paste("aaaa-1111")))
        driver.press(.tab, .tab, .tab, .tab)
        #expect(driver.screen.contains("id aaaa-1111"))
        driver.send(.terminal(.resize(Size(columns: 60, rows: 5))))
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        driver.press(.tab)
        driver.send(.terminal(.resize(Size(columns: 120, rows: 36))))
        driver.press(.backTab, .enter)
        #expect(driver.effects.first?.revocation?.tokens.map(\.id) == ["aaaa-1111"])
    }

    // MARK: keys without rules

    /// The settings refuse such a name; whoever has it all the same is told two lines apart.
    @Test func keysWithoutRulesAreNoRuleOfThatName() {
        let mine = NamespaceRule(name: NamespaceRule.rest, prefixes: ["misc"], protected: false)
        let classifier = KeyClassifier(rules: NamespaceRule.rules(with: [mine]))
        var tally = KeyspaceTally(classifier: classifier)
        for number in 0..<100 { tally.count(Array("reco-home-\(number)".utf8).span) }
        for number in 0..<10 { tally.count(Array("misc:\(number)".utf8).span) }
        let report = NamespaceReport.sweep(
            tally, full: false, complete: true, expected: 110,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        var driver = Driver()
        driver.state = DashboardState(
            options: DashboardOptions(target: "redis://cache-1:6379/0", themes: ["dark"], classifier: classifier),
            interval: .seconds(1), theme: "dark", now: Sample.takenAt)
        driver.send(.terminal(.resize(Size(columns: 120, rows: 36))))
        driver.show(Sample.busy)
        driver.look("swept", report)
        driver.press(.character("2"))
        #expect(driver.state.namespaceRows[0].keys.value == 100)
        driver.effects = []
        driver.press(.character("F"))
        #expect(driver.effects.isEmpty, "no rule is about them")
        driver.press(.escape, .character("b"))
        #expect(driver.state.screen == .namespaces)
        driver.press(.enter)
        #expect(driver.state.subject == .namespace(report.rest.name))
    }

    // MARK: servers

    private func cluster(_ addresses: [String], run: String = "") -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.deployment = .cluster
        snapshot.nodes = addresses.map { address in
            var node = Sample.node()
            node.address = address
            node.info?.server.runID = address + run
            node.info?.replication.replicas = []
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        return snapshot
    }

    @Test func leavingOfTheChosenNodeIsSaidAndItsReturnChangesNothing() {
        var driver = Driver()
        driver.show(cluster(["a:1", "b:1", "c:1"]))
        driver.press(.character("7"), .down, .enter)
        #expect(driver.state.node?.address == "b:1")
        driver.wait(10)
        driver.show(cluster(["a:1", "c:1"]))
        #expect(driver.screen.contains("b:1 has left the deployment: all screens show all primaries now"))
        #expect(driver.state.subject == nil, "the cursor does not go on to another node")
        driver.show(cluster(["a:1", "b:1", "c:1"]), after: 10)
        #expect(driver.state.node?.address == "all primaries")
    }

    @Test func pauseHoldsTheNodeThatHasLeftToo() {
        var driver = Driver()
        driver.show(cluster(["a:1", "b:1", "c:1"]))
        driver.press(.character("7"), .down, .enter, .character("p"))
        driver.show(cluster(["a:1", "c:1"]))
        #expect(driver.state.node?.address == "b:1" && driver.state.message != nil)
        driver.press(.character("p"))
        #expect(driver.state.node?.address == "all primaries")
    }

    /// What was listed of one server is not confirmed for the one that answers under its name now.
    @Test func whatWasShownOfOneServerIsNotDoneToAnother() {
        func snapshot(_ run: String) -> Snapshot {
            var snapshot = Sample.busy
            snapshot.nodes[0].info?.server.runID = run
            return snapshot
        }
        var driver = Driver()
        driver.show(snapshot("a"))
        driver.press(.character("3"))
        driver.send(.keys(.page(page(["a:1", "b:1"]), ticket: 0)))
        driver.press(.character("d"))
        driver.type("a:1")
        driver.effects = []
        driver.show(snapshot("b"))
        #expect(driver.state.keyRows.isEmpty, "listed anew")
        let asked = driver.takeEffects()
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("Other servers answer now"))
        driver.press(.escape)
        driver.send(.keys(.page(page(["a:1", "b:1"]), ticket: 0)))
        #expect(driver.state.keyRows.isEmpty, "a page of the server before")
        driver.effects = asked
        driver.answerKeys(2)
        driver.effects = []
        driver.press(.home, .character("d"))
        let name = selected(driver) ?? ""
        driver.type(name)
        driver.press(.enter)
        #expect(driver.effects.last == .deleteKey(Array(name.utf8), readmits: false))
    }

    /// A silent node is still what it was.
    @Test func silenceIsNoOtherServer() {
        var driver = keys(["a:1"])
        driver.press(.character("d"))
        driver.type("a:1")
        driver.show(Sample.unreachable, count: 2)
        driver.effects = []
        driver.press(.enter)
        #expect(driver.effects == [.deleteKey(Array("a:1".utf8), readmits: false)])
    }
}

extension Driver {
    /// Answers what was asked about single keys.
    mutating func answerValues() {
        for _ in 0..<20 {
            let asked = effects.compactMap { if case .inspect(let key, _, _) = $0 { key } else { nil as [UInt8]? } }
            if asked.isEmpty { return }
            effects.removeAll { if case .inspect = $0 { true } else { false } }
            for key in asked { send(.keys(.inspected(Sample.inspection(key), ticket: lastInspection))) }
        }
    }
}
