import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// What is not known, on the screens.
@Suite struct UnknownScreenTests {
    private func screens(_ change: (inout Snapshot) -> Void) -> (overview: String, slowlog: String) {
        var snapshot = Sample.healthy
        change(&snapshot)
        var driver = Driver()
        driver.show(snapshot, count: 3)
        let overview = driver.screen
        driver.press(.character("4"))
        return (overview, driver.screen)
    }

    @Test func slowLogThatNobodyToldIsNotEmpty() {
        let refused = screens {
            $0.nodes[0].slowlog = nil
            $0.nodes[0].denied = [
                DeniedCommand(command: "SLOWLOG GET", needs: nil, words: "ERR command is not allowed")
            ]
        }
        for screen in [refused.overview, refused.slowlog] {
            #expect(screen.contains("SLOWLOG GET is refused") && screen.contains("ERR command is not allowed"))
            #expect(!screen.contains("None in the server") && screen.contains("– new in 1 min"))
        }
        let odd = screens {
            $0.nodes[0].slowlog = nil
            $0.nodes[0].unanswered = [
                Unanswered("SLOWLOG GET", .notUnderstood, "expected an array in the reply, found a status")
            ]
        }
        for screen in [odd.overview, odd.slowlog] {
            #expect(screen.contains("The slow log is not known") && screen.contains("expected an array"))
        }
        let off = screens { ($0.nodes[0].slowlog, $0.nodes[0].settings) = ([], ["slowlog-log-slower-than": "-1"]) }
        #expect(off.overview.contains("The slow log is switched off") && off.slowlog.contains("switched off"))
        let empty = screens { $0.nodes[0].slowlog = [] }
        #expect(empty.overview.contains("None in the server's slow log") && empty.overview.contains("0 new in 1 min"))
    }

    /// The sum of a cluster has no slow log of its own.
    @Test func slowLogOfAClusterIsKnownWhereAllNodesTell() {
        func screen(silent: Int, down: Int = 0) -> String {
            var snapshot = Sample.healthy
            snapshot.deployment = .cluster
            snapshot.nodes = ["a:1", "b:1", "c:1"].enumerated().map { index, address in
                var node = Sample.node()
                (node.address, node.slowlog) = (address, index < silent ? nil : [])
                if index >= 3 - down {
                    (node.info, node.slowlog, node.refusal) = (nil, nil, Refusal(.refused, detail: "c:1"))
                }
                return node
            }
            snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
            var driver = Driver()
            driver.show(snapshot, count: 2)
            driver.press(.character("4"))
            return driver.screen
        }
        #expect(screen(silent: 0).contains("None in the server's slow log"))
        #expect(screen(silent: 2).contains("The slow log is not known on 2 of 3 nodes"))
        let down = screen(silent: 0, down: 1)
        #expect(!down.contains("None in the server's slow log"))
        #expect(down.contains("The slow log is not known on 1 of 3 nodes") && down.contains("connection refused"))
    }

