import RedisValues
import Testing

@testable import CacheModel

/// Documents as `--once --format json` prints them, with a few members put in the place of others.
private enum Document {
    static let text = """
        {"schema": 1, "taken_at": "2026-11-25T14:20:07.412Z", "target": "redis://cache-1:6379/0",
         "deployment": "standalone", "database": 0,
         "alerts": [{"id": "no-password", "level": "info", "node": "cache-1:6379"}],
         "nodes": [{"address": "cache-1:6379", "role": "primary", "reachable": true, "refusal": null,
           "software": "redis", "version": "7.0.15", "mode": "standalone", "run_id": "aaaa", "uptime": 100, "keys": 10000,
           "memory": {"used": 104857600, "rss": 120000000, "max": 0, "policy": "noeviction", "system": 8000000000},
           "clients": {"connected": 40, "blocked": 0, "max": 10000},
           "rates": {"commands": 100, "hits": 90, "misses": 10, "evicted": 0, "rejected_connections": 0,
             "error_replies": 0},
           "counters": {"hits": 900000, "misses": 100000},
           "replication": {"connected_replicas": 1, "primary_host": null},
           "persistence": {"append_only": false, "last_save_succeeded": true, "last_append_write_succeeded": true},
           "settings": {"slowlog-max-len": "128"}}],
         "namespaces": {"method": "estimate", "complete": true, "keys": 10000, "items": [
           {"name": "product", "keys": 6000, "keys_low": 5800, "keys_high": 6200, "bytes": 600000, "bytes_low": 500000,
            "bytes_high": 700000, "without_ttl": 0, "without_ttl_low": 0, "without_ttl_high": 10},
           {"name": "cart", "keys": 0, "keys_low": 0, "keys_high": 3, "bytes": 0, "bytes_low": 0, "bytes_high": 9,
            "without_ttl": 0}], "rest": {"name": "other", "keys": 4000, "keys_low": 3800, "keys_high": 4200,
            "bytes": 1, "bytes_low": 1, "bytes_high": 1, "without_ttl": 0}}}
        """

    static func state(_ edits: [(String, String)] = []) throws -> ComparedState {
        let edited = edits.reduce(text) { text, edit in
            #expect(text.contains(edit.0), "\(edit.0)")
            return text.replacing(edit.0, with: edit.1)
        }
        return try ComparedState(parsing: Array(edited.utf8))
    }
}

@Suite struct StateComparisonTests {
    private static func compare(
        was: [(String, String)] = [], now: [(String, String)] = []
    ) throws -> StateComparison {
        StateComparison(was: try Document.state(was), now: try Document.state(now))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var edits: [(String, String)]
        var result: StateComparison.Result
        /// Of what differs, and of what is not known.
        var differs: [String] = []
        var gaps: [String] = []

        init(
            _ edits: [(String, String)], _ result: StateComparison.Result, _ differs: [String] = [],
            gaps: [String] = []
        ) {
            (self.edits, self.result, self.differs, self.gaps) = (edits, result, differs, gaps)
        }

        var testDescription: String { "\(edits.map(\.1))" }
    }

