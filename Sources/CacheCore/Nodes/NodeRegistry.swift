package import CacheWire
internal import RedisValues
internal import NIOConcurrencyHelpers

/// The nodes of a deployment: made once, kept here alone, and let go here with everything that leads to them.
package final class NodeRegistry: Sendable {
    private let dialler: Dialler
    private let allowsWrites: Bool
    private let nodes = NIOLockedValueBox<[String: Node]>([:])

    package init(dialler: Dialler, allowsWrites: Bool) {
        self.dialler = dialler
        self.allowsWrites = allowsWrites
    }

    /// The node at an endpoint, made where it is new.
    package func node(at endpoint: Endpoint, purpose: NodePurpose = .data) -> Node {
        nodes.withLockedValue { nodes in
            if let known = nodes[endpoint.name] { return known }
            let node = Node(endpoint: endpoint, dialler: dialler, allowsWrites: allowsWrites, purpose: purpose)
            nodes[endpoint.name] = node
            return node
        }
    }

    /// Lets go of all others: their lines are closed as soon as nobody uses them, whoever has opened them.
    ///
    /// - Parameter names: of those who belong to the deployment now.
    /// - Returns: the names of those who have left.
    @discardableResult
    package func keep(_ names: Set<String>) async -> [String] {
        let gone = nodes.withLockedValue { nodes in
            let gone = nodes.filter { !names.contains($0.key) }
            for name in gone.keys { nodes[name] = nil }
            return gone
        }
        for node in gone.values { await node.retire() }
        return gone.keys.sorted()
    }

    /// Ends the lines for a purpose, of all nodes.
    package func close(_ purpose: Line.Purpose) async {
        for node in all { await node.close(purpose) }
    }

    /// Ends all lines of all nodes.
    package func close() async {
        for node in all { await node.close() }
    }

    private var all: [Node] { nodes.withLockedValue { Array($0.values) } }
}
