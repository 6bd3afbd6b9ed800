import CacheModel
import Foundation
import Reports
import Support
import Testing

@Suite struct CounterReportTests {
    private var unsurveyed: Snapshot {
        var snapshot = Sample.counted
        snapshot.namespaces = nil
        return snapshot
    }

    private func document(_ snapshot: Snapshot) throws -> [String: Any] {
        let text = JSONReport.render(snapshot, alerts: [])
        return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func item(_ name: String, of snapshot: Snapshot) throws -> [String: Any] {
        let namespaces = try #require(document(snapshot)["namespaces"] as? [String: Any])
        let items = try #require(namespaces["items"] as? [[String: Any]])
        return try #require(items.first { $0["name"] as? String == name })
    }

    @Test func ratioIsThereWithAndWithoutALookAtTheKeys() throws {
        for snapshot in [Sample.counted, unsurveyed] {
            let product = try item("product", of: snapshot)
            #expect((product["hit_ratio"] as? Double).map { abs($0 - 1_080_600 / 1_218_600) < 1e-9 } == true)
            #expect(product["misses_per_second"] as? Double == 2_300 && product["load_us"] as? Int == 4_000)
            let services = try #require(product["counted_by"] as? [[String: Any]])
            #expect(services.map { $0["service"] as? String } == ["checkout-api", "search"])
        }
        #expect(try item("product", of: unsurveyed)["keys"] is NSNull)
    }

    @Test func whatNobodyCountsIsUnknownAndNotZero() throws {
        let session = try item("session", of: Sample.counted)
        for name in ["hit_ratio", "misses_per_second", "drops_per_second", "counted_by"] {
            #expect(session[name] is NSNull, "\(name)")
        }
        #expect(try document(Sample.surveyed)["counters"] is NSNull)
        #expect(try document(Sample.healthy)["namespaces"] is NSNull)
    }

    @Test func namespaceThatNoRuleHasIsAnItemOfItsOwn() throws {
        #expect(try item("reviews", of: Sample.counted)["hit_ratio"] as? Double == 0)
    }

    @Test func whoMayNotSeeThemIsToldWhatItNeeds() throws {
        var snapshot = Sample.healthy
        let needs = "(+hgetall ~cachecore:counters)"
        snapshot.nodes[0].denied = [DeniedCommand(command: "HGETALL", needs: needs)]
        #expect(TextReport.render(snapshot, alerts: []).contains("Who missed what   not known: HGETALL needs \(needs)"))
        let counters = try #require(document(snapshot)["counters"] as? [String: Any])
        #expect(counters["unknown"] as? String == "HGETALL needs \(needs)")
        #expect(!TextReport.render(Sample.healthy, alerts: []).contains("Who missed what"))
    }

    @Test func metricsAreTotalsByServiceAndARatioByNamespace() {
        let text = PrometheusReport.render(Sample.counted, alerts: [])
        #expect(
            text.contains(
                #"cachewatch_store_lookups_total{namespace="product",service="search",result="miss"} 108000"#))
        #expect(text.contains(#"cachewatch_namespace_hit_ratio{namespace="reviews"} 0"#))
        #expect(!PrometheusReport.render(Sample.surveyed, alerts: []).contains("cachewatch_store_"))
    }
}
