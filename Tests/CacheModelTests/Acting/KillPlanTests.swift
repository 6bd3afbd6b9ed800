import RedisValues
import Testing

@testable import CacheModel

@Suite struct KillPlanTests {
    private func client(
        _ id: Int, _ name: String = "leaky-1", address: String = "10.0.0.7:4000", flags: String = "N", age: Int? = 10
    ) -> ClientEntry {
        var client = ClientEntry(id: id, address: address)
        (client.name, client.flags, client.age) = (name, flags, age)
        return client
    }

    @Test func groupIsThatOfItsLabelOnAllNodes() {
        let plan = KillPlan(
            .group("leaky-*", .name),
            of: [
                ("a", [client(1), client(2, "leaky-77"), client(3, "leaky"), client(4, "other-1")]),
                ("b", [client(1, address: "10.0.0.8:1")]),
            ])
        #expect(plan.members.map(\.client.id) == [1, 2, 1] && plan.members.map(\.node) == ["a", "a", "b"])
        #expect(plan.words == ["3 connections from 2 addresses on 2 nodes"])
    }

    @Test func idsAreThoseOfTheirNode() {
        let clients = [("a", [client(1)]), ("b", [client(1), client(2)])]
        #expect(KillPlan(.id(1, node: nil), of: clients).members.map(\.node) == ["a", "b"])
        #expect(KillPlan(.id(1, node: "b"), of: clients).members.map(\.node) == ["b"])
        #expect(KillPlan(.id(9, node: nil), of: clients).words == ["there is no such connection"])
    }

    /// Who keeps the deployment alive, and ourselves, are left, whoever names them.
    @Test(
        arguments: [
            ("cachewatch", "N", KillPlan.Exemption.own), ("", "S", .replica), ("", "M", .primary),
            ("sentinel-4f3c2a-cmd", "N", .sentinel), ("sentinel-4f3c2a-pubsub", "P", .sentinel),
            ("sentinel-service", "N", nil), ("", "O", nil), ("", "P", nil), ("", "N", nil),
        ] as [(String, String, KillPlan.Exemption?)])
    func someAreLeft(name: String, flags: String, why: KillPlan.Exemption?) {
        let client = client(1, name, flags: flags)
        #expect(KillPlan.exemption(of: client) == why)
        let plan = KillPlan(.id(1, node: nil), of: [("a", [client])])
        #expect(plan.members.isEmpty == (why != nil) && plan.exempt.count == (why == nil ? 0 : 1))
    }

    @Test func onlyTheSameConnectionsAreClosed() {
        let planned = [client(1), client(2), client(3), client(4), client(5, age: nil)]
        let now = [
            client(1, age: 12), client(2, address: "10.0.0.7:9"), client(3, age: 0), client(4, "cachewatch", age: 11),
            client(5, age: 0),
        ]
        #expect(KillPlan.same(planned, in: now).map(\.id) == [1, 5])
        #expect(KillPlan.same(planned, in: []).isEmpty)
    }

    @Test func receiptSaysWhatHasBecomeOfThem() {
        var receipt = KillReceipt(planned: 41)
        (receipt.killed, receipt.gone, receipt.back, receipt.backWithin) = (40, 1, 38, .seconds(5))
        #expect(
            receipt.isWhole && receipt.words == ["killed 40 connections; 1 had ended before; 38 are back within 5 s"])
        receipt.failure = "closed the connection"
        #expect(!receipt.isWhole && receipt.words.last == "not the others: closed the connection")
        #expect(!KillReceipt(planned: 1).isWhole, "nothing was killed")
    }
}