    @Test func databasesOfAClusterAreThoseOfItsNodes() {
        var snapshot = Sample.healthy
        snapshot.deployment = .cluster
        snapshot.nodes = ["a:1", "b:1"].map {
            var node = Sample.node()
            node.address = $0
            node.info?.keyspace = [0: ServerInfo.Keyspace(keys: 1_000, expires: 250)]
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        var driver = Driver()
        driver.show(snapshot, count: 2)
        #expect(driver.screen.contains("db0"))
        #expect(driver.screen.contains("2,000") && driver.screen.contains("25.0 %"), "\(driver.screen)")
    }

    @Test func databasesAndLimitsThatNobodyToldAreNotNone() {
        let untold = screens {
            $0.nodes[0].info?.memory.maximum = nil
            $0.nodes[0].info?.keyspace = [:]
        }
        #expect(!untold.overview.contains("no maxmemory") && untold.overview.contains("limit –"))
        #expect(!untold.overview.contains("No keys in any database"))
        #expect(untold.overview.contains("INFO does not tell what the databases hold"))
        let none = screens {
            $0.nodes[0].info?.memory.maximum = 0
            $0.nodes[0].info?.keyspace = [:]
            $0.nodes[0].info?.tellsKeyspace = true
        }
        #expect(none.overview.contains("no maxmemory") && none.overview.contains("No keys in any database"))
    }

    @Test func serverThatDoesNotTellHowItIsIsNotUnreachable() {
        let untold = screens {
            ($0.nodes[0].info, $0.nodes[0].refusal) = (nil, Refusal(.healthUntold, detail: "its INFO is blank"))
        }
        #expect(untold.overview.lowercased().contains("does not tell how it is"))
        #expect(!untold.overview.contains("Unreachable") && !untold.overview.contains("Nothing to worry about"))
    }

    @Test func serverWhoseInfoLeavesOutWhatCountsIsNotCalledWell() {
        let untold = screens { $0.nodes[0].info?.memory.used = nil }
        #expect(untold.overview.contains("Health not known: INFO: it leaves out used_memory"))
        #expect(!untold.overview.contains("Nothing to worry about"))
    }

    /// What is drawn as good news, from a row on: the header's bullet says no more than that a server answers.
    private func good(_ snapshot: Snapshot, _ columns: Int, _ rows: Int, on screen: Character, from row: Int) -> String
    {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(snapshot, count: 3)
        driver.press(.character(screen))
        let frame = driver.state.render()
        let places = (row..<rows).flatMap { row in (0..<columns).map { (column: $0, row: row) } }
        return String(places.map { frame[$0.column, $0.row] }.filter { $0.style.role == .good }.map(\.glyph))
    }

    @Test func nothingIsGreenWhereHealthIsNotKnown() {
        var untold = Sample.healthy
        untold.nodes[0].info?.memory.used = nil
        untold.nodes[0].info?.clients.connected = nil
        #expect(!good(Sample.healthy, 18, 3, on: "1", from: 0).isEmpty && good(untold, 18, 3, on: "1", from: 0).isEmpty)
        #expect(good(Sample.healthy, 120, 36, on: "8", from: 1).contains("Nothing was raised"))
        #expect(good(untold, 120, 36, on: "8", from: 1).isEmpty)
        var driver = Driver()
        driver.show(untold, count: 3)
        driver.press(.character("8"))
        #expect(driver.screen.contains("Health not known: INFO: it leaves out used_memory"))
        var small = Driver(columns: 44, rows: 10)
        small.show(untold, count: 3)
        #expect(small.screen.contains("Health not known"), "\(small.screen)")
    }

    @Test func alertsOfWhatWasNotAnsweredAreNotNone() {
        var silent = Sample.healthy
        silent.nodes[0].unanswered = [Unanswered("SLOWLOG GET", .notUnderstood, "found a status")]
        #expect(good(silent, 120, 36, on: "8", from: 1).isEmpty)
        var driver = Driver()
        driver.show(silent, count: 3)
        driver.press(.character("8"))
        #expect(driver.screen.contains("Nothing was raised since cachewatch began; not answered: SLOWLOG GET"))
    }

    /// As where a server draws no random keys: there may be five million.
    @Test func keysThatWereNotMetAreNotNone() {
        let none = NamespaceReport.estimate(
            KeyspaceTally(classifier: KeyClassifier()), keys: 5_000_000,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        var driver = Driver()
        driver.show(Sample.busy)
        driver.look("estimated", none)
        #expect(none.all.contains { $0.isUnmet })
        #expect(
            driver.screen.contains("No key was met; there may be some, see 2") && !driver.screen.contains("No keys"))
        driver.press(.character("2"), .enter)
        #expect(!driver.screen.contains("0 B") && !driver.screen.contains("0 keys were looked at"), "\(driver.screen)")
        let bare = NamespaceReport.sweep(
            KeyspaceTally(classifier: KeyClassifier()), full: true, complete: true, expected: 0,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        driver.press(.escape, .character("1"))
        driver.look("swept", bare)
        #expect(driver.screen.contains("No keys"))
    }

    /// What was drawn of others leaves a namespace of which none was met.
    @Test func contractOfKeysThatWereNotMetIsNotLookedAt() throws {
        var report = Sample.estimate
        let index = try #require(report.items.firstIndex { $0.mustExpire })
        report.items[index].keys = Estimated(0, low: 0, high: 4_000)
        report.items[index].bytes = Estimated(0, low: 0, high: 90_000)
        report.items[index].bytesDoubt = .keysNotKnown
        report.items[index].withoutTTL = Estimated(0, low: 0, high: 4_000)
        report.items[index].aboveContract = Estimated(0, low: 0, high: 4_000)
        report.items[index].breaches = []
        report.items[index].lifetimes = LifetimeHistogram()
        var driver = Driver()
        driver.show(Sample.busy)
        driver.look("estimated", report)
        driver.state.namespaces.opened = report.items[index].scope
        driver.press(.character("2"))
        #expect(driver.screen.contains("not known whether it is kept: none of its keys was met"), "\(driver.screen)")
        #expect(!driver.screen.contains("0 B") && !driver.screen.contains("at least"))
    }

    /// A key in ten minutes is known, and is not none.
    @Test func slowGrowthIsNotNone() throws {
        func look(_ keys: Int) -> NamespaceReport {
            var tally = KeyspaceTally(classifier: KeyClassifier())
            for number in 0..<keys { _ = tally.count(Array("session:\(number)".utf8).span) }
            return .sweep(
                tally, full: false, complete: true, expected: keys,
                NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        }
        func growth(from before: Int, to after: Int) throws -> String {
            var driver = Driver()
            driver.show(Sample.busy)
            driver.look("swept", look(before))
            driver.wait(600)
            driver.look("swept", look(after))
            let usage = try #require(driver.state.shownNamespaces.shown?.all.first { $0.name == "session" })
            return NamespaceWords(state: driver.state).growth(usage)
        }
        #expect(try growth(from: 100, to: 101) == "+0.1")
        #expect(try growth(from: 101, to: 100) == "-0.1")
        #expect(try growth(from: 100, to: 100) == "0")
        #expect(try growth(from: 100, to: 120) == "+2")
    }
}
