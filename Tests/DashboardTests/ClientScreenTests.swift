import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Screen 5: groups, their connections, and the way through them.
@Suite struct ClientScreenTests {
    private func driver(
        _ columns: Int = 120, _ rows: Int = 36, _ memory: ClientMemory = Sample.seenClients, looks: Bool = false
    ) -> Driver {
        var driver = Driver(columns: columns, rows: rows, looksAtClients: looks)
        driver.show(Sample.busy, count: 30)
        driver.send(.clientsSeen(memory))
        driver.press(.character("5"))
        return driver
    }

    private func names(_ driver: Driver) -> [String] {
        if case .groups(let groups) = driver.state.clientLines { groups.map(\.name) } else { [] }
    }

    @Test(arguments: [(120, 36), (80, 24), (44, 12)]) func groups(columns: Int, rows: Int) {
        expectGolden(driver(columns, rows).screen, named: "clients-\(columns)x\(rows)")
    }

    @Test func connectionsOfAGroup() {
        var driver = driver()
        driver.press(.down, .enter)
        expectGolden(driver.screen, named: "clients-members-120x36")
    }

    @Test func enterOpensAGroupAndEscapeGoesBackToIt() {
        var driver = driver()
        #expect(names(driver) == ["cart-*", "checkout-worker-*", "10.0.5.1", "cachewatch"])
        driver.press(.down)
        #expect(driver.screen.contains("rising for 6 looks, all idle: leak"))
        let group = driver.state.subject
        driver.press(.enter)
        #expect(driver.state.clientLines.count == 50 && driver.state.clients.opened?.label == "checkout-worker-*")
        driver.press(.enter)
        #expect(driver.state.clients.opened != nil, "a connection has nothing more to open")
        driver.press(.escape)
        #expect(driver.state.subject == group && driver.state.screen == .clients)
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func groupingTurns() {
        var driver = driver()
        var seen: [ClientGrouping] = []
        for _ in ClientGrouping.allCases {
            seen.append(driver.state.clients.grouping)
            driver.press(.character("o"))
            #expect(driver.screen.contains("by \(driver.state.clients.grouping.rawValue)"))
        }
        #expect(seen == ClientGrouping.allCases && driver.state.clients.grouping == .name)
        driver.press(.enter, .character("o"))
        #expect(driver.state.clients.opened == nil, "another grouping has other groups")
    }

    @Test func filterIsOfTheListThatIsShown() {
        var driver = driver()
        driver.press(.character("/"))
        driver.type("CHECKOUT")
        driver.press(.enter)
        #expect(names(driver) == ["checkout-worker-*"])
        driver.press(.enter)
        #expect(driver.state.filters[.clients] == nil && driver.state.clientLines.count == 50)
        driver.press(.character("/"))
        driver.type(":40107")
        driver.press(.enter)
        #expect(driver.state.clientLines.count == 1)
        driver.press(.escape)
        #expect(driver.state.clientLines.count == 50 && driver.state.clients.opened != nil, "the filter goes first")
        driver.press(.character("/"))
        driver.type("nosuch")
        driver.press(.enter)
        #expect(driver.screen.contains("None that match the filter"))
    }

    @Test func cursorStaysOnItsGroup() {
        var driver = driver()
        driver.press(.down)
        var memory = Sample.seenClients
        memory.note(
            Sample.look(
                (0..<90).map { Sample.client(100 + $0, "checkout-worker-3") } + [Sample.client(900, "cart-1")], at: 40))
        driver.send(.clientsSeen(memory))
        #expect(names(driver).first == "checkout-worker-*" && driver.state.selection(of: .clients) == 0)
        memory.note(Sample.look([Sample.client(900, "cart-1")], at: 50))
        driver.send(.clientsSeen(memory))
        #expect(driver.state.selection(of: .clients) == nil)
        #expect(driver.screen.contains("checkout-worker-* is not in this list now"))
        driver.press(.enter)
        #expect(driver.state.clients.opened == nil)
    }

    @Test func groupThatHasGoneLeavesNoOtherInItsPlace() {
        var driver = driver()
        driver.press(.down, .enter)
        var memory = Sample.seenClients
        memory.note(Sample.look([Sample.client(900, "cart-1")], at: 50))
        driver.send(.clientsSeen(memory))
        #expect(driver.screen.contains("None of its connections is there now"))
        #expect(driver.state.clients.opened?.label == "checkout-worker-*")
    }

    @Test func clickOpensWhatItFallsOn() throws {
        var driver = driver()
        let frame = driver.state.render()
        let row = try #require(frame.regions.first { $0.id == "row:1" }?.rect)
        driver.send(.terminal(.click(Point(column: row.column + 2, row: row.row))))
        #expect(driver.state.selection(of: .clients) == 1 && driver.state.clients.opened == nil)
        driver.send(.terminal(.click(Point(column: row.column + 2, row: row.row))))
        #expect(driver.state.clients.opened?.label == "checkout-worker-*")
    }

    @Test func pauseHoldsTheList() {
        var driver = driver()
        driver.press(.character("p"))
        var memory = Sample.seenClients
        memory.note(Sample.look([Sample.client(900, "late-1")], at: 50))
        driver.send(.clientsSeen(memory))
        #expect(names(driver).count == 4)
        driver.press(.character("o"), .character("p"))
        #expect(driver.state.clients.grouping == .address && names(driver) == ["10.0.3.7"])
    }

    @Test func copiesTheName() {
        var driver = driver()
        driver.effects = []
        driver.press(.character("y"), .enter, .character("y"))
        #expect(driver.effects.first == .copy("cart-*"))
        #expect(driver.effects.count == 2)
    }

    // MARK: what is not known

    @Test func whatIsNotKnownSaysWhy() {
        var refused = Sample.look([])
        (refused.entries, refused.refused) = (
            [:], ["cache-1:6379": Refusal(.noPermission, detail: "CLIENT LIST needs +client|list")]
        )
        let screen = driver(120, 36, ClientMemory(refused)).screen
        #expect(screen.contains("Who the clients are is not known: CLIENT LIST needs +client|list"))
        #expect(screen.contains("ACL SETUSER default +client|list") && screen.contains("--for diagnose"))
        refused.refused = ["cache-1:6379": Refusal(.unknownCommand, detail: "CLIENT LIST")]
        #expect(driver(80, 24, ClientMemory(refused)).screen.contains("renamed (rename-command)"))
        #expect(driver(120, 36, ClientMemory()).screen.contains("Nobody has looked yet"))
        var part = Sample.look([Sample.client(1, "web")])
        part.refused["cache-2:6379"] = Refusal(.hung, detail: "no reply within 2.0 s")
        #expect(driver(120, 36, ClientMemory(part)).screen.contains("1 of 2 nodes not known: no reply within 2.0 s"))
        part.refused = [:]
        part.leftOut = 3
        #expect(driver(120, 36, ClientMemory(part)).screen.contains("lines that were not understood: 3"))
    }

    @Test func oneLookShowsADashWhereTwoAreNeeded() {
        let screen = driver(120, 36, ClientMemory(Sample.looks[0])).screen
        let line = screen.split(separator: "\n").first { $0.contains("checkout-worker-*") }
        #expect(line?.contains("–") == true && line?.contains(" 40 ") == true, "\(screen)")
    }

    @Test func severalNodesHaveAColumn() {
        var look = Sample.look([Sample.client(1, "web")])
        look.entries["cache-2:6379"] = [Sample.client(1, "web"), Sample.client(2, "cart")]
        var driver = driver(120, 36, ClientMemory(look))
        #expect(driver.screen.contains("nodes") && driver.screen.contains("2/2") && driver.screen.contains("1/2"))
        driver.press(.down, .enter)
        #expect(driver.screen.contains("cache-2:6379") && driver.screen.contains("cache-1:6379"))
    }

    @Test func hostileNamesAreEscapedAndFit() {
        let names = ["\u{1b}[2J\u{202e}", String(repeating: "x", count: 300), "日本語", "a\\x1b", "  "]
        let clients = names.enumerated().map { index, name in
            Sample.client(index + 10, Printable.escape(name)) {
                $0.command = Printable.escape("\u{9b}31m")
                ($0.outputBuffer, $0.memory, $0.totalCommands) = (.max, .max, .max)
            }
        }
        let look = Sample.look(clients)
        for columns in stride(from: 20, through: 160, by: 9) {
            var driver = driver(columns, 24, ClientMemory(look))
            for _ in 0..<2 {
                let glyphs = driver.state.render().cells.flatMap(\.glyph.unicodeScalars)
                #expect(glyphs.allSatisfy { $0.value == 0 || $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
                driver.press(.enter)
            }
        }
    }

    // MARK: how often it is looked

    private func asked(_ driver: inout Driver, seconds: Int) -> Int {
        driver.effects = []
        var looks = 0
        for _ in 0..<seconds {
            driver.wait(1)
            let asks = driver.effects.filter { $0 == .lookAtClients }.count
            driver.effects = []
            looks += asks
            if asks > 0 { driver.send(.clientsSeen(ClientMemory())) }
        }
        return looks
    }

    @Test(arguments: [(54, 12, 6), (3_000, 2, 2), (20_000, 0, 0)])
    func looksAreAsOftenAsTheirNumberAllows(clients: Int, onScreen: Int, elsewhere: Int) {
        var snapshot = Sample.busy
        snapshot.nodes[0].info?.clients.connected = clients
        var driver = Driver(looksAtClients: true)
        driver.show(snapshot)
        driver.send(.clientsSeen(ClientMemory()))
        #expect(asked(&driver, seconds: 60) == elsewhere)
        driver.press(.character("5"))
        #expect(asked(&driver, seconds: 60) == onScreen)
        if clients > ClientCadence.most {
            #expect(driver.screen.contains("20,000 clients: to list them holds the server. e looks once."))
            driver.press(.character("e"))
            #expect(driver.effects == [.lookAtClients])
            driver.press(.character("e"))
            #expect(driver.effects == [.lookAtClients] && driver.screen.contains("A look at the clients is under way"))
            driver.send(.clientsSeen(Sample.seenClients))
            #expect(driver.screen.contains("over 10,000 clients: only e looks"))
        }
    }

    /// A look that is under way is not begun again, however long it takes.
    @Test func oneLookIsUnderWay() {
        var driver = Driver(looksAtClients: true)
        driver.show(Sample.busy)
        driver.effects = []
        driver.wait(300)
        driver.show(Sample.busy, count: 5)
        #expect(!driver.effects.contains(.lookAtClients))
    }

    @Test func aLookIsPartOfTheSnapshot() {
        var driver = driver()
        driver.show(Sample.busy)
        #expect(driver.state.latest?.clients == Sample.looks.last)
        var snapshot = Sample.busy
        snapshot.clients = Sample.look([Sample.client(5, "from-outside-1")], at: 90)
        driver.show(snapshot)
        #expect(names(driver) == ["from-outside-*"])
        snapshot.nodes[0].info?.server.runID = "another"
        snapshot.clients = nil
        driver.show(snapshot)
        #expect(driver.state.clients.look == nil && driver.state.latest?.clients == nil, "its clients are others")
    }
}
