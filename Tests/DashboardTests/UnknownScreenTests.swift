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
        func screen(silent: Int) -> String {
            var snapshot = Sample.healthy
            snapshot.deployment = .cluster
            snapshot.nodes = ["a:1", "b:1", "c:1"].enumerated().map { index, address in
                var node = Sample.node()
                (node.address, node.slowlog) = (address, index < silent ? nil : [])
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
}
