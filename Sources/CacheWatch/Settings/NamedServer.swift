internal import CacheCore
internal import CacheWire
/// The server that a URL of higher rank names beside a settings file.
struct NamedServer {
    var endpoint: Endpoint
    /// True where the URL itself holds a password.
    let hasItsOwnPassword: Bool

    init(endpoint: Endpoint) {
        self.endpoint = endpoint
        hasItsOwnPassword = endpoint.password != nil
    }
}

extension Settings {
    /// Takes the server of a URL instead of the one that a file names.
    ///
    /// A server that is not among those that the file names belongs to another deployment: what the file says of its
    /// own, whom to ask, over which tunnels, with which passwords, must not lead back to it. What kind of deployment it
    /// is stays: the URL then names one of its nodes, or one of its sentinels.
    ///
    /// - Returns: true where the file's password is meant for this server.
    mutating func follow(_ named: NamedServer, besides file: ConfigurationFile?) -> Bool {
        let (before, servers) = (endpoint, file?.servers ?? [])
        let address = named.endpoint.address.canonical
        let isOfTheFile = servers.isEmpty ? address == before.address.canonical : servers.contains(address)
        endpoint = named.endpoint
        if !servers.isEmpty, !isOfTheFile {
            (clusterNodes, sentinelNodes, addressMap, sentinelPassword) = ([], [], [:], nil)
        }
        guard !named.hasItsOwnPassword else { return isOfTheFile }
        if isOfTheFile { endpoint.password = endpoint.password ?? before.password }
        endpoint.username = endpoint.username ?? (isOfTheFile ? before.username : file?.username)
        return isOfTheFile
    }
}

extension ConfigurationFile {
    /// The servers that the file itself names, in any of its places; empty where it names none.
    fileprivate var servers: Set<Endpoint.Address> {
        let nodes = settings.clusterNodes + settings.sentinelNodes
        var servers = Set(nodes.compactMap(Endpoint.Address.init(node:)))
        if namesEndpoint { servers.insert(settings.endpoint.address) }
        // Tunnels alone name no deployment: they are for whatever a URL names.
        guard !servers.isEmpty else { return [] }
        let tunnels = settings.addressMap.flatMap { [$0.key, $0.value] }
        return Set(servers.union(tunnels.compactMap(Endpoint.Address.init(node:))).map(\.canonical))
    }
}

extension Endpoint.Address {
    fileprivate init?(node text: String) {
        guard let name = try? NodeName(text) else { return nil }
        self.init(name)
    }

    /// Equal for names that mean the same, however they are written.
    var canonical: Endpoint.Address {
        guard case .tcp(let host, let port) = self else { return self }
        return Endpoint.Address(node: HostPort.text(host: host, port: port)) ?? self
    }
}
