import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Nodes that leave a deployment are let go, with every way to them.
@Suite(.serialized) struct RegistryTests {
    @Test func nodeThatHasLeftIsLetGoByAll() async throws {
        let servers = try [RedisServer(), RedisServer()]
        for server in servers { try server.cli("SET", "session:1", "x") }
        let nodes = try SomeNodes(servers.map(\.url))
        let collector = SnapshotCollector(deployment: nodes, timeout: .seconds(2))
        let browser = KeyBrowser(deployment: nodes, classifier: KeyClassifier(), timeout: .seconds(2))
        _ = await collector.collect()
        _ = await collector.surveyor.estimate(sample: 100)
        _ = await browser.page(of: .pattern("*"), wanted: 10)
        #expect(try servers[1].ours() >= 2)
        try await nodes.become([servers[0].url])
        _ = await collector.collect()
        _ = await collector.surveyor.estimate(sample: 100)
        try eventually("nobody holds on to it") { try servers[1].ours() == 0 }
        #expect(try servers[0].ours() >= 2)
        await collector.close()
        try eventually("all is closed") { try servers[0].ours() == 0 }
    }

    /// What is under way on a node that has left goes on to its end.
    @Test func sessionOutlivesThePlaceOfItsNode() async throws {
        let server = try RedisServer()
        let nodes = try SomeNodes([server.url])
        let node = await nodes.nodes()[0]
        let session = try await node.line(.survey).session()
        try await nodes.become([])
        #expect(try await session.ask([Command("PING")]) == [.status(Array("PONG".utf8))])
        #expect(try server.ours() == 1)
        withExtendedLifetime(session) {}
    }

    /// The only place that came free was taken by our own list of clients, and polls were refused for ever.
    @Test func whatLooksBesidesLeavesTheLastPlaceToThePolls() async throws {
        let server = try RedisServer()
        let nodes = try SomeNodes([server.url])
        let node = await nodes.nodes()[0]
        let sides: [Line.Purpose] = [.clients, .survey, .browse]
        let looking = try await node.line(.survey).session()
        try server.cli("CONFIG", "SET", "maxclients", "1")
        await #expect(throws: CacheError.refused(Refusal(.maxClients))) { try await node.line(.poll).connect() }
        #expect(try await looking.ask([Command("PING")]) == [.status(Array("PONG".utf8))], "what is in use goes on")
        for side in sides where side != .survey {
            await #expect(throws: CacheError.refused(Refusal(.maxClients))) { try await node.line(side).connect() }
        }
        #expect(await node.line(.survey).isConnected)
        withExtendedLifetime(looking) {}
    }

    @Test func placeThatComesFreeIsThePolls() async throws {
        let server = try RedisServer()
        let nodes = try SomeNodes([server.url])
        let node = await nodes.nodes()[0]
        try await node.line(.clients).connect()
        try await node.line(.browse).connect()
        try server.cli("CONFIG", "SET", "maxclients", "1")
        await eventually("the polls have the place") {
            (try? await node.line(.poll).connect()) != nil
        }
        for side in [Line.Purpose.clients, .survey, .browse] { #expect(await !node.line(side).isConnected) }
        // Whoever looks asks the server itself again from now on.
        await #expect(throws: CacheError.refused(Refusal(.maxClients))) { try await node.line(.clients).connect() }
        await node.close()
    }

    @Test func fiftyNodesThatComeAndGoLeaveNoSocket() async throws {
        let server = try RedisServer()
        let stays = try FaultProxy(to: server.socket)
        let nodes = try SomeNodes([stays.url])
        for _ in 0..<50 {
            let proxy = try FaultProxy(to: server.socket)
            try await nodes.become([stays.url, proxy.url])
            for node in await nodes.nodes() {
                for purpose in [Line.Purpose.poll, .survey, .browse, .members] {
                    try await node.line(purpose).connect()
                }
            }
            try await nodes.become([stays.url])
        }
        try eventually("only the one that stays has lines") { try server.ours() == 4 }
        await nodes.close()
        try eventually("all is closed") { try server.ours() == 0 }
    }
}