    /// What is so now, where it was as the document says.
    static let cases: [Case] = [
        Case([], .same),
        // Settings are the same or not.
        Case([("\"max\": 0", "\"max\": 1")], .different, ["maxmemory"]),
        Case([("noeviction", "allkeys-lru")], .different, ["maxmemory-policy"]),
        Case([("\"128\"", "\"129\"")], .different, ["slowlog-max-len"]),
        Case([("\"append_only\": false", "\"append_only\": true")], .different, ["appendonly"]),
        // Members.
        Case([("7.0.15", "7.2.0")], .different, ["version"]),
        Case([("\"run_id\": \"aaaa\"", "\"run_id\": \"bbbb\"")], .different, ["process"]),
        Case([("\"connected_replicas\": 1", "\"connected_replicas\": 0")], .different, ["replicas"]),
        Case([("\"last_save_succeeded\": true", "\"last_save_succeeded\": false")], .different, ["last save well"]),
        Case(
            [("\"role\": \"primary\"", "\"role\": \"replica\"")], .different, ["role"]),
        // Figures that a cache in use moves by itself.
        Case([("\"uptime\": 100", "\"uptime\": 9100")], .same),
        Case([("\"used\": 104857600", "\"used\": 109000000")], .same),
        Case([("\"used\": 104857600", "\"used\": 115000000")], .different, ["memory used"]),
        Case([("\"uptime\": 100, \"keys\": 10000", "\"uptime\": 100, \"keys\": 10480")], .same),
        Case([("\"uptime\": 100, \"keys\": 10000", "\"uptime\": 100, \"keys\": 12000")], .different, ["keys"]),
        Case([("\"connected\": 40", "\"connected\": 45")], .same),
        Case([("\"connected\": 40", "\"connected\": 80")], .different, ["clients"]),
        Case([("\"commands\": 100", "\"commands\": 9000")], .same, ["commands/s"]),
        Case([("\"evicted\": 0", "\"evicted\": 40")], .different, ["evicted/s"]),
        Case([("\"hits\": 90,", "\"hits\": 85,")], .same),
        Case([("\"hits\": 90, \"misses\": 10", "\"hits\": 100, \"misses\": 900")], .different, ["hit ratio"]),
        // Namespaces within both intervals.
        Case([("\"keys\": 6000, \"keys_low\": 5800", "\"keys\": 6300, \"keys_low\": 6100")], .same),
        Case(
            [
                (
                    "\"keys\": 6000, \"keys_low\": 5800, \"keys_high\": 6200",
                    "\"keys\": 9000, \"keys_low\": 8800, \"keys_high\": 9200"
                )
            ], .different, ["keys"]),
        Case(
            [
                (
                    "\"without_ttl\": 0, \"without_ttl_low\": 0, \"without_ttl_high\": 10",
                    "\"without_ttl\": 900, \"without_ttl_low\": 800, \"without_ttl_high\": 1000"
                )
            ], .different, ["with a TTL"]),
        // Alerts.
        Case(
            [("\"no-password\", \"level\": \"info\"", "\"no-password\", \"level\": \"warning\"")], .different,
            ["no-password"]),
        Case([("no-password", "memory-high")], .different, ["memory-high", "no-password"]),
        // Another deployment, though it is alike.
        Case(
            [("cache-1:6379/0", "cache-2:6379/0"), ("\"aaaa\"", "\"bbbb\"")], .different, ["deployment"]),
        Case([("cache-1:6379/0", "cache-2:6379/0")], .same),
        // What is not known is neither.
        Case([("\"max\": 0", "\"max\": null")], .unknown, gaps: ["maxmemory"]),
        Case([("\"policy\": \"noeviction\", ", "")], .unknown, gaps: ["maxmemory-policy"]),
        Case([("\"settings\": {\"slowlog-max-len\": \"128\"}", "\"x\": 1")], .unknown, gaps: ["slowlog-max-len"]),
        Case([("\"complete\": true", "\"complete\": false")], .unknown, gaps: ["namespaces"]),
        Case([("\"keys_low\": 5800", "\"keys_low\": null")], .same),
        Case([("\"schema\": 1", "\"schema\": 2")], .unknown, gaps: ["schema"]),
        Case(
            [("\"reachable\": true, \"refusal\": null", "\"reachable\": false, \"refusal\": \"timed out\"")],
            .different,
            ["answers"], gaps: ["all its figures"]),
        // Of one poll nobody knows what happens a second, and what takes two to be raised.
        Case(
            [("\"evicted\": 0", "\"evicted\": null")], .same,
            gaps: ["evicted/s", "rejected connections/s", "error replies/s", "commands/s"]),
    ]

    @Test(arguments: cases) func onlyWhatIsNotTheSameIsTold(test: Case) throws {
        // Of one server; that it is another one is told in both directions.
        let comparison = try Self.compare(now: test.edits)
        #expect(comparison.result == test.result, "\(comparison.differences) \(comparison.gaps)")
        #expect(Set(comparison.differences.map(\.name)) == Set(test.differs))
        #expect(Set(comparison.gaps.map(\.name)) == Set(test.gaps), "\(comparison.gaps)")
        let reverse = try Self.compare(was: test.edits)
        #expect(reverse.result == test.result, "\(reverse.differences) \(reverse.gaps)")
        #expect(Set(reverse.differences.map(\.name)) == Set(test.differs))
        #expect(reverse.same == comparison.same)
    }

    @Test func exitStatusIsThatOfItsResult() {
        #expect(StateComparison.Result.allCases.map(\.exitStatus) == [0, 1, 3])
    }

