import CacheModel
import Foundation
import Reports
import Support
import Testing

private func state(_ snapshot: Snapshot) throws -> ComparedState {
    try ComparedState(JSONReport.document(snapshot, alerts: Sample.alerts(of: snapshot)))
}

private func report(_ was: Snapshot, _ now: Snapshot) throws -> DiffReport {
    let (was, now) = (try state(was), try state(now))
    return DiffReport(
        StateComparison(was: was, now: now), was: DiffSide(was, source: "before.json"),
        now: DiffSide(now, source: now.target))
}

@Suite struct DiffReportTests {
    @Test func aPageAndADocumentAreAsTheyWere() throws {
        var full = Sample.full
        full.namespaces = Sample.estimate
        let report = try report(Sample.swept, full)
        expectGolden(report.text(), named: "diff")
        expectGolden(report.json, named: "diff", extension: "json")
    }

    /// What is printed is read again, whatever the state.
    @Test(arguments: reportSamples.map(\.name)) func nothingDiffersFromItself(name: String) throws {
        let snapshot = try #require(reportSamples.first { $0.name == name }).snapshot
        let text = JSONReport.render(snapshot, alerts: Sample.alerts(of: snapshot))
        let read = try ComparedState(parsing: Array(text.utf8))
        #expect(read == (try state(snapshot)))
        let comparison = StateComparison(was: read, now: read)
        #expect(comparison.result == .same && comparison.gaps.isEmpty && comparison.same > 0, "\(comparison)")
    }

    @Test(arguments: reportSamples.map(\.name)) func everyPairIsTold(name: String) throws {
        let was = try #require(reportSamples.first { $0.name == name }).snapshot
        for other in reportSamples {
            let report = try report(was, other.snapshot)
            let text = report.text()
            #expect(isHarmless(text) && isHarmless(report.json) && text.hasSuffix("\n"))
            for line in text.split(separator: "\n") { #expect(line.count <= 100 && line.last != " ", "\(line)") }
            let document = try #require(JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
            let diff = try #require(document["diff"] as? [String: Any])
            #expect(
                Set(diff.keys) == ["result", "deployment", "was", "is", "same", "differences", "not_known"])
            let differences = try #require(diff["differences"] as? [[String: Any]])
            for difference in differences {
                #expect(
                    Set(difference.keys) == [
                        "part", "subject", "name", "was", "was_low", "was_high", "is", "is_low", "is_high", "change",
                        "decides",
                    ])
            }
        }
    }

    @Test func aNoticeIsAnAlertOfTheReportAndWhatHasBecomeOfIt() throws {
        let alert = try #require(Sample.alerts(of: Sample.full).first)
        var notices = AlertNotices()
        let notice = try #require(notices.take([.raised(alert)]).first)
        let line = JSONReport.notice(notice, in: Sample.full)
        #expect(line.hasSuffix("}\n") && line.split(separator: "\n").count == 1)
        let told = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let whole = try #require(
            JSONSerialization.jsonObject(
                with: Data(JSONReport.render(Sample.full, alerts: [alert]).utf8)) as? [String: Any])
        let printed = try #require((whole["alerts"] as? [[String: Any]])?.first)
        #expect(told["event"] as? String == "raised" && told["target"] as? String == whole["target"] as? String)
        let added: Set = ["schema", "event", "time", "target", "deployment", "database", "withdrawn"]
        #expect(told.filter { !added.contains($0.key) } as NSDictionary == printed as NSDictionary)
        #expect(added.isDisjoint(with: printed.keys) && added.isSubset(of: told.keys))
    }
}
