import CacheModel
import Foundation
import Reports
import Support
import Testing

/// What is not known, in every format.
@Suite struct UnknownReportTests {
    private func refused(_ words: String = "ERR command is not allowed") -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.nodes[0].slowlog = nil
        snapshot.nodes[0].keys = nil
        snapshot.nodes[0].denied = ["SLOWLOG GET", "DBSIZE"].map {
            DeniedCommand(command: $0, needs: nil, words: words)
        }
        return snapshot
    }

    private func text(_ snapshot: Snapshot) -> String { TextReport.render(snapshot, alerts: []) }

    private func node(_ snapshot: Snapshot) throws -> [String: Any] {
        let document = try JSONSerialization.jsonObject(with: Data(JSONReport.render(snapshot, alerts: []).utf8))
        return try #require(((document as? [String: Any])?["nodes"] as? [[String: Any]])?.first)
    }

    @Test func slowLogThatIsRefusedIsNotEmpty() throws {
        let lines = text(refused()).split(separator: "\n").filter { $0.contains("Slow log") }
        #expect(lines == ["  Slow log     not known   SLOWLOG GET refused: ERR command is not allowed"])
        let node = try node(refused())
        #expect(node["slowlog"] is NSNull && node["keys"] is NSNull)
        #expect((node["denied"] as? [String]) == ["SLOWLOG GET", "DBSIZE"])
        let unanswered = try #require(node["unanswered"] as? [[String: String]])
        #expect(
            unanswered[0] == [
                "question": "SLOWLOG GET", "reason": "refused", "words": "refused: ERR command is not allowed",
            ])
        let page = PrometheusReport.render(refused(), alerts: [])
        #expect(!page.contains("cachewatch_keys{") && !page.contains("redis_slowlog_last_id{"))
    }

    /// A service that refuses INFO is not down.
    @Test func nodeThatAnswersAndTellsNothingIsUp() {
        for (kind, isUp) in [
            (Refusal.Kind.noPermission, true), (.commandRefused, true), (.refused, false), (.hung, false),
        ] {
            var snapshot = Sample.healthy
            snapshot.nodes[0] = NodeSnapshot(address: "cache-1:6379")
            snapshot.nodes[0].refusal = Refusal(kind)
            let page = PrometheusReport.render(snapshot, alerts: [])
            #expect(page.contains("redis_up{node=\"cache-1:6379\"} \(isUp ? 1 : 0)\n"), "\(kind)")
        }
    }

    @Test func healthThatIsNotKnownIsUnknownInEveryFormat() throws {
        var snapshot = Sample.healthy
        snapshot.nodes[0].info?.memory = ServerInfo.Memory()
        #expect(text(snapshot).contains("UNKNOWN"))
        #expect(text(snapshot).contains("Not known    INFO: it leaves out used_memory"))
        #expect(JSONReport.render(snapshot, alerts: []).contains("\"status\": \"unknown\""))
        #expect(PrometheusReport.render(snapshot, alerts: []).contains("cachewatch_status 3"))
        let unanswered = try #require(try node(snapshot)["unanswered"] as? [[String: String]])
        #expect(unanswered.contains { $0["question"] == "INFO" && $0["reason"] == "untold" })
    }

    private func report(_ tally: KeyspaceTally, keys: Int, _ refusal: Refusal?, sizeIsKnown: Bool = true)
        -> NamespaceReport
    {
        var circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1))
        circumstances.refusal = refusal
        var report = NamespaceReport.estimate(tally, keys: keys, circumstances)
        (report.complete, report.sizeIsKnown) = (refusal == nil, sizeIsKnown)
        return report
    }

    private func items(_ snapshot: Snapshot) throws -> [[String: Any]] {
        let document = try JSONSerialization.jsonObject(with: Data(JSONReport.render(snapshot, alerts: []).utf8))
        let namespaces = (document as? [String: Any])?["namespaces"] as? [String: Any]
        return try #require(namespaces?["items"] as? [[String: Any]])
    }

    /// Five thousand refusals are no estimate.
    @Test func drawsThatWereRefusedAreNoFigures() throws {
        var snapshot = Sample.healthy
        snapshot.namespaces = report(
            KeyspaceTally(classifier: KeyClassifier()), keys: 500, Refusal(.commandRefused, detail: "ERR not allowed"))
        for item in try items(snapshot) {
            for (name, value) in item where name != "name" && name != "contract" { #expect(value is NSNull, "\(name)") }
            #expect(item["contract"] as? String == "unknown")
        }
        #expect(!PrometheusReport.render(snapshot, alerts: []).contains("cachewatch_namespace_keys"))
        #expect(text(snapshot).contains("does not allow this command: ERR not allowed"))
        #expect(!text(snapshot).contains("  session"))
    }

    /// Shares can be told without how many keys there are, and nothing that counts.
    @Test func estimateWithoutASizeCountsNothing() throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<40 {
            let key = Array("session:\(number)".utf8)
            tally.note(
                KeyFacts(lifetime: .milliseconds(1000), bytes: 100), key: key.span, namespace: tally.count(key.span))
        }
        var snapshot = Sample.healthy
        snapshot.namespaces = report(tally, keys: 0, Refusal(.noPermission, detail: "DBSIZE"), sizeIsKnown: false)
        let session = try #require(try items(snapshot).first { $0["name"] as? String == "session" })
        #expect(session["keys"] is NSNull && session["bytes"] is NSNull && session["without_ttl"] is NSNull)
        #expect((session["share"] as? Double ?? 0) > 0.9)
        let page = PrometheusReport.render(snapshot, alerts: [])
        #expect(!page.contains("cachewatch_namespace_keys{") && page.contains("cachewatch_namespace_share_ratio{"))
        let row = text(snapshot).split(separator: "\n").first { $0.hasPrefix("  session") }
        #expect(row?.contains("–") == true && row?.contains(" 0 ") == false, "\(row ?? "")")
    }
}
