internal import CacheWire
internal import RedisValues

/// Which endpoint is dialled for a node, as its deployment announces it. Each name is read once, as long as it is kept.
struct NodeAddresses: Sendable {
    private let configuration: CacheConfiguration
    private let map: Result<AddressMap, CacheError>
    private var read: [String: Dialled] = [:]

    private struct Dialled: Sendable {
        var name: String
        var endpoint: Result<Endpoint, CacheError>
    }

    init(_ configuration: CacheConfiguration) {
        self.configuration = configuration
        do throws(CacheError) { map = .success(try configuration.addresses) } catch { map = .failure(error) }
    }

    /// The name of what is dialled; one that cannot be read stays as it is.
    mutating func dialled(_ address: String) -> String { look(at: address).name }

    /// - Throws: ``CacheError/refused(_:)`` for a node whose name cannot be read, and where `address_map` cannot: it must
    ///   not lead to any other node.
    mutating func endpoint(of address: String) throws(CacheError) -> Endpoint { try look(at: address).endpoint.get() }

    /// Forgets all other names.
    mutating func keep(_ addresses: Set<String>) {
        if read.count > addresses.count { read = read.filter { addresses.contains($0.key) } }
    }

    private mutating func look(at address: String) -> Dialled {
        if let known = read[address] { return known }
        let name = name(of: address)
        let endpoint = Result { () throws(CacheError) in
            _ = try map.get()
            return try configuration.endpoint(at: name)
        }
        let dialled = Dialled(name: name, endpoint: endpoint)
        read[address] = dialled
        return dialled
    }

    private func name(of address: String) -> String {
        guard case .success(let map) = map, let name = try? NodeName(address) else { return address }
        return map[name].description
    }
}
