import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Connections that are closed by their id, and those that are not.
@Suite struct ClientKillTests {
    /// Connections with a name, each kept by a line of its own.
    private final class Crowd {
        private var sessions: [Session] = []
        private var nodes: [Node] = []

        func join(_ server: RedisServer, as names: [String]) async throws {
            for name in names {
                let deployment = try settings(server.socketURL).deployment
                let node = await deployment.nodes()[0]
                let session = try await node.line(.poll).session(deadline: .seconds(5))
                _ = try await session.ask([Command("CLIENT", "SETNAME", name)])
                sessions.append(session)
                nodes.append(node)
            }
        }

        func leave() async { for node in nodes { await node.close() } }
    }

    private func names(_ server: RedisServer) throws -> [String] {
        ClientListParser.parse(Array(try server.cli("CLIENT", "LIST").utf8)).entries.map(\.name)
    }

    private func audit(_ server: RedisServer) throws -> [String] {
        try String(contentsOfFile: server.folder.path + "/state/audit.jsonl", encoding: .utf8).split(separator: "\n")
            .map(String.init)
    }

    @Test(arguments: RedisServer.Software.allCases)
    func groupIsClosedAndNobodyElse(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let crowd = Crowd()
        try await crowd.join(server, as: ["leaky-1", "leaky-2", "leaky-31", "leaky", "shop-1"])
        let operations = try operations(server)
        let plan = try await operations.plan(kill: .group("leaky-*", .name))
        #expect(plan.members.count == 3 && plan.words.first?.hasPrefix("3 connections from one address") == true)
        await #expect(throws: CacheError.self) { try await operations.kill(plan, typed: "leaky") }
        #expect(try names(server).count { $0.hasPrefix("leaky") } == 4, "it was not confirmed")
        let receipt = try await operations.kill(plan, typed: "leaky-*")
        #expect(receipt.killed == 3 && receipt.isWhole && receipt.gone == 0)
        let left = try names(server)
        #expect(left.contains("leaky") && left.contains("shop-1") && !left.contains { $0.hasPrefix("leaky-") })
        #expect(left.contains("cachewatch"))
        // One that comes back is counted, and another one of the same id is not closed.
        try await crowd.join(server, as: ["leaky-9"])
        #expect(await operations.returned(plan, within: .seconds(5)) == 1)
        let again = try await operations.kill(plan, typed: "leaky-*")
        #expect(again.killed == 0 && again.gone == 3 && !again.isWhole)
        let lines = try audit(server)
        #expect(lines.contains { $0.contains("\"kill\"") && $0.contains("leaky-*") && $0.contains("\"killed\": 3") })
        await crowd.leave()
        await operations.close()
    }

    @Test func nobodyKillsWhatKeepsTheDeploymentAlive() async throws {
        let primary = try RedisServer()
        let replica = try RedisServer([
            "--replicaof", "127.0.0.1", String(primary.port), "--repl-diskless-sync-delay", "0",
        ])
        try eventually("it follows") { try replica.cli("INFO", "replication").contains("master_link_status:up") }
        let operations = try operations(primary)
        let plan = try await operations.plan(kill: .group("127.0.0.1", .address))
        #expect(
            plan.exempt.contains { $0.entry.kind == .replica } && !plan.members.contains { $0.entry.kind == .replica })
        // On a replica clients may be closed, and the primary stays.
        let there = try IntegrationTests.operations(replica)
        let crowd = Crowd()
        try await crowd.join(replica, as: ["leaky-1"])
        let of = try await there.plan(kill: .group("leaky-*", .name))
        #expect(try await there.kill(of, typed: "leaky-*").killed == 1)
        #expect(try replica.cli("INFO", "replication").contains("master_link_status:up"))
        await crowd.leave()
        await there.close()
        await operations.close()
    }

    @Test func whoMayNotIsRefused() async throws {
        let server = try RedisServer()
        let crowd = Crowd()
        try await crowd.join(server, as: ["leaky-1"])
        let watching = try operations(server) { $0.readOnly = true }
        await #expect { try await watching.plan(kill: .group("leaky-*", .name)) } throws: {
            "\($0)".contains("--read-only")
        }
        try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+info", "+client|list", "+client|id")
        let eye = try operations(server, url: "unix://eye:pw@" + server.socket)
        let plan = try await eye.plan(kill: .group("leaky-*", .name))
        await #expect { try await eye.kill(plan, typed: "leaky-*") } throws: { "\($0)".contains("this user may not") }
        #expect(try names(server).contains("leaky-1"))
        await crowd.leave()
        await watching.close()
        await eye.close()
    }

    /// Ids begin anew with each process.
    @Test func anotherProcessIsNotTheOneThatWasLookedAt() async throws {
        let server = try RedisServer()
        let crowd = Crowd()
        try await crowd.join(server, as: ["leaky-1"])
        let operations = try operations(server)
        var plan = try await operations.plan(kill: .group("leaky-*", .name))
        plan.nodes[0].server.runID = "another"
        plan.nodes[0].runID = "another"
        await #expect { try await operations.kill(plan, typed: "leaky-*") } throws: {
            "\($0)".contains("another server process")
        }
        #expect(try names(server).contains("leaky-1"))
        await crowd.leave()
        await operations.close()
    }
}
