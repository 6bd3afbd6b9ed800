/// Which address is dialled for a node that announces another one: behind a tunnel, or NAT.
package struct AddressMap: Equatable, Sendable {
    private var dialled: [NodeName: NodeName] = [:]

    package init() {}

    /// - Parameter entries: announced names and what is dialled for them, as `address_map` has them.
    /// - Throws: ``AddressMapError``, the same each time.
    package init(_ entries: [String: String]) throws(AddressMapError) {
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            let announced: NodeName
            do throws(NodeNameError) { announced = try NodeName(key) } catch { throw .key(error) }
            let name: NodeName
            do throws(NodeNameError) { name = try NodeName(value) } catch { throw .value(of: announced, error) }
            guard dialled[announced].map({ $0 == name }) ?? true else { throw .twice(announced) }
            dialled[announced] = name
        }
    }

    /// What is dialled to reach a node; its own name where nothing else is said.
    package subscript(_ announced: NodeName) -> NodeName { dialled[announced] ?? announced }
}

/// What is wrong with an entry. Nothing is repeated that could not be read.
package enum AddressMapError: Error, Equatable, Sendable, CustomStringConvertible {
    case key(NodeNameError)
    case value(of: NodeName, NodeNameError)
    /// Two spellings of one node lead to different ones.
    case twice(NodeName)

    package var description: String {
        switch self {
        case .key(let error): "a name to be mapped \(error)"
        case .value(let node, let error): "what \(node) is mapped to \(error)"
        case .twice(let node): "\(node) is mapped to two addresses"
        }
    }
}
