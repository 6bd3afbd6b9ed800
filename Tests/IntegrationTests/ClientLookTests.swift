import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Who the clients of real servers are.
@Suite struct ClientLookTests {
    private func connections(_ count: Int, _ name: String, to server: RedisServer) async throws -> [Connection] {
        let dialler = Dialler(tls: TLSSettings(), timeout: .seconds(2), courtesies: [])
        var connections: [Connection] = []
        for _ in 0..<count {
            connections.append(
                try await dialler.dial(try Endpoint(url: server.url), traffic: TrafficCounter()).connection)
        }
        for connection in connections {
            _ = try await connection.pipeline(
                [Command("CLIENT", "SETNAME", name), Command("PING")], deadline: .seconds(2))
        }
        return connections
    }

    @Test(arguments: RedisServer.Software.allCases) func everyServersListIsUnderstood(software: RedisServer.Software)
        async throws
    {
        let server = try RedisServer(software: software)
        let workers = try await connections(50, "checkout-worker-3", to: server)
        let surveyor = ClientSurveyor(settings: try settings(server.url))
        var memory = ClientMemory()
        for _ in 0..<2 { memory.note(await surveyor.look()) }
        let look = try #require(memory.latest)
        #expect(look.refused.isEmpty && look.leftOut == 0 && look.count == 51)
        let group = try #require(memory.groups(by: .name).first)
        #expect(group.name == "checkout-worker-*" && group.connections == 50 && group.addresses == 1)
        // Whoever looks late finds idle what has just worked.
        let idle = look.entries.values.joined().filter { $0.name == "checkout-worker-3" }.compactMap(\.idle)
        #expect(idle.count == 50 && group.busy == idle.count { $0 < 1 })
        #expect(group.idleLong == 0 && group.unread == 0 && (group.memory ?? 0) > 0)
        #expect(group.command == "ping" && group.newPerMinute == 0)
        #expect((group.commands == nil) == (software != .valkey9), "only newer ones count them")
        #expect(memory.groups(by: .name).last?.id.party == .own)
        #expect(memory.groups(by: .user).first?.id.label == "default")
        for worker in workers { worker.close() }
        await surveyor.close()
    }

    @Test func whoMayNotListIsTold() async throws {
        let server = try RedisServer()
        try server.cli("ACL", "SETUSER", "watcher", "on", ">pw", "-@all", "+info", "+ping")
        let surveyor = ClientSurveyor(settings: try settings("redis://watcher:pw@127.0.0.1:\(server.port)"))
        let look = await surveyor.look()
        #expect(look.entries.isEmpty)
        #expect(look.firstRefusal == Refusal(.noPermission, detail: "CLIENT LIST needs +client|list"))
        let denials = try server.cli("INFO", "errorstats")
        #expect(await surveyor.look().firstRefusal == look.firstRefusal)
        #expect(try server.cli("INFO", "errorstats") == denials, "it is not asked again")
        await surveyor.close()
        let line = AccessRules.line(user: "doctor", diagnosing: true).replacing("PASSWORD", with: "pw")
        #expect(try server.cli(line.split(separator: " ").map(String.init)).contains("OK"))
        let doctor = ClientSurveyor(settings: try settings("redis://doctor:pw@127.0.0.1:\(server.port)"))
        #expect(await doctor.look().isKnown)
        await doctor.close()
        #expect(!AccessRules.line(user: "watcher").contains("client|list"))
    }

    @Test func namesWithEscapeSequencesAreEscaped() async throws {
        let server = try RedisServer()
        // The server takes no blanks and no control characters; what it takes may still turn a line around.
        let workers = try await connections(1, "evil\u{202e}\\x1b", to: server)
        let surveyor = ClientSurveyor(settings: try settings(server.socketURL))
        let names = await surveyor.look().entries.values.flatMap { $0 }.map(\.name)
        #expect(!names.contains { $0.unicodeScalars.contains("\u{202e}") }, "\(names)")
        for worker in workers { worker.close() }
        await surveyor.close()
    }

    @Test func everyNodeOfAClusterIsAsked() async throws {
        let farm = try ClusterFarm(primaries: 3)
        let surveyor = ClientSurveyor(
            settings: try settings(farm.servers[0].url, timeout: .seconds(2)) { $0.clusterEnabled = true })
        try await surveyor.survey()
        let look = await surveyor.look()
        #expect(look.entries.count == 3 && look.refused.isEmpty)
        #expect(ClientMemory(look).groups(by: .name).first { $0.id.party == .own }?.nodes.count == 3)
        await surveyor.close()
    }

    /// One that does not answer is a refusal, and the others are told of.
    @Test func silentNodeIsARefusal() async throws {
        let server = try RedisServer()
        let silent = try AnsweringServer(asksAboutConnections: true) { words, _ in
            words.last == "LIST" ? .silence : .status("OK")
        }
        let nodes = [try node(server.url), try node(silent.url)]
        let surveyor = ClientSurveyor(
            deployment: FakeDeployment(nodes, movesKeys: false), timeout: .seconds(2), elapsed: { .zero })
        let look = await surveyor.look()
        #expect(look.entries.count == 1 && look.refused.keys.first == silent.name)
        #expect(look.firstRefusal != nil)
        for node in nodes { await node.close() }
    }
}
