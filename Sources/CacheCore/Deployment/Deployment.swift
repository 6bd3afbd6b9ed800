package import CacheWire
package import RedisValues

/// A set of nodes that together are one cache. Nothing above asks which kind it is.
package protocol Deployment: Sendable {
    var kind: DeploymentKind { get }
    /// What was asked for, without its secrets.
    var target: String { get }
    /// Whether keys may lie on several nodes, and go from one to another.
    var movesKeys: Bool { get }
    /// The database that is watched.
    var database: Int { get }
    /// Yields when something has changed that a poll should see at once.
    var changes: AsyncStream<Void> { get }
    /// Finds out anew who belongs to it. Nothing is thrown: where nobody answers, what was known stays.
    func survey() async
    /// The nodes known now, never empty; what is shown first comes first.
    func nodes() async -> [Node]
    /// Those that hold the keys and take writes.
    ///
    /// - Throws: ``CacheError/refused(_:)`` where nobody knows them.
    func primaries() async throws(CacheError) -> [Node]
    /// Who holds a key.
    ///
    /// - Throws: ``CacheError/refused(_:)`` where nobody knows.
    func holder(of key: [UInt8]) async throws(CacheError) -> Node
    /// The node to which a redirection sends, announced like that by another one.
    func node(announced name: NodeName, by node: Node) async -> Node
    /// Who holds which part of the keys, asked of every primary; nil where keys do not move between nodes.
    ///
    /// - Throws: ``CacheError`` where one of them does not answer.
    func layout() async throws(CacheError) -> SlotLayout?
    /// Who has taken the place of a primary that was lost, waited for; nil where nobody will.
    func successor(of node: String) async -> Node?
    /// False once another node is known to have taken its place.
    func isPrimary(_ node: String) -> Bool
    /// What the members tell of each other; nil where there is nobody to tell.
    func topology() async -> Topology?
    /// Why the nodes that are known are not what was asked for, though they answer; nil where they are.
    func shortfall() async -> Refusal?
    /// Ends all lines of a purpose; whoever asks next gets new ones.
    func close(_ purpose: Line.Purpose) async
    /// Ends all lines.
    func close() async
}

extension Deployment {
    package var movesKeys: Bool { false }
    package func holder(of key: [UInt8]) async throws(CacheError) -> Node { try await primaries()[0] }
    package func node(announced name: NodeName, by node: Node) async -> Node { node }
    package func layout() async throws(CacheError) -> SlotLayout? { nil }
    package func shortfall() async -> Refusal? { nil }
}

/// One server, over TCP, TLS or a Unix socket.
package struct Standalone: Deployment {
    package let kind = DeploymentKind.standalone
    package let target: String
    package let database: Int
    private let node: Node

    package init(_ configuration: CacheConfiguration) {
        target = configuration.target
        database = configuration.endpoint.database
        node = configuration.registry.node(at: configuration.endpoint)
    }

    package var changes: AsyncStream<Void> { AsyncStream { $0.finish() } }
    package func survey() async {}
    package func nodes() async -> [Node] { [node] }
    package func primaries() async throws(CacheError) -> [Node] { [node] }
    package func successor(of node: String) async -> Node? { nil }
    package func isPrimary(_ node: String) -> Bool { true }
    package func topology() async -> Topology? { nil }
    package func close(_ purpose: Line.Purpose) async { await node.close(purpose) }
    package func close() async { await node.close() }
}

extension CacheConfiguration {
    /// The deployment that it describes; nothing is connected yet.
    package var deployment: any Deployment {
        switch kind {
        case .standalone: Standalone(self)
        case .sentinel(let service, _): Sentinel(self, service: service)
        case .cluster: Cluster(self)
        }
    }
}
