import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct CounterScreenTests {
    private func driver(_ columns: Int, _ rows: Int, charset: Charset = .unicode) -> Driver {
        var driver = Driver(columns: columns, rows: rows, charset: charset)
        driver.show(Sample.counted)
        driver.look("estimated", Sample.estimate)
        return driver
    }

    private func row(_ name: String, of driver: Driver) -> String? {
        driver.screen.split(separator: "\n").first { $0.contains(" \(name) ") }.map(String.init)
    }

    @Test(arguments: [(120, 36), (80, 24)]) func namespacesHaveTheirRatioAndMisses(columns: Int, rows: Int) {
        var driver = driver(columns, rows)
        driver.press(.character("2"))
        #expect(driver.screen.contains("hits") && row("product", of: driver)?.contains("88.7 %") == true)
        #expect(driver.screen.contains("Counted by checkout-api, search; 4 s ago · others"))
        #expect(driver.screen.contains("Counted besides: reviews 0.0 % of 10 lookups/s"))
        if columns == 120 {
            #expect(row("product", of: driver)?.contains("2,300") == true)
            expectGolden(driver.screen, named: "namespaces-counted-120x36")
        } else {
            expectGolden(driver.screen, named: "namespaces-counted-80x24")
        }
    }

    @Test func detailNamesEachService() {
        var driver = driver(120, 36)
        driver.press(.character("2"))
        driver.press(.enter)
        #expect(driver.screen.contains("Hits 88.7 % of 20,310 lookups/s, 2,300 misses/s"))
        #expect(driver.screen.contains("checkout-api 60.1 %"))
    }

    @Test func overviewHasTheRatioBesideTheBar() {
        let screen = driver(160, 44).screen
        #expect(screen.contains("88.7 % hits"))
    }

    /// Without counters nothing is shown of them, and no column is empty.
    @Test func withoutCountersThereIsNoColumn() {
        var driver = Driver(columns: 120, rows: 36)
        driver.show(Sample.surveyed)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"))
        #expect(!driver.screen.contains("hits") && !driver.screen.contains("ounted by"))
    }

    @Test func theyAreThereBeforeTheKeysAreLookedAt() {
        var driver = Driver(columns: 80, rows: 24, charset: .ascii)
        var snapshot = Sample.counted
        snapshot.namespaces = nil
        driver.show(snapshot)
        driver.press(.character("2"))
        #expect(driver.screen.contains("product: 88.7 % of 20,310 lookups/s"))
        #expect(driver.screen.contains("Counted by checkout-api, search; 4 s ago, others"))
    }

    @Test func whoMayNotSeeThemIsToldWhatItNeeds() {
        var driver = Driver(columns: 120, rows: 36)
        var snapshot = Sample.surveyed
        snapshot.nodes[0].denied = [DeniedCommand(command: "HGETALL", needs: "(+hgetall ~cachecore:counters)")]
        driver.show(snapshot)
        driver.look("estimated", Sample.estimate)
        driver.press(.character("2"))
        #expect(driver.screen.contains("Who missed what: not known, HGETALL needs (+hgetall ~cachecore:counters)"))
    }
}
