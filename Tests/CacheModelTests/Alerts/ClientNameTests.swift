import Support
import Testing

@testable import CacheModel

/// Alerts about clients name who it is, where a look tells.
@Suite struct ClientNameTests {
    private func alert(
        _ id: Alert.ID, _ node: NodeSnapshot, _ looks: [ClientLook], lookedAt seconds: Int = 0
    ) throws -> Alert {
        var engine = AlertEngine(immediate: true)
        for look in looks.isEmpty ? [nil] : looks.map(Optional.some) {
            var snapshot = Sample.snapshot(node)
            snapshot.clients = look
            snapshot.elapsed = (look?.elapsed ?? Sample.elapsed) + .seconds(seconds)
            _ = engine.evaluate(snapshot)
        }
        return try #require(engine.raised.first { $0.id == id })
    }

    private var crowded: NodeSnapshot {
        changed {
            $0.info?.clients.connected = 54
            $0.info?.clients.maximum = 60
        }
    }

    private func leak(_ count: Int, others: Int = 3) -> ClientLook {
        Sample.look(
            [Sample.client(1, "cachewatch")] + (0..<count).map { Sample.client(100 + $0, "checkout-worker-\($0)") }
                + (0..<others).map { Sample.client(10 + $0, "other\($0)x") })
    }

    @Test func tooManyClientsAreNamed() throws {
        let alert = try alert(.clientsHigh, crowded, [leak(50)])
        #expect(alert.message == "Clients 54 of 60: 50 are checkout-worker-*")
        #expect(
            alert.evidence.contains { $0 == "clients: 54; most: checkout-worker-* 50, other0x 1, other1x 1" },
            "\(alert.evidence)")
    }

    @Test func nobodyIsNamedWithoutALookOrWithoutAPart() throws {
        for looks in [[], [leak(1, others: 20)], [Sample.look([], node: "another:1")]] {
            #expect(try alert(.clientsHigh, crowded, looks).message == "Clients 54 of 60")
        }
        #expect(try alert(.clientsHigh, crowded, [leak(50)], lookedAt: 61).message == "Clients 54 of 60")
    }

    @Test func refusedConnectionsAreThoseOfWhomThereAreMost() throws {
        let rejecting = changed { $0.rates?.rejectedConnections = 3 }
        #expect(
            try alert(.clientsRejected, rejecting, [leak(50)]).message
                == "Rejecting 3.0 connections/s: maxclients is reached; 50 are checkout-worker-*")
    }

    /// A leak beside it opens more that can be seen, and closes none.
    @Test func churnIsOfThoseThatClose() throws {
        let churning = changed { $0.rates?.connections = 9_000 }
        let looks = (0..<8).map { step in
            Sample.look(
                (leak(50).entries["cache-1:6379"] ?? [])
                    + (0..<step * 9).map { Sample.client(5_000 + $0, "checkout-worker-1") }
                    + [Sample.client(900 + step, "cart-1")], at: step * 5)
        }
        #expect(try alert(.connectionChurn, churning, looks).message.hasSuffix("; most are of cart-*"))
        #expect(try !alert(.connectionChurn, churning, Array(looks.prefix(3))).message.contains("most are of"))
    }

    @Test func blockedClientsAreNamedWithWhatTheyWaitFor() throws {
        let blocked = changed { $0.info?.clients.blocked = 300 }
        let look = Sample.look(
            (0..<9).map { Sample.client($0 + 10, "queue-\($0)") { ($0.flags, $0.command) = ("b", "blpop") } }
                + [Sample.client(90, "web")])
        #expect(try alert(.clientsBlocked, blocked, [look]).message.hasSuffix(": 9 are queue-* in blpop"))
    }

    @Test(
        arguments: [
            ("checkout-worker-3", "", "KEYS ran from 10.0.3.7:51234 (checkout-worker-3), 20.0 ms"),
            ("", "cart-9", "KEYS ran from 10.0.3.7:51234 (cart-9), 20.0 ms"),
            ("", "", "KEYS ran from 10.0.3.7:51234 (jedis, user shop), 20.0 ms"),
            (nil, "", "KEYS ran from 10.0.3.7:51234, 20.0 ms"),
            (nil, "cart-9", "KEYS ran from 10.0.3.7:51234 (cart-9), 20.0 ms"),
        ] as [(String?, String, String)])
    func forbiddenCommandsAreNamed(listed: String?, logged: String, words: String) throws {
        let slow = changed {
            $0.slowlog = [
                SlowlogEntry(
                    id: 9_999, at: Sample.takenAt, duration: .milliseconds(20), command: ["KEYS", "*"],
                    client: "10.0.3.7:51234", clientName: logged)
            ]
        }
        let look = Sample.look(
            listed.map { name in [Sample.client(7, name) { $0.address = "10.0.3.7:51234" }] } ?? [])
        let alert = try alert(.slowQueries, slow, [look])
        #expect(alert.message == "Slow queries: \(words)")
    }
}
