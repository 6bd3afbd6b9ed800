import CacheModel
import Foundation
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Connection, staleness, warnings and themes, as they show.
@Suite struct StateTests {
    private func driver(_ change: (inout NodeSnapshot) -> Void, columns: Int = 120, rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        var snapshot = Sample.healthy
        change(&snapshot.nodes[0])
        driver.show(snapshot, count: 3)
        return driver
    }

    @Test func warningOfANodeIsInHeaderAndAlerts() {
        let driver = driver { $0.warnings = ["certificate not verified"] }
        let lines = driver.screen.split(separator: "\n")
        #expect(lines[0].contains("▲ certificate not verified"))
        #expect(lines.dropFirst().contains { $0.contains("▲ certificate not verified") })
    }

    @Test(arguments: [24, 40, 59, 60, 80, 99, 100, 120, 200]) func stateIsInTheHeaderAtEveryWidth(columns: Int) {
        var driver = driver({ $0.warnings = ["certificate not verified"] }, columns: columns, rows: 24)
        #expect(driver.screen.split(separator: "\n")[0].contains("● healthy"))
        driver.show(Sample.unreachable)
        driver.send(.retryScheduled(in: .seconds(3), attempt: 1))
        #expect(driver.screen.split(separator: "\n")[0].contains("✖ connection refused"))
        if columns >= 60 { #expect(driver.screen.contains("connection refused, retry in 3 s")) }
    }

    @Test func loadingServerShowsItsProgressAndItsFigures() {
        let driver = driver { node in
            node.refusal = Refusal(.loading, detail: "41.0 %, 12 s left")
            node.info?.persistence.loading = true
        }
        #expect(driver.screen.contains("loading its dataset (LOADING), 41.0 %, 12 s left"))
        #expect(!driver.state.isStale)
        #expect(driver.screen.contains("0.98 of 2.00 GiB") || driver.screen.contains("GiB of 2.00 GiB"))
    }

    @Test(arguments: [(120, 36), (80, 24), (60, 16)]) func memoryAndItsLimitAreAlwaysThere(columns: Int, rows: Int) {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.full, count: 3)
        #expect(driver.screen.contains("1.82 of 2.00 GiB"))
        driver.show(Sample.unreachable, count: 2)
        #expect(driver.screen.contains("1.82 of 2.00 GiB"), "old, but not gone")
    }

    @Test func failedPollShowsItsRemedyBeforeItIsAnAlert() {
        var driver = driver { _ in }
        driver.show(Sample.unreachable)
        #expect(driver.state.alerts.raised.allSatisfy { $0.id != .unreachable })
        #expect(driver.screen.contains("Check Redis is running and URL is correct."))
    }

    @Test func brokenThemeLeavesTheLastGoodOne() {
        var driver = Driver()
        driver.type(":theme light")
        driver.press(.enter)
        driver.type(":theme nord")
        driver.press(.enter)
        driver.send(.themeFailed(name: "nord", reason: "line 3: alarm: is no role"))
        #expect(driver.state.theme == "light")
        #expect(driver.screen.contains("Theme nord: line 3: alarm: is no role"))
    }

    @Test func nodesThatLeftAreForgotten() {
        var driver = driver { _ in }
        driver.show(Sample.replica)
        #expect(Array(driver.state.known.keys) == ["cache-2:6379"])
        #expect(Array(driver.state.histories.keys) == ["cache-2:6379"])
    }

    @Test func drawingChangesNothing() {
        var driver = Driver()
        driver.show(Sample.full, count: 5)
        for screen in Screen.allCases {
            driver.state.screen = screen
            #expect(driver.state.render() == driver.state.render())
        }
    }

    @Test func helpHasRoomForEveryBinding() {
        for binding in Keymap.bindings {
            #expect(CharacterWidth.of(binding.help) <= 44, "\(binding.help)")
            #expect(CharacterWidth.of(binding.label) <= 10, "\(binding.label)")
        }
        #expect(Set(Keymap.bindings.map(\.label)).count == Keymap.bindings.count)
        #expect(KeyGroup.allCases.allSatisfy { group in Keymap.bindings.contains { $0.group == group } })
    }

