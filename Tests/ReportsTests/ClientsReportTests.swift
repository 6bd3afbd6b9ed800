import CacheModel
import Foundation
import Support
import Testing

@testable import Reports

@Suite struct ClientsReportTests {
    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func text() {
        expectGolden(ClientsReport.text(Sample.seenClients, by: .name, all: false), named: "clients")
    }

    @Test func everyConnectionIsToldWhereThatIsAskedFor() {
        let text = ClientsReport.text(Sample.seenClients, by: .address, all: true)
        #expect(text.split(separator: "\n").count { $0.hasPrefix("    id ") } == 114, "\(text)")
        #expect(text.contains("id 100  10.0.3.9:40100  checkout-worker-3  user shop  jedis 5.1  db0  idle 1 min"))
        #expect(text.contains("(no name)"))
    }

    @Test func figuresForPrograms() throws {
        let document = try json(ClientsReport.json(Sample.seenClients, by: .name, all: true))
        #expect(document["schema"] as? Int == 1 && document["by"] as? String == "name")
        #expect(document["connections"] as? Int == 114)
        let groups = try #require(document["groups"] as? [[String: Any]])
        #expect(groups.map { $0["name"] as? String } == ["cart-*", "checkout-worker-*", "10.0.5.1", "cachewatch"])
        #expect(groups[1]["new_per_minute"] as? Double == 24 && groups[1]["commands_per_second"] is NSNull)
        #expect(groups[1]["remarks"] as? [String] == ["rising for 6 looks, all idle: leak"])
        #expect(groups[3]["party"] as? String == "own")
        #expect((groups[1]["members"] as? [[String: Any]])?.count == 50)
        #expect((groups[1]["members"] as? [[String: Any]])?.first?["id"] as? Int == 100)
    }

    /// Nobody asked, and nobody was answered: neither is none.
    @Test func whatIsNotKnownIsNull() throws {
        let unasked = try json(JSONReport.render(Sample.healthy, alerts: []))
        #expect(unasked["clients"] is NSNull)
        var look = Sample.look([])
        (look.entries, look.refused) = (
            [:], ["cache-1:6379": Refusal(.noPermission, detail: "CLIENT LIST needs +client|list")]
        )
        var snapshot = Sample.healthy
        snapshot.clients = look
        let refused = try #require(try json(JSONReport.render(snapshot, alerts: []))["clients"] as? [String: Any])
        #expect(refused["groups"] is NSNull && refused["connections"] is NSNull)
        let nodes = try #require(refused["nodes"] as? [[String: Any]])
        #expect(nodes[0]["refusal_detail"] as? String == "CLIENT LIST needs +client|list")
        #expect(
            TextReport.render(snapshot, alerts: []).contains(
                "clients of cache-1:6379 are not known: not permitted (NOPERM): CLIENT LIST needs"),
            "\(TextReport.render(snapshot, alerts: []))")
        snapshot.clients = Sample.looks[0]
        let text = TextReport.render(snapshot, alerts: [])
        #expect(text.contains("104 connections in 4 groups by name") && text.contains("checkout-worker-*"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}
