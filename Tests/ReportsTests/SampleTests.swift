import Support
import Testing

@testable import CacheModel

@testable import Reports

/// What no sample has is tried by no test: golden files record a null, and nobody sees it.
@Suite struct SampleTests {
    private static let snapshots = reportSamples.map(\.snapshot)

    @Test func everyFigureOfASnapshotIsInSomeSample() {
        #expect(Properties.empty(in: Self.snapshots as Any) == [])
    }

    @Test func everyMemberOfTheJSONIsInSomeSample() {
        var nulls: Set<String> = []
        var known: Set<String> = []
        func walk(_ value: JSONValue, _ path: String) {
            if case .null = value {
                nulls.insert(path)
                return
            }
            known.insert(path)
            if case .array(let elements) = value { for element in elements { walk(element, path) } }
            guard case .object(let members) = value else { return }
            for (name, value) in members { walk(value, Self.alike["\(path)/\(name)"] ?? "\(path)/\(name)") }
        }
        for snapshot in Self.snapshots {
            guard let document = try? JSONParser.parse(Array(Self.json(snapshot).utf8)) else {
                Issue.record("not JSON")
                continue
            }
            walk(document, "")
        }
        // What needs two looks, and who it is, which needs minutes.
        var alerts = Sample.alerts(of: Sample.full)
        alerts[0].culprit = Sample.culprit
        let document = JSONReport.render(Sample.full, alerts: alerts)
        if let document = try? JSONParser.parse(Array(document.utf8)) { walk(document, "") }
        walk(JSONClients.value(Sample.seen(Sample.countedLooks)), "/clients")
        #expect(
            nulls.subtracting(known).sorted() == [
                "/namespaces/items/biggest/ttl", "/namespaces/items/breaches/bytes",
                "/namespaces/items/breaches/bytes_sampled", "/namespaces/items/breaches/type",
            ], "a key is noted for its size or for its lifetime")
    }

    /// Members that are made as others are.
    private static let alike = ["/sum": "/nodes", "/namespaces/rest": "/namespaces/items"]

    @Test func everyMetricIsInSomeSample() {
        var described: Set<String> = []
        var shown: Set<String> = []
        for snapshot in Self.snapshots {
            let families = ServerMetrics.families(snapshot.nodes) + LabelledMetrics.families(snapshot.nodes)
            for family in families {
                described.insert(family.name)
                if !family.text.isEmpty { shown.insert(family.name) }
            }
        }
        #expect(described.subtracting(shown).sorted() == [])
    }

    /// A rate that is not in the report is known to nobody who is not at a screen.
    @Test func everyRateIsInTheJSON() throws {
        let document = try JSONParser.parse(Array(Self.json(Sample.full).utf8))
        guard case .array(let nodes)? = document["nodes"], case .object(let rates)? = nodes.first?["rates"] else {
            Issue.record("no rates")
            return
        }
        let properties = Properties.names(of: Rates()).map(Properties.snakeCase).filter {
            !["errors", "left_out"].contains($0)
        }
        #expect(rates.map(\.name) == properties)
        guard case .object(let counters)? = nodes.first?["counters"] else {
            Issue.record("no counters")
            return
        }
        #expect(counters.map(\.name) == rates.map(\.name), "a rate has the name of its counter")
    }

    /// A member that has the figure of another property has the right name, and nothing else.
    @Test func everyCounterIsInJSONAndPrometheusWithItsOwnFigure() throws {
        for counter in Counter.all {
            var snapshot = Sample.full
            snapshot.nodes[0].info?.stats[keyPath: counter.total] = 987_654_321
            let isThere = PrometheusReport.render(snapshot, alerts: []).contains(" 987654321\n")
            // Which makes its own rates, and has errors by their kind.
            let isDue =
                counter.rate != nil && counter.total as AnyKeyPath != \ServerInfo.Stats.errorReplies as AnyKeyPath
            #expect(isThere == isDue, "\(counter.total) in Prometheus")
            guard let rate = counter.rate else { continue }
            var alone = Rates()
            alone[keyPath: rate] = 98_765.5
            snapshot.nodes[0].rates?[keyPath: rate] = 98_765.5
            let name = try #require(
                Mirror(reflecting: alone).children.first { "\($0.value)".contains("98765.5") }?.label)
            let document = try JSONParser.parse(Array(Self.json(snapshot).utf8))
            guard case .array(let nodes)? = document["nodes"], let node = nodes.first else {
                Issue.record("no nodes")
                return
            }
            let member = Properties.snakeCase(name)
            for (kind, due) in [("rates", "98765.5"), ("counters", "987654321")] {
                let shown = "\(node[kind]?[member] as Any)"
                #expect(shown.contains(due), "\(kind)/\(member)")
            }
        }
    }

    private static func json(_ snapshot: Snapshot) -> String {
        JSONReport.render(snapshot, alerts: Sample.alerts(of: snapshot))
    }
}
