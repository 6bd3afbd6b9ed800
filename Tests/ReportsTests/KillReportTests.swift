import CacheModel
import Foundation
import RedisValues
import Reports
import Testing

@Suite struct KillReportTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func planSaysWhoAndWhoNot() throws {
        var own = ClientEntry(id: 2, address: "a:2")
        own.name = "cachewatch"
        var plan = KillPlan(.group("a", .address), of: [("n:1", [ClientEntry(id: 1, address: "a:1"), own])])
        plan.unseen = [KillPlan.Unseen(node: "n:2", why: Refusal(.hung))]
        let told = try object(KillReport.json(plan))
        #expect(told["connections"] as? Int == 1 && told["selection"] as? String == "a")
        #expect((told["exempt"] as? [[String: Any]])?.first?["party"] as? String == "own")
        #expect((told["unseen"] as? [[String: Any]])?.first?["node"] as? String == "n:2")
    }

    /// Who has not looked whether they come back does not say that none does.
    @Test func receiptSaysWhatIsKnown() throws {
        let plan = KillPlan(.id(1, node: nil), of: [])
        var receipt = KillReceipt(planned: 3)
        receipt.killed = 2
        let told = try object(KillReport.json(receipt, of: plan))
        #expect(
            told["killed"] as? Int == 2 && told["unanswered"] as? Int == 0 && told["back"] is NSNull
                && told["back_within_ms"] is NSNull)
        (receipt.back, receipt.backWithin) = (0, .seconds(5))
        let later = try object(KillReport.json(receipt, of: plan))
        #expect(later["back"] as? Int == 0 && later["back_within_ms"] as? Int == 5000)
    }
}
