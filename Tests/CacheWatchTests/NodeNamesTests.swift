import CacheWire
import RedisValues
import Testing

@testable import CacheCore
@testable import CacheWatch

/// A name leads to the node that it means, or nowhere.
@Suite struct NodeNamesTests {
    private func configuration(_ url: String, _ kind: CacheConfiguration.Kind) throws -> CacheConfiguration {
        CacheConfiguration(endpoint: try Endpoint(url: url), kind: kind)
    }

    @Test(arguments: [
        ("10.0.0.5:6379", "10.0.0.5:6379"), ("[fd00::5]:6379", "[fd00::5]:6379"), ("fd00::5:6379", "[fd00::5]:6379"),
        ("Cache-2:1", "cache-2:1"),
    ])
    func sameWayToAnotherNode(_ name: String, _ address: String) throws {
        let configuration = try configuration("rediss://u:p@10.0.0.4:6379/3", .cluster(nodes: []))
        let endpoint = try configuration.endpoint(at: name)
        #expect(endpoint.name == address && endpoint.usesTLS && endpoint.password == Secret("p"))
        #expect(endpoint.database == 3)
    }

    /// Keys are removed where it leads.
    @Test(arguments: ["", "10.0.0.5", "127.0.0.1:tunnel", "a:0", "a b:1", "u:geheim@a:1", "?:6379", ":6379", "a:1/5"])
    func nameThatCannotBeReadIsNoWayToTheFirstNode(_ name: String) throws {
        let configuration = try configuration("redis://10.0.0.4:6379", .cluster(nodes: []))
        let error = #expect(throws: CacheError.self) { try configuration.endpoint(at: name) }
        #expect(error?.description.contains("geheim") == false)
        #expect(error?.refusal.kind == (name.hasPrefix("?") ? .noAddress : .badConfiguration))
    }

    @Test func firstNodeMayListenAtASocket() throws {
        let configuration = try configuration("unix:///run/redis.sock", .cluster(nodes: []))
        #expect(configuration.seeds == ["/run/redis.sock"])
        #expect(try configuration.endpoint(at: "/run/redis.sock").address == .unix(path: "/run/redis.sock"))
        #expect(throws: CacheError.self) { try configuration.endpoint(at: "/run/other.sock") }
    }

    @Test func firstNodesHaveTheirUsualPorts() throws {
        let nodes = ["A", "b:1", "[::1]"]
        let url = "redis://x:1"
        #expect(try configuration(url, .cluster(nodes: nodes)).seeds == ["a:6379", "b:1", "[::1]:6379"])
        let sentinel = try configuration(url, .sentinel(service: "m", nodes: nodes))
        #expect(sentinel.seeds == ["a:26379", "b:1", "[::1]:26379"])
    }

    /// `-MOVED 3999 fd00::5:6379` is how a server announces an IPv6 node, and `:6381` how one that does not know its
    /// own address does.
    @Test(arguments: [
        ("fd00::5:6379", "[fd00::5]:6379"), (":6381", "[fd00::4]:6381"), ("10.0.0.5:1", "127.0.0.1:16379"),
    ])
    func announcedNodeIsFound(_ announced: String, _ name: String) async throws {
        var configuration = try configuration("redis://[fd00::4]:6379", .cluster(nodes: []))
        configuration.addressMap = ["10.0.0.5:1": "127.0.0.1:16379"]
        let cluster = Cluster(configuration)
        let here = await cluster.nodes()[0]
        let node = try NodeName(announced: Array(announced.utf8))
        #expect(await cluster.node(announced: node, by: here).name == name)
        await cluster.close()
    }

    @Test(arguments: [["10.0.0.5:6379": "127.0.0.1:tunnel"], ["u:geheim@a:1": "b:1"]])
    func tunnelThatCannotBeReadIsRefused(_ map: [String: String]) async throws {
        for kind in [
            CacheConfiguration.Kind.cluster(nodes: ["10.0.0.5:6379"]), .sentinel(service: "m", nodes: ["a:1"]),
        ] {
            var configuration = try configuration("redis://10.0.0.4:6379", kind)
            configuration.addressMap = map
            let deployment = configuration.deployment
            let error = await #expect(throws: CacheError.self) { try await deployment.primaries() }
            let words = "\(error?.description ?? "") \(error?.refusal.detail ?? "")"
            #expect(!words.contains("geheim"))
            #expect(error?.refusal.kind == .badConfiguration || error?.refusal.kind == .noPrimary, "\(words)")
            #expect(await !deployment.nodes().isEmpty)
            await deployment.close()
        }
    }
}