    /// Whoever has counted wants to know of one key.
    @Test func countedKeysAreTheSameOnlyWhereTheyAre() throws {
        let sweep = ("\"method\": \"estimate\"", "\"method\": \"sweep-counts\"")
        func keys(_ count: Int) -> (String, String) {
            (
                "\"keys\": 6000, \"keys_low\": 5800, \"keys_high\": 6200",
                "\"keys\": \(count), \"keys_low\": \(count), \"keys_high\": \(count)"
            )
        }
        #expect(try Self.compare(was: [sweep, keys(6000)], now: [sweep, keys(6000)]).result == .same)
        #expect(try Self.compare(was: [sweep, keys(6000)], now: [sweep, keys(5999)]).result == .different)
        // What was drawn tells no single key.
        #expect(try Self.compare(was: [keys(6000)], now: [sweep, keys(5999)]).result == .same)
    }

    @Test func anAlertThatNobodyCouldSeeIsNotGone() throws {
        let one = ("\"evicted\": 0", "\"evicted\": null")
        let evicting = ("no-password", "evicting")
        let comparison = try Self.compare(
            was: [evicting], now: [one, ("\"id\": \"no-password\", ", "\"id\": \"x\", ")])
        #expect(comparison.gaps.contains { $0.name == "evicting" && $0.side == .now && $0.decides })
        #expect(comparison.differences.map(\.name) == ["x"])
        let looked = try Self.compare(
            was: [("no-password", "ttl-contract-broken")],
            now: [
                ("\"complete\": true", "\"complete\": false"),
                ("[{\"id\": \"no-password\", \"level\": \"info\", \"node\": \"cache-1:6379\"}]", "[]"),
            ])
        #expect(looked.result == .unknown && looked.gaps.contains { $0.name == "ttl-contract-broken" })
    }

    /// A prefix that was too small for a line of its own, and one that is large now.
    @Test func aNewLineOfKeysIsADifferenceWhereItIsLarge() throws {
        func line(_ count: Int) -> (String, String) {
            (
                "\"items\": [",
                "\"items\": [{\"name\": \"reco:\", \"keys\": \(count), \"keys_low\": \(count), \"keys_high\": \(count)}, "
            )
        }
        #expect(try Self.compare(now: [line(5000)]).differences.map(\.subject) == ["reco:"])
        let few = try Self.compare(now: [line(150)])
        #expect(few.result == .same && few.gaps.map(\.subject) == ["reco:"])
    }

    @Test func membersThatComeAndGoAreNamed() throws {
        let another = ("\"nodes\": [", "\"nodes\": [{\"address\": \"cache-9:6379\", \"reachable\": true}, ")
        let come = try Self.compare(now: [another])
        #expect(come.differences.map(\.subject) == ["cache-9:6379"] && come.differences[0].was == nil)
        let gone = try Self.compare(was: [another])
        #expect(gone.differences.map(\.subject) == ["cache-9:6379"] && gone.differences[0].now == nil)
    }

    @Test func anAnonymousRecordingIsOfNobodyKnowsWhom() throws {
        var was = try Document.state([("cache-1:6379", "h4x:6379")])
        was.isAnonymous = true
        let comparison = StateComparison(was: was, now: try Document.state())
        #expect(comparison.identity == .unknown && comparison.result == .unknown, "\(comparison.differences)")
    }

    @Test(arguments: [
        "", "hello", "[]", "{}", "{\"schema\": 1}", "{\"schema\": \"1\"}", "{\"schema\": 1, \"diff\": {}}",
        "{\"schema\": 0, \"nodes\": [], \"alerts\": [], \"target\": \"x\"}",
        "{\"schema\": 1, \"nodes\": {}, \"alerts\": [], \"target\": \"x\"}", String(Document.text.dropLast(9)),
        String(repeating: "[", count: 10_000),
    ]) func whatIsNoDocumentIsNone(text: String) {
        #expect(throws: ComparisonProblem.self) { try ComparedState(parsing: Array(text.utf8)) }
    }

    /// What stands in it may be anything.
    @Test func oddMembersAreNotKnown() throws {
        let odd = """
            {"schema": 1, "target": "\\u001b[2J", "alerts": [1, {"id": 5}, {"id": "\\u202e", "level": "x"}],
             "nodes": [1, null, {"address": 5, "memory": [], "rates": 1e999, "keys": 1e300, "run_id": 5}],
             "namespaces": {"method": "sweep-full", "items": [1, {"name": 5, "keys": -1}, {"name": "a", "keys": 1e99}]},
             "topology": 5}
            """
        let state = try ComparedState(parsing: Array(odd.utf8))
        let comparison = StateComparison(was: state, now: state)
        #expect(comparison.result == .same, "\(comparison)")
        let other = StateComparison(was: state, now: try Document.state())
        #expect(other.result == .different && !"\(other)".contains("\u{1b}") && !"\(other)".contains("\u{202e}"))
    }
}
