import RedisValues
import Support
import NIOConcurrencyHelpers

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Nodes as a test wants them, one of which holds a key.
final class FakeDeployment: Deployment {
    struct State {
        var nodes: [Node]
        /// Who holds a key; the first one where nothing else is said.
        var owners: [String: Int] = [:]
        var surveys = 0
        /// Whoever is asked about is replaced at once, by another one of these.
        var successors: [Node] = []
        /// How often it was asked who the primary is.
        var looks = 0
    }

    let kind: DeploymentKind
    let movesKeys: Bool
    let target = "redis-cluster://fake/0"
    let database = 0
    private let state: NIOLockedValueBox<State>
    private let onSurvey: @Sendable (inout State) -> Void

    /// - Parameter onSurvey: what becomes known when it is asked for.
    init(_ nodes: [Node], movesKeys: Bool = true, onSurvey: @escaping @Sendable (inout State) -> Void = { _ in }) {
        self.movesKeys = movesKeys
        kind = movesKeys ? .cluster : .standalone
        state = NIOLockedValueBox(State(nodes: nodes))
        self.onSurvey = onSurvey
    }

    var surveys: Int { state.withLockedValue { $0.surveys } }
    var looks: Int { state.withLockedValue { $0.looks } }

    func become(_ nodes: [Node]) { state.withLockedValue { $0.nodes = nodes } }
    func replaceAll(by nodes: [Node]) { state.withLockedValue { ($0.successors, $0.looks) = (nodes, 0) } }
    func give(_ key: String, to index: Int) { state.withLockedValue { $0.owners[key] = index } }

    var changes: AsyncStream<Void> { AsyncStream { $0.finish() } }

    func survey() async {
        state.withLockedValue { state in
            state.surveys += 1
            onSurvey(&state)
        }
    }

    func nodes() async -> [Node] { state.withLockedValue { $0.nodes } }
    func primaries() async throws(CacheError) -> [Node] { state.withLockedValue { $0.nodes } }

    func holder(of key: [UInt8]) async throws(CacheError) -> Node {
        state.withLockedValue { $0.nodes[$0.owners[String(decoding: key, as: UTF8.self)] ?? 0] }
    }

    func node(announced name: NodeName, by node: Node) async -> Node {
        state.withLockedValue { state in state.nodes.first { $0.name == name.description } ?? node }
    }

    func successor(of node: String) async -> Node? {
        state.withLockedValue { $0.successors.first { $0.name != node } }
    }

    func isPrimary(_ node: String) -> Bool {
        state.withLockedValue { state in
            state.looks += 1
            return state.successors.isEmpty
        }
    }

    func topology() async -> Topology? { nil }
    func close(_ purpose: Line.Purpose) async { for node in await nodes() { await node.close(purpose) } }
    func close() async { for node in await nodes() { await node.close() } }
}

/// A node to which everything may be sent.
func node(_ url: String, timeout: Duration = .seconds(5)) throws -> Node {
    Node(
        endpoint: try Endpoint(url: url), dialler: Dialler(tls: TLSSettings(), timeout: timeout, courtesies: []),
        allowsWrites: true)
}
