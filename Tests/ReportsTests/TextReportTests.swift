import CacheModel
import Reports
import Support
import Testing

private func render(_ snapshot: Snapshot, utcOffset: Int = 0) -> String {
    TextReport.render(snapshot, alerts: Sample.alerts(of: snapshot), utcOffset: utcOffset)
}

@Suite struct TextReportTests {
    @Test(arguments: reportSamples.map(\.name)) func pagesAreAsTheyWere(name: String) throws {
        let sample = try #require(reportSamples.first { $0.name == name })
        expectGolden(render(sample.snapshot), named: name)
    }

    @Test(arguments: reportSamples.map(\.name)) func noLineIsWiderThanAHundredColumns(name: String) throws {
        let text = render(try #require(reportSamples.first { $0.name == name }).snapshot)
        #expect(isHarmless(text) && text.hasSuffix("\n"))
        for line in text.split(separator: "\n") {
            #expect(line.count <= 100 && line.last != " ", "\(line)")
        }
    }

    @Test func theVerdictComesFirst() {
        let lines = render(Sample.full).split(separator: "\n")
        #expect(lines[1].hasPrefix("CRITICAL   2 critical, 1 warning"))
        #expect(render(Sample.healthy).contains("\nOK   no alerts\n"))
    }

    @Test func timesAreLocalAndSayTheirZone() {
        #expect(render(Sample.healthy).contains("2026-11-22 14:32:07 UTC"))
        #expect(render(Sample.healthy, utcOffset: 19_800).contains("2026-11-22 20:02:07 +05:30"))
        #expect(render(Sample.healthy, utcOffset: -12_600).contains("2026-11-22 11:02:07 -03:30"))
    }

    @Test func whatIsDeniedComesWithTheLineThatAllowsIt() {
        let text = render(Sample.denied)
        #expect(text.contains("ACL SETUSER <user> +dbsize +slowlog|get +slowlog|len +config|get"))
        #expect(text.contains("CLIENT NO-EVICT"))
    }

    @Test func longWordsAndManyNodesStayWithinThePage() {
        var snapshot = Sample.busy
        for number in 0..<3 {
            var node = Sample.node()
            node.address = String(repeating: "long-host-name-\(number).", count: 12) + ":6379"
            node.warnings = [String(repeating: "word ", count: 90)]
            node.slowlog?[0].command = ["GET", String(repeating: "日本語", count: 40)]
            snapshot.nodes.append(node)
        }
        let lines = render(snapshot).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 } && lines.count > 60)
    }
}
