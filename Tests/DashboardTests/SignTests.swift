import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Colour is never the only difference, and nothing of what helps is cut.
@Suite struct SignTests {
    @Test(arguments: [Charset.unicode, .ascii]) func everyStateHasASignOfItsOwn(charset: Charset) {
        let signs = Sign.allCases.map { $0.character(charset) }
        #expect(Set(signs).count == signs.count)
        #expect(!signs.contains(charset.ellipsis))
        #expect(signs.allSatisfy { charset.width(of: String($0)) == 1 })
    }

    @Test func criticalAlertsAndWarningsDifferWithoutColours() {
        for charset in [Charset.unicode, .ascii] {
            var driver = Driver(charset: charset)
            driver.show(Sample.full, count: 20)
            let (critical, warning) = (String(charset.critical), String(charset.alert))
            let levels = Set(driver.state.alerts.raised.map(\.level))
            #expect(levels.isSuperset(of: [.critical, .warning]))
            driver.press(.character("8"))
            let lines = driver.screen.split(separator: "\n")
            #expect(lines[0].contains("\(critical) critical: evicting 140/s"), "\(lines[0])")
            for alert in driver.state.alerts.raised where alert.level > .info {
                let sign = alert.level == .critical ? critical : warning
                #expect(lines.contains { $0.contains("\(sign) \(alert.message.prefix(20))") }, "\(alert.message)")
            }
            driver.show(Sample.healthy, count: 60)
            #expect(driver.screen.contains("\(charset.kept) Redis memory usage high"), "\(driver.screen)")
        }
    }

    @Test(arguments: [(120, 36), (80, 24), (64, 16), (30, 10)]) func nothingInHelpIsCut(columns: Int, rows: Int) {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.healthy)
        driver.press(.character("?"))
        var text = ""
        for _ in 0..<60 {
            text += driver.screen.replacing("│", with: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            driver.press(.pageDown)
        }
        for sign in Sign.allCases { #expect(text.contains(sign.meaning.split(separator: " ")[0])) }
        if columns >= 64 {
            for (typed, _) in DashboardCommand.table(acting: true) { #expect(text.contains(typed), "\(typed)") }
        }
        #expect(!text.contains("……") && text.contains("wheel"))
    }

    @Test func whoMayChangeNothingIsNotOfferedTo() {
        var driver = Driver(columns: 160, rows: 60, readOnly: true)
        driver.show(Sample.healthy)
        driver.press(.character("?"))
        #expect(driver.screen.contains("Nothing here: read-only"))
        #expect(!driver.screen.contains("Revoke") && !driver.screen.contains(":flush"))
    }

    /// The commands that help lists are those that are parsed.
    @Test func everyListedCommandIsUnderstood() {
        let vocabulary = CommandVocabulary(
            themes: ["nord"], namespaces: ["session", "cart"], journal: "FILE", nodes: ["a:1", "b:1"])
        for (typed, help) in DashboardCommand.table(acting: true) {
            guard case .success = DashboardCommand.parse(String(typed.dropFirst()), vocabulary) else {
                Issue.record("\(typed)")
                continue
            }
            #expect(!help.isEmpty)
        }
        guard case .failure(let problem) = DashboardCommand.parse("flsh session", vocabulary) else { return }
        #expect(problem.message == "There is no command \"flsh\"; did you mean :flush?")
    }

    @Test func aKeyThatDoesNothingHereSaysWhereItDoes() {
        var driver = Driver()
        driver.show(Sample.healthy)
        driver.press(.character("t"))
        #expect(driver.state.message?.text == "t sets a key's TTL: choose one on 3")
        driver.wait(3)
        #expect(driver.state.message == nil)
        driver.press(.character("Z"))
        #expect(driver.state.message == nil)
        for binding in Keymap.bindings { #expect(binding.screens.isEmpty == binding.deed.isEmpty, "\(binding.label)") }
    }

    @Test func anAlertsCommandIsShownWholeAndCopied() {
        var driver = Driver(columns: 80, rows: 24)
        driver.show(Sample.full, count: 20)
        driver.press(.character("8"))
        let command = "redis-cli -h cache-1 -p 6379 CONFIG SET maxmemory 3072mb"
        #expect(driver.screen.contains(command))
        _ = driver.takeEffects()
        driver.press(.character("y"))
        #expect(driver.takeEffects() == [.copy(command), .keep(command)])
        driver.send(.kept(command, file: "/home/ops/remedy.txt"))
        #expect(driver.screen.contains("written to /home/ops/remedy.txt"))
    }

    @Test func whoIsCutOffIsToldOfWhatSinceWhenAndWhatToPress() {
        for columns in [80, 120] {
            var driver = Driver(columns: columns, rows: 24)
            driver.show(Sample.unreachable)
            driver.send(.retryScheduled(in: .seconds(9), attempt: 2))
            let screen = driver.screen
            #expect(screen.contains("Tried: redis://cache-1:6379/0") && screen.contains("since 14:32:08"), "\(screen)")
            let footer = screen.split(separator: "\n").last ?? ""
            #expect(footer.contains("r retry now") && !footer.contains("F flush"), "\(footer)")
        }
    }

    @Test func sumsThatLackAPartSaySoOnEveryPanel() {
        var snapshot = Sample.hostileCluster
        snapshot.nodes[0] = NodeSnapshot(address: snapshot.nodes[0].address)
        snapshot.nodes[0].refusal = Refusal(.refused)
        snapshot.sum = .sum(of: Array(snapshot.nodes.prefix(3)), address: "all primaries")
        var driver = Driver()
        driver.show(snapshot, count: 3)
        for title in ["Memory", "Clients", "Traffic"] {
            let line = driver.screen.split(separator: "\n").first { $0.contains("─ \(title) ") }
            #expect(line?.contains("2 of 3") == true, "\(line ?? "")")
        }
        var small = Driver(columns: 50, rows: 12)
        small.show(snapshot)
        #expect(small.screen.contains("▲ figures of 2 of 3 primaries"), "\(small.screen)")
    }

    @Test func theLinuxConsoleGetsWhatItsFontHas() {
        #expect(Charset(isASCII: false, terminal: "linux") == .ascii)
        #expect(Charset(isASCII: false, terminal: "xterm-256color") == .unicode)
        #expect(Charset(isASCII: true, terminal: "xterm-256color") == .ascii)
        #expect(Charset.ascii.width(of: "±0.5") == 5)
    }
}
