import CacheModel
import Reports
import Support
import Testing

private func render(_ snapshot: Snapshot, clock: CivilClock = .utc) -> String {
    TextReport.render(snapshot, alerts: Sample.alerts(of: snapshot), clock: clock)
}

@Suite struct TextReportTests {
    @Test(arguments: reportSamples.map(\.name)) func pagesAreAsTheyWere(name: String) throws {
        let sample = try #require(reportSamples.first { $0.name == name })
        expectGolden(render(sample.snapshot), named: name)
    }

    @Test(arguments: reportSamples.map(\.name)) func noLineIsWiderThanAHundredColumns(name: String) throws {
        let text = render(try #require(reportSamples.first { $0.name == name }).snapshot)
        #expect(isHarmless(text) && text.hasSuffix("\n"))
        // A plug-in's line and commands to copy are lines of their own, however long.
        for line in text.split(separator: "\n").dropFirst() where !line.hasPrefix("               redis-cli ") {
            #expect(line.count <= 100 && line.last != " ", "\(line)")
        }
    }

    @Test func theVerdictComesFirst() {
        let lines = render(Sample.full).split(separator: "\n")
        #expect(
            lines[0]
                == "CRITICAL evicting 140/s, 2 more | used=1954210119B max=2147483648B clients=4120 max_clients=10000")
        #expect(lines[1].hasPrefix("cachewatch   redis://"))
        #expect(lines[2].hasPrefix("CRITICAL   2 critical, 1 warning"))
        #expect(render(Sample.healthy).hasPrefix("OK healthy | used="))
        #expect(render(Sample.healthy).contains("\nOK   no alerts\n"))
    }

    /// Plug-ins split at the first bar, and what is not known is no figure.
    @Test func statusLineIsOneOfAPlugIn() throws {
        for sample in reportSamples {
            let line = try #require(render(sample.snapshot).split(separator: "\n").first)
            let parts = line.split(separator: "|", omittingEmptySubsequences: false)
            #expect(parts.count <= 2, "\(line)")
            #expect(["OK ", "WARNING ", "CRITICAL ", "UNKNOWN "].contains { line.hasPrefix($0) }, "\(line)")
            for figure in (parts.count > 1 ? parts[1] : "").split(separator: " ") {
                #expect(figure.wholeMatch(of: #/[a-z_]+=-?[0-9]+B?/#) != nil, "\(line)")
            }
        }
        #expect(render(Sample.unreachable).hasPrefix("CRITICAL unreachable: connection refused\n"))
    }

    @Test func whoItIsStandsUnderTheAlert() throws {
        var alerts = Sample.alerts(of: Sample.full)
        alerts[0].culprit = Sample.culprit
        let lines = TextReport.render(Sample.full, alerts: alerts).split(separator: "\n").map(String.init)
        let place = try #require(lines.firstIndex { $0.contains(alerts[0].message.prefix(40)) })
        let rest = lines[place...].joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(rest.contains(Sample.culprit.words), "\(rest.prefix(400))")
        #expect(lines.dropFirst().allSatisfy { $0.count <= 100 || $0.contains("redis-cli") })
    }

    @Test func timesAreLocalAndSayTheirZone() {
        #expect(render(Sample.healthy).contains("2026-11-22 14:32:07 UTC"))
        #expect(render(Sample.healthy, clock: CivilClock(offset: 19_800)).contains("2026-11-22 20:02:07 +05:30"))
        #expect(render(Sample.healthy, clock: CivilClock(offset: -12_600)).contains("2026-11-22 11:02:07 -03:30"))
    }

    @Test func whatIsDeniedComesWithTheLineThatAllowsIt() {
        let text = render(Sample.denied)
        #expect(text.contains("ACL SETUSER <user> +dbsize +slowlog|get +slowlog|len +config|get"))
        #expect(text.contains("CLIENT NO-EVICT"))
    }

    /// Whoever copies less than the whole line grants less than is needed.
    @Test func whatIsToBeCopiedIsWhole() {
        var snapshot = Sample.denied
        snapshot.nodes[0].user = "cachewatch"
        let needs = (0..<30).map { "+command\($0)|subcommand" }
        snapshot.nodes[0].denied = needs.map { DeniedCommand(command: $0.dropFirst().uppercased(), needs: $0) }
        let words = Set(render(snapshot).split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(words.isSuperset(of: needs + ["SETUSER", "cachewatch"]))
        // In one line: what is pasted in two is two commands.
        let line = "  ACL SETUSER cachewatch " + needs.joined(separator: " ")
        #expect(render(snapshot).split(separator: "\n").contains { $0 == line })
    }

    @Test func everyReasonAndEveryRemedyIsThereToItsEnd() {
        for kind in Refusal.Kind.allCases {
            var snapshot = Sample.healthy
            let detail = (0..<40).map { "word\($0)" }.joined(separator: " ")
            snapshot.nodes[0] = NodeSnapshot(address: "cache-1:6379")
            snapshot.nodes[0].refusal = Refusal(kind, detail: detail)
            let words = render(snapshot).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains(detail) && words.contains(Refusal(kind).remedy), "\(kind): \(words)")
            #expect(!words.contains("…"))
        }
    }

    /// Names that are wider than their column, addresses without a blank, clients behind a long command.
    @Test func namesAreWhole() {
        var snapshot = Sample.full
        let long = (0..<12).map { "part\($0)" }.joined(separator: ":")
        var report = Sample.estimate
        report.items[0].name = "blacklist:of:old:tokens"
        report.other[0].prefix = long + ":"
        snapshot.namespaces = report
        snapshot.target = "redis-cluster://" + (0..<9).map { "cache-node-\($0):6379" }.joined(separator: ",") + "/0"
        snapshot.nodes[0].slowlog?[0].command = ["KEYS", String(repeating: "x", count: 90)]
        snapshot.nodes[0].slowlog?[0].clientName = "checkout-worker-3-in-the-second-zone"
        let text = render(snapshot)
        #expect(text.contains("\n  blacklist:of:old:tokens\n") && text.contains("\n    \(long):\n"), "\(text)")
        #expect(text.contains("checkout-worker-3-in-the-second-zone"), "\(text)")
        #expect(text.filter { !$0.isWhitespace }.contains(snapshot.target), "\(text)")
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }

    @Test func prefixesThatAreLeftOutAreCounted() {
        var snapshot = Sample.full
        var report = Sample.estimate
        let first = report.other[0]
        report.other = (0..<13).map { number in
            var usage = first
            usage.prefix = "p\(number):"
            return usage
        }
        snapshot.namespaces = report
        #expect(render(snapshot).contains("and 3 more prefixes"))
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
