import CacheModel
import Support
import Testing

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
        #expect(
            nulls.subtracting(known).sorted() == [
                "/namespaces/items/biggest/ttl", "/namespaces/items/breaches/bytes",
                "/namespaces/items/breaches/type",
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
        let properties = Properties.names(of: Rates()).map(Properties.snakeCase).filter { $0 != "errors" }
        #expect(rates.map(\.name) == properties)
        guard case .object(let counters)? = nodes.first?["counters"] else {
            Issue.record("no counters")
            return
        }
        #expect(counters.map(\.name) == rates.map(\.name), "a rate has the name of its counter")
    }

    private static func json(_ snapshot: Snapshot) -> String {
        JSONReport.render(snapshot, alerts: Sample.alerts(of: snapshot))
    }
}