    @Test func everyCommandOfTheCommandLineIsUnderstood() {
        for word in DashboardCommand.candidates("", CommandVocabulary()) {
            let example = [
                "poll": "poll 2s", "screen": "screen keys", "span": "span 1h", "theme": "theme nord",
                "flush": "flush session", "repair": "repair cart", "unrevoke": "unrevoke a", "undo": "undo a b",
                "at": "at 14:20", "mark": "mark deployed 1.2", "record": "record R", "speed": "speed 10",
                "twin": "twin R@14:20",
            ]
            switch DashboardCommand.parse(example[word] ?? word, Self.vocabulary) {
            case .success: break
            case .failure(let problem): Issue.record("\(word): \(problem.message)")
            }
        }
    }

    private static let vocabulary = CommandVocabulary(themes: ["nord"], namespaces: ["session", "cart"])

    @Test(arguments: [
        "poll", "poll nan", "poll 1e400", "poll -1", "span 2m", "screen 9", "theme", "theme x y", "é", "flush",
        "flush nosuch", "flush session cart", "repair", "unrevoke", "revoke a b", "revoked now", "quit x",
        "poll 0", "poll 0.05", "poll 60.1", "poll 100ms", "poll 2m", "poll 2x", "poll 1s 2s", "theme nosuch",
        "theme Nord",
        "span", "span 15", "screen", "clear x", "q x", "repair nosuch",
    ])
    func wrongCommandsAreExplained(text: String) {
        switch DashboardCommand.parse(text, Self.vocabulary) {
        case .success: Issue.record("\(text) was taken")
        case .failure(let problem): #expect(!problem.message.isEmpty)
        }
    }

    @Test(arguments: [
        ("poll 2", 2000), ("poll 2s", 2000), ("poll 500ms", 500), ("poll 0.2", 200), ("poll 1m", 60_000),
        ("poll 60s", 60_000),
    ])
    func everyWayToWriteAnIntervalIsHonoured(text: String, milliseconds: Int) {
        #expect(DashboardCommand.parse(text, Self.vocabulary) == .success(.interval(.milliseconds(milliseconds))))
    }

    @Test func everyPanelHasItsFrameAtLargeSizes() {
        var driver = Driver(columns: 200, rows: 60)
        driver.show(Sample.full, count: 12)
        for title in ["Memory", "Clients", "Traffic", "Alerts", "Keyspace", "Slow queries"] {
            #expect(driver.screen.contains("╭─ \(title)"))
        }
    }
}

@Suite struct KeymapTests {
    /// What no key does can be typed by nobody either: commands are made from the bindings.
    @Test func everyIntentHasItsKey() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Dashboard/Input/Intent.swift")
        let text = try String(contentsOf: file, encoding: .utf8)
        let body = try #require(text.split(separator: "enum Intent").last?.split(separator: "\n}").first)
        let intents = body.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
            .filter { $0.hasPrefix("case ") }.flatMap { $0.dropFirst(5).split(separator: ",") }
            .map { String($0.trimmingPrefix { $0 == " " }.prefix { $0 != "(" }) }
        #expect(intents.contains("screen") && intents.contains("quit") && intents.count > 30)
        let bound = Set(Keymap.bindings.map { String("\($0.intent)".prefix { $0 != "(" }) })
        #expect(Set(intents).subtracting(bound) == [])
    }

    /// Room is made by weight, whatever it costs: what is offered is never wider than it may be while something can go.
    @Test(arguments: Screen.allCases) func hintsGiveWayByTheirWeight(screen: Screen) throws {
        let weights = Dictionary(
            Keymap.bindings.compactMap(\.hint).map { ($0.words, $0.weight) }, uniquingKeysWith: { first, _ in first })
        var before = Keymap.hints(on: screen).map(\.hint)
        for columns in stride(from: 200, through: 0, by: -1) {
            let hints = Keymap.hints(on: screen, columns: columns)
            let now = hints.map(\.hint)
            let gone = before.filter { !now.contains($0) }.compactMap { weights[$0] }
            #expect(
                (gone.max() ?? 0) < now.compactMap { weights[$0] }.min() ?? .max, "\(columns): \(gone) before \(now)")
            let width = hints.reduce(-2) { $0 + CharacterWidth.of($1.label) + CharacterWidth.of($1.hint) + 3 }
            #expect(width <= columns || now.allSatisfy { weights[$0] == .max })
            before = now
        }
        #expect(before == Keymap.hints(on: screen).map(\.hint).filter { weights[$0] == .max })
    }

    @Test func weightsAreDistinct() {
        let weights = Keymap.bindings.compactMap(\.hint?.weight).filter { $0 < .max }
        #expect(Set(weights).count == weights.count, "which of two goes first?")
    }
}
