import CacheModel
import Foundation
import Reports
import Support
import Testing

private func render(_ snapshot: Snapshot) -> String {
    JSONReport.render(snapshot, alerts: Sample.alerts(of: snapshot))
}

private func parse(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}

@Suite struct JSONReportTests {
    @Test(arguments: reportSamples.map(\.name)) func documentsAreAsTheyWere(name: String) throws {
        let sample = try #require(reportSamples.first { $0.name == name })
        expectGolden(render(sample.snapshot), named: name, extension: "json")
    }

    @Test(arguments: reportSamples.map(\.name)) func everyDocumentIsValidAndHarmless(name: String) throws {
        let text = render(try #require(reportSamples.first { $0.name == name }).snapshot)
        let document = try parse(text)
        #expect(document["schema"] as? Int == 1 && isHarmless(text))
        for key in ["taken_at", "target", "deployment", "status", "alerts", "nodes", "namespaces", "receipt"] {
            #expect(document[key] != nil, "\(key)")
        }
        let nodes = try #require(document["nodes"] as? [[String: Any]])
        for key in [
            "address", "role", "reachable", "refusal", "software", "version", "uptime", "keys", "round_trip_us",
            "memory",
            "clients", "rates", "hit_ratio", "slowlog", "denied",
        ] { #expect(nodes.first?[key] != nil, "\(key)") }
    }

    @Test func figuresArePlainNumbers() throws {
        let document = try parse(render(Sample.full))
        #expect(
            document["status"] as? String == "critical" && document["taken_at"] as? String == "2026-11-22T14:32:07.412Z"
        )
        let node = try #require((document["nodes"] as? [[String: Any]])?.first)
        let memory = try #require(node["memory"] as? [String: Any])
        #expect(memory["used"] as? Int == Int(1.82 * 1_073_741_824) && memory["policy"] as? String == "allkeys-lru")
        #expect((memory["pressure"] as? Double).map { abs($0 - 0.91) < 1e-6 } == true)
        #expect((node["clients"] as? [String: Any])?["max"] as? Int == 10_000)
        #expect((node["rates"] as? [String: Any])?["evicted"] as? Double == 140 && node["round_trip_us"] as? Int == 412)
        let slow = try #require((node["slowlog"] as? [[String: Any]])?.first)
        #expect(slow["command"] as? [String] == ["KEYS", "product:*"] && slow["duration_us"] as? Int == 18_200)
        #expect(slow["at"] as? String == "2026-11-22T14:31:58.000Z")
    }

    @Test func alertsCarryTheirRemedies() throws {
        let alerts = try #require(try parse(render(Sample.full))["alerts"] as? [[String: Any]])
        let memory = try #require(alerts.first { $0["id"] as? String == "memory-high" })
        #expect(memory["level"] as? String == "critical" && memory["node"] as? String == "cache-1:6379")
        #expect(memory["remedy"] as? [String] == ["Enable key expiration (TTL)", "Increase Redis server memory"])
    }

    @Test func whoItIsStandsBesideTheEvidence() throws {
        var alerts = Sample.alerts(of: Sample.full)
        alerts[0].culprit = Sample.culprit
        let document = try parse(JSONReport.render(Sample.full, alerts: alerts))
        let told = try #require(document["alerts"] as? [[String: Any]])
        let culprit = try #require(told[0]["culprit"] as? [String: Any])
        #expect(culprit["kind"] as? String == "namespace" && culprit["name"] as? String == "reco:home")
        #expect(culprit["part"] as? Double == 0.81 && culprit["part_low"] as? Double == 0.72)
        #expect(culprit["part_high"] as? Double == 0.9 && culprit["words"] as? String == Sample.culprit.words)
        #expect(told[1]["culprit"] is NSNull, "null where nobody is named")
        #expect(!PrometheusReport.render(Sample.full, alerts: alerts).contains("reco:home"))
    }

    @Test func whatIsUnknownIsNullAndNotZero() throws {
        let node = try #require((try parse(render(Sample.denied))["nodes"] as? [[String: Any]])?.first)
        #expect(node["keys"] is NSNull && node["slowlog"] is NSNull)
        #expect((node["denied"] as? [String])?.first == "DBSIZE")
        let gone = try #require((try parse(render(Sample.unreachable))["nodes"] as? [[String: Any]])?.first)
        #expect(gone["reachable"] as? Bool == false && gone["refusal"] as? String == "connection refused")
        #expect((gone["memory"] as? [String: Any])?["used"] is NSNull)
    }

    @Test func namespacesCarryTheirIntervals() throws {
        let document = try parse(render(Sample.surveyed))
        let namespaces = try #require(document["namespaces"] as? [String: Any])
        #expect(namespaces["method"] as? String == "estimate" && namespaces["complete"] as? Bool == true)
        #expect(namespaces["examined"] as? Int == 5000 && namespaces["keys"] as? Int == 5_012_345)
        let items = try #require(namespaces["items"] as? [[String: Any]])
        #expect(items.map { $0["name"] as? String } == NamespaceRule.platform.map(\.name))
        // Of those that nobody has drawn there is no figure.
        for item in items where item["keys"] as? Int != 0 {
            for key in [
                "keys", "keys_low", "keys_high", "share", "bytes", "bytes_low", "bytes_high", "without_ttl",
                "ttl_above_contract", "contract", "layout",
            ] { #expect(item[key] != nil && !(item[key] is NSNull), "\(key)") }
            let keys = try #require(item["keys"] as? Int)
            #expect(item["keys_low"] as? Int ?? .max < keys && item["keys_high"] as? Int ?? 0 > keys)
        }
        let limits = try #require(items.first { $0["name"] as? String == "rate:limit" })
        #expect(limits["contract"] as? String == "broken")
        #expect((namespaces["other"] as? [[String: Any]])?.first?["prefix"] as? String == "sessions:")
        let receipt = try #require(document["receipt"] as? [String: Any])
        #expect(receipt["commands"] as? Int == 25_004 && receipt["server_us"] as? Int == 20_191)
        #expect(receipt["largest_stall_us"] as? Int == 2086 && receipt["errors"] as? Int == 0)
    }

    @Test func countedKeysHaveNoInterval() throws {
        let document = try parse(render(Sample.swept))
        let namespaces = try #require(document["namespaces"] as? [String: Any])
        #expect(namespaces["method"] as? String == "sweep-full")
        for item in try #require(namespaces["items"] as? [[String: Any]]) {
            #expect(item["keys_low"] as? Int == item["keys"] as? Int)
            #expect(item["bytes_high"] as? Int == item["bytes"] as? Int)
        }
    }

    @Test func withoutALookThereIsNull() throws {
        let document = try parse(render(Sample.busy))
        #expect(document["namespaces"] is NSNull && document["receipt"] is NSNull)
    }

    @Test func textsSurviveTheRoundTrip() throws {
        var snapshot = Sample.healthy
        let odd = "quote \" backslash \\ newline \n nul \0 escape \u{1b} override \u{202e} tag \u{e0041} 日本"
        snapshot.target = odd
        let text = render(snapshot)
        #expect(isHarmless(text))
        #expect(try parse(text)["target"] as? String == odd)
    }
}
