import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct UpdateTests {
    @Test func noKeyIsBoundTwiceOnOneScreen() {
        for screen in Screen.allCases {
            let active = Keymap.bindings.filter { $0.screens.isEmpty || $0.screens.contains(screen) }
            let keys = active.flatMap(\.keys)
            #expect(Set(keys).count == keys.count, "\(screen)")
        }
    }

    @Test func helpAndFooterComeFromTheKeymap() {
        var driver = Driver(columns: 240, rows: 76)
        driver.show(Sample.busy)
        let hints = driver.state.hints(columns: .max)
        #expect(hints.count > 8)
        for (label, hint) in hints { #expect(driver.screen.contains("\(label) \(hint)")) }
        driver.press(.character("?"))
        for binding in Keymap.bindings where !binding.isOfReplay {
            #expect(driver.screen.contains(binding.help.prefix(46)), "\(binding.label)")
        }
        driver.press(.escape)
        #expect(driver.state.dialog == nil)
    }

    @Test func numbersAndTabChooseScreens() {
        var driver = Driver()
        driver.press(.character("4"))
        #expect(driver.state.screen == .slowlog)
        driver.press(.tab)
        #expect(driver.state.screen == .clients)
        driver.press(.backTab, .backTab, .backTab, .backTab, .backTab)
        #expect(driver.state.screen == .alerts)
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func pauseHoldsTheFiguresWhilePollingGoesOn() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("p"))
        driver.show(Sample.full, count: 3)
        #expect(driver.state.shown?.nodes[0].info?.memory.used == Sample.busy.nodes[0].info?.memory.used)
        #expect(driver.screen.contains("PAUSED 3 s"))
        driver.press(.character("p"))
        #expect(driver.state.shown?.nodes[0].info?.memory.used == Sample.full.nodes[0].info?.memory.used)
        #expect(!driver.screen.contains("PAUSED"))
    }

    @Test func intervalGoesInStepsAndEndsAtItsLimits() {
        var driver = Driver()
        driver.press(.character("+"))
        #expect(driver.effects == [.setInterval(.seconds(2))])
        for _ in 0..<20 { driver.press(.character("-")) }
        #expect(driver.state.interval == .milliseconds(200))
        for _ in 0..<20 { driver.press(.character("+")) }
        #expect(driver.state.interval == .seconds(60))
    }

    @Test func spanIsInTheTitles() {
        var driver = Driver()
        driver.show(Sample.busy)
        #expect(driver.screen.contains("Memory  5 min"))
        driver.press(.character("]"), .character("]"), .character("]"))
        #expect(driver.screen.contains("Memory  1 h"))
        driver.press(.character("["), .character("["), .character("["), .character("["))
        #expect(driver.screen.contains("Memory  1 min"))
    }

    @Test func themePreviewIsTakenBackByEsc() {
        var driver = Driver()
        driver.press(.character("T"), .down, .down)
        #expect(driver.effects == [.applyTheme("light"), .applyTheme("nord")])
        driver.press(.escape)
        #expect(driver.effects.last == .applyTheme("dark"))
        #expect(driver.state.theme == "dark")
        driver.press(.character("T"), .down, .enter)
        #expect(driver.state.theme == "light")
    }

    @Test func commandsAreCompletedAndRun() {
        var driver = Driver()
        driver.type(":th")
        driver.press(.tab)
        driver.type("no")
        driver.press(.tab, .enter)
        #expect(driver.state.theme == "nord" || driver.screen.contains("theme"))
        driver.type(":theme nord")
        driver.press(.enter)
        #expect(driver.state.theme == "nord")
        driver.type(":screen slowlog")
        driver.press(.enter)
        #expect(driver.state.screen == .slowlog)
        driver.type(":poll 2s")
        driver.press(.enter)
        #expect(driver.effects.last == .setInterval(.seconds(2)))
        driver.type(":span 15m")
        driver.press(.enter)
        #expect(driver.state.spanLabel == "15 min")
        driver.type(":flush all")
        driver.press(.enter)
        #expect(driver.screen.contains("There is no namespace \"all\""))
        driver.type(":quit")
        driver.press(.enter)
        #expect(driver.effects.last == .quit)
    }

    @Test func letterKeysGoToTheDialogFirst() {
        var driver = Driver()
        driver.press(.character(":"), .character("q"))
        #expect(!driver.effects.contains(.quit))
        driver.press(.escape, .character("q"))
        #expect(driver.effects == [.quit])
    }

    @Test func filterNarrowsAndEscTakesItBack() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("4"))
        let all = driver.state.slowlogRows.count
        driver.type("/KEYS")
        #expect(driver.state.slowlogRows.count < all)
        #expect(driver.state.slowlogRows.allSatisfy { $0.entry.command[0] == "KEYS" })
        driver.press(.enter)
        #expect(driver.screen.contains("filter KEYS"))
        driver.press(.escape)
        #expect(driver.state.slowlogRows.count == all)
        driver.type("/x")
        driver.press(.escape)
        #expect(driver.state.slowlogRows.count == all)
    }

    @Test func sortIsByDurationOnDemand() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("4"), .character("o"))
        let durations = driver.state.slowlogRows.map(\.entry.duration)
        #expect(durations == durations.sorted(by: >))
        #expect(durations.count > 1)
    }

    @Test func entryOpensInFullAndIsCopied() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("4"), .enter)
        let row = driver.state.slowlogRows[0]
        #expect(driver.screen.contains("id \(row.entry.id),"))
        driver.press(.escape, .character("y"))
        #expect(driver.effects.last == .copy(row.entry.command.joined(separator: " ")))
    }

    @Test func clicksChooseTabsAndRows() throws {
        var driver = Driver()
        driver.show(Sample.busy)
        let tab = try #require(driver.state.render().regions.first { $0.id == "tab:4" })
        driver.send(.terminal(.click(Point(column: tab.rect.column + 1, row: tab.rect.row))))
        #expect(driver.state.screen == .slowlog)
        let row = try #require(driver.state.render().regions.first { $0.id == "row:1" })
        driver.send(.terminal(.click(Point(column: row.rect.column, row: row.rect.row))))
        #expect(driver.state.lists[.slowlog]?.selection == 1)
        driver.send(.terminal(.wheel(Point(column: 0, row: 5), rows: -3)))
        #expect(driver.state.lists[.slowlog]?.selection == 0)
    }

    @Test func alertsAreLoggedOnceWhenTheyAreRaised() {
        var driver = Driver()
        driver.show(Sample.full, count: 60)
        let raised = driver.logged.filter { if case .raised(let alert) = $0 { alert.id == .memoryHigh } else { false } }
        #expect(raised.count == 1)
    }

    @Test func terminalsEndIsTheEnd() {
        for event in [TerminalEvent.hangUp, .terminate, .key(.control("c"))] {
            var driver = Driver()
            driver.send(.terminal(event))
            #expect(driver.effects == [.quit])
            driver = Driver()
            driver.press(.character(":"))
            driver.send(.terminal(event))
            #expect(driver.effects == [.quit])
        }
    }

    @Test func anyActionsInAnyOrderAreTaken() {
        var generator = SeededGenerator(seed: 11)
        let keys =
            Keymap.bindings.flatMap(\.keys) + "abcq x:/T?".map { Key.character($0) } + [
                .enter, .escape, .backspace, .function(5),
            ]
        let snapshots = [
            Sample.healthy, Sample.busy, Sample.full, Sample.unreachable, Sample.denied, Sample.hostile, Sample.replica,
        ]
        var driver = Driver()
        for step in 0..<4000 {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: driver.show(snapshots.randomElement(using: &generator) ?? Sample.busy)
            case 1:
                driver.send(
                    .terminal(
                        .resize(
                            Size(
                                columns: Int.random(in: 0...160, using: &generator),
                                rows: Int.random(in: 0...50, using: &generator)))))
            case 2:
                driver.send(
                    .terminal(
                        .click(
                            Point(
                                column: Int.random(in: -2...160, using: &generator),
                                row: Int.random(in: -2...50, using: &generator)))))
            case 3: driver.send(.terminal(.paste("some \u{1b} text")))
            case 4: driver.send(.retryScheduled(in: .seconds(2), attempt: 3))
            default: driver.send(.terminal(.key(keys.randomElement(using: &generator) ?? .enter)))
            }
            if step % 5 == 0 { _ = driver.state.render() }
        }
        driver.send(.terminal(.resize(Size(columns: 80, rows: 24))))
        #expect(driver.state.render().size == Size(columns: 80, rows: 24))
    }
}
