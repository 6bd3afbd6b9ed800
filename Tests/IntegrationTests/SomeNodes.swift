import CacheModel
import Support
import NIOConcurrencyHelpers

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A deployment of the servers that a test names, and can change.
final class SomeNodes: Deployment {
    let kind = DeploymentKind.cluster
    let target = "redis-cluster://some/0"
    let database = 0
    private let registry: NodeRegistry
    private let members: NIOLockedValueBox<[Endpoint]>

    init(_ urls: [String], timeout: Duration = .seconds(2)) throws {
        var settings = Settings()
        settings.timeout = timeout
        registry = settings.configuration.registry
        let endpoints = try urls.map { url throws in try Endpoint(url: url) }
        members = NIOLockedValueBox(endpoints)
    }

    /// From now on it has only these nodes.
    func become(_ urls: [String]) async throws {
        let endpoints = try urls.map { url throws in try Endpoint(url: url) }
        members.withLockedValue { $0 = endpoints }
        await registry.keep(Set(endpoints.map(\.name)))
    }

    var changes: AsyncStream<Void> { AsyncStream { $0.finish() } }
    func survey() async {}
    func nodes() async -> [Node] { members.withLockedValue { $0 }.map { registry.node(at: $0) } }
    func primaries() async throws(CacheError) -> [Node] { await nodes() }
    func successor(of node: String) async -> Node? { nil }
    func isPrimary(_ node: String) -> Bool { true }
    func topology() async -> Topology? { nil }
    func close(_ purpose: Line.Purpose) async { await registry.close(purpose) }
    func close() async { await registry.close() }
}

extension RedisServer {
    /// Connections of ours that are open.
    func ours() throws -> Int {
        try cli("CLIENT", "LIST").split(separator: "\n").count { $0.contains("name=cachewatch") }
    }
}
