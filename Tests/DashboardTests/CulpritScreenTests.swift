import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Who it is stands on the alert, wherever alerts are shown, and a look is made for it where the latest one is old.
@Suite struct CulpritScreenTests {
    private static func snapshot(_ step: Int) -> Snapshot {
        var snapshot = Sample.healthy
        let keys = 40_000 + max(0, step - 1) * 10_000
        let bytes = keys * 1000
        snapshot.nodes[0].keys = keys
        snapshot.nodes[0].info?.memory.dataset = ByteCount(bytes - 40 * keys)
        snapshot.nodes[0].info?.memory.used = ByteCount(bytes + 2_000_000)
        snapshot.nodes[0].info?.memory.maximum = 150_000_000
        return snapshot
    }

    private static func report(_ step: Int, at elapsed: Duration) -> NamespaceReport {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        let keys = 40 + max(0, step - 1) * 10
        for number in 0..<keys {
            let key = Array((number < 20 ? "session:\(number)" : "product:\(number)").utf8)
            tally.note(KeyFacts(lifetime: .never, bytes: 1_000_000), key: key.span, namespace: tally.count(key.span))
        }
        var circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: elapsed, took: .milliseconds(10))
        circumstances.budget = Double(keys) * 1_000_000
        return .sweep(tally, full: true, complete: true, expected: keys, circumstances)
    }

    /// Memory that a namespace has filled within a minute; keys were looked at when it began, and as it was raised.
    private func told(_ columns: Int, _ rows: Int) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        for step in 0...13 {
            var snapshot = Self.snapshot(step)
            let elapsed = driver.elapsed + .seconds(5)
            if step == 0 || step == 10 { snapshot.namespaces = Self.report(step, at: elapsed) }
            driver.show(snapshot, after: 5)
        }
        return driver
    }

    @Test func theAlertSaysWhoItIs() throws {
        var driver = told(120, 36)
        let alert = try #require(driver.state.alerts.raised.first { $0.id == .memoryHigh })
        let culprit = try #require(alert.culprit, "\(alert.evidence)")
        #expect(culprit.name == "product" && culprit.words.hasPrefix("product is it: +"))
        let brief = try #require(culprit.brief)
        #expect(driver.state.render().text.contains(brief), "Overview")
        driver.press(.character("8"))
        #expect(driver.state.render().text.contains(culprit.words.prefix(40)), "Alerts")
    }

    @Test func onNarrowScreensItStandsWhereThereIsRoom() throws {
        let driver = told(80, 24)
        let brief = try #require(driver.state.alerts.raised.first { $0.id == .memoryHigh }?.culprit?.brief)
        let text = driver.state.render().text
        #expect(text.contains("memory 108.0 %") && text.contains(brief))
        // Who it is is told before by how much, and on the smallest screens, too.
        let small = told(54, 14).state.render().text
        #expect(small.contains("critical: memory 108.0 % (product)") && small.contains("· product +"), "\(small)")
    }

    @Test func anAlertWishesForOneLookAtOnce() {
        var driver = Driver(estimateEvery: .seconds(600))
        driver.show(Self.snapshot(0), after: 1)
        #expect(driver.effects == [.estimate])
        driver.send(.namespaces(.estimated(Self.report(0, at: driver.elapsed))))
        var asked: [Int] = []
        for step in 0..<30 {
            driver.effects = []
            driver.show(Self.snapshot(min(13, step / 2)), after: 5)
            if driver.effects.contains(.estimate) { asked.append(step) }
        }
        #expect(asked.count == 1, "\(asked)")
        #expect(driver.state.alerts.raised.contains { $0.id == .memoryHigh })
        driver.send(.namespaces(.estimated(Self.report(13, at: driver.elapsed))))
        var quiet = Driver()
        for step in 0..<30 { quiet.show(Self.snapshot(min(13, step / 2)), after: 5) }
        #expect(!quiet.effects.contains(.estimate), "nothing is looked at unasked where that is off")
    }
}
