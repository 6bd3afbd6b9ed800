import CacheModel
import Foundation
import Reports
import Support
import Testing

private func render(_ snapshot: Snapshot) -> String {
    PrometheusReport.render(snapshot, alerts: Sample.alerts(of: snapshot))
}

@Suite struct PrometheusReportTests {
    @Test(arguments: reportSamples.map(\.name)) func pagesAreAsTheyWere(name: String) throws {
        let sample = try #require(reportSamples.first { $0.name == name })
        expectGolden(render(sample.snapshot), named: name, extension: "prom")
    }

    @Test(arguments: reportSamples.map(\.name)) func everySampleHasHelpTypeAndANumber(name: String) throws {
        let text = render(try #require(reportSamples.first { $0.name == name }).snapshot)
        #expect(isHarmless(text))
        var described: Set<Substring> = []
        var samples: Set<Substring> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                #expect(described.insert(line.split(separator: " ")[2]).inserted, "one family, one block")
            } else if !line.hasPrefix("#") {
                let metric = try #require(line.split(whereSeparator: { $0 == "{" || $0 == " " }).first)
                #expect(described.contains(metric))
                let value = try #require(line.split(separator: " ").last)
                #expect(Double(value)?.isFinite == true)
                #expect(samples.insert(line.dropLast(value.count)).inserted, "the same labels twice: \(line)")
            }
        }
    }

    @Test func namesAreThoseOfRedisExporter() {
        let text = render(Sample.full)
        for line in [
            "redis_up{node=\"cache-1:6379\"} 1", "redis_memory_max_bytes{node=\"cache-1:6379\"} 2147483648",
            "redis_db_keys{node=\"cache-1:6379\",db=\"db0\"} 5012345",
            "redis_connected_clients{node=\"cache-1:6379\"} 4120",
            "redis_commands_total{node=\"cache-1:6379\",cmd=\"get\"} 91204511",
            "redis_errors_total{node=\"cache-1:6379\",err=\"ERR\"} 3", "cachewatch_status 2",
            "cachewatch_alert{id=\"memory-high\",level=\"critical\",node=\"cache-1:6379\"} 1",
            "cachewatch_round_trip_seconds{node=\"cache-1:6379\"} 0.000412",
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    }

    /// The settings refuse such a name; with it all the same, no line takes another one's place.
    @Test func keysWithoutRulesAreNotHiddenByARuleOfTheirName() {
        let mine = NamespaceRule(name: NamespaceRule.rest, prefixes: ["misc"])
        var tally = KeyspaceTally(classifier: KeyClassifier(rules: NamespaceRule.rules(with: [mine])))
        for number in 0..<100 { tally.count(Array("reco:home:\(number)".utf8).span) }
        for number in 0..<10 { tally.count(Array("misc:\(number)".utf8).span) }
        var snapshot = Sample.healthy
        snapshot.namespaces = .sweep(
            tally, full: false, complete: true, expected: 110,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
        let lines = render(snapshot).split(separator: "\n").filter { $0.hasPrefix("cachewatch_namespace_keys{") }
        #expect(
            lines.contains { $0.hasSuffix("\"other\"} 10") } && lines.contains { $0.hasSuffix("} 100") }, "\(lines)")
    }

    @Test func whatIsUnknownHasNoSample() {
        let text = render(Sample.unreachable)
        #expect(text.contains("redis_up{node=\"cache-1:6379\"} 0\n") && text.contains("cachewatch_status 2\n"))
        #expect(!text.contains("redis_memory") && !text.contains("redis_instance_info"))
    }

    @Test func labelsAreEscaped() {
        var snapshot = Sample.healthy
        snapshot.nodes[0].info?.memory.policy = "a\"b\\c"
        #expect(render(snapshot).contains("maxmemory_policy=\"a\\\"b\\\\c\""))
    }

    @Test(
        .enabled(if: Promtool.path != nil, "promtool is not here; Debian's package prometheus has it"),
        arguments: reportSamples.map(\.name))
    func promtoolHasNoComplaint(name: String) throws {
        let path = try #require(Promtool.path)
        let text = render(try #require(reportSamples.first { $0.name == name }).snapshot)
        let complaint = try Promtool.check(text, path: path)
        #expect(complaint.isEmpty, "\(complaint)")
    }
}

/// Prometheus' own checker of metrics pages, where it is installed.
private enum Promtool {
    static let path = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(
        where: FileManager.default.isExecutableFile)

    /// - Returns: what it found fault with; empty when all is well.
    static func check(_ page: String, path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page.utf8))
        try input.fileHandleForWriting.close()
        let words = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? words : "exit \(process.terminationStatus): \(words)"
    }
}
