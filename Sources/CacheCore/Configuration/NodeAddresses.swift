internal import CacheWire
internal import RedisValues

/// Which endpoint is dialled for a node, as its deployment announces it.
struct NodeAddresses: Sendable {
    private let configuration: CacheConfiguration
    private let map: Result<AddressMap, CacheError>

    init(_ configuration: CacheConfiguration) {
        self.configuration = configuration
        do throws(CacheError) { map = .success(try configuration.addresses) } catch { map = .failure(error) }
    }

    /// The name of what is dialled; one that cannot be read stays as it is.
    func dialled(_ address: String) -> String {
        guard case .success(let map) = map, let name = try? NodeName(address) else { return address }
        return map[name].description
    }

    /// - Throws: ``CacheError/refused(_:)`` for a node whose name cannot be read, and where `address_map` cannot: it must
    ///   not lead to any other node.
    func endpoint(of address: String) throws(CacheError) -> Endpoint {
        _ = try map.get()
        return try configuration.endpoint(at: dialled(address))
    }
}
