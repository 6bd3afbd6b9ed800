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
        #expect(plan.members.map(\.entry.id) == [1, 2, 1] && plan.members.map(\.node) == ["a", "a", "b"])
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
            ("cachewatch", "N", ClientParty.own), ("", "S", .replica), ("", "M", .primary),
            ("sentinel-4f3c2a-cmd", "N", .sentinel), ("sentinel-4f3c2a-pubsub", "P", .sentinel),
            ("sentinel-service", "N", .client), ("", "O", .client), ("", "P", .client), ("", "N", .client),
        ] as [(String, String, ClientParty)])
    func someAreLeft(name: String, flags: String, party: ClientParty) {
        let client = client(1, name, flags: flags)
        #expect(ClientParty(of: client) == party)
        let plan = KillPlan(.id(1, node: nil), of: [("a", [client])])
        #expect(plan.members.isEmpty == (party != .client) && plan.exempt.count == (party == .client ? 0 : 1))
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
        #expect(!receipt.isWhole && receipt.words.last == "it went no further: closed the connection")
        #expect(!KillReceipt(planned: 1).isWhole && !KillReceipt(planned: 1).hasChanged, "nothing was killed")
    }

    /// What was sent and not answered may have been done.
    @Test func whatWasNotAnsweredIsNotUndone() {
        var receipt = KillReceipt(planned: 100)
        (receipt.unanswered, receipt.failure) = (100, "no reply within 2 s")
        #expect(receipt.hasChanged && !receipt.isWhole)
        #expect(receipt.words[0] == "killed 0 connections; of 100 connections more it is not known")
    }
}
