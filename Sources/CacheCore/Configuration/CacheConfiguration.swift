public import CacheWire
package import RedisValues

/// Which cache is meant, and how it is reached.
public struct CacheConfiguration: Equatable, Sendable {
    /// How the nodes that are one cache find each other.
    public enum Kind: Equatable, Sendable {
        /// One server.
        case standalone
        /// A primary that sentinels replace when it is gone.
        ///
        /// - nodes: `host:port` of sentinels, or `host` for port 26379; where there are none, the endpoint is one.
        case sentinel(service: String, nodes: [String])
        /// Primaries that share the slots.
        ///
        /// - nodes: `host:port` of some, or `host` for port 6379; where there are none, the endpoint is one.
        case cluster(nodes: [String])
    }

    /// The server; with sentinels and in a cluster who we are on all nodes, and whether they speak TLS.
    public var endpoint: Endpoint
    public var kind: Kind
    /// Who we are on the sentinels; the endpoint's user and password are those of the servers.
    public var sentinelUsername: String?
    public var sentinelPassword: Secret?
    /// Nodes behind a tunnel or NAT: announced address to reachable address.
    public var addressMap: [String: String] = [:]
    public var tls = TLSSettings()
    /// How long a connection attempt or a reply may take.
    public var timeout = Duration.seconds(2)
    /// By what name `CLIENT LIST` shows our connections.
    public var clientName = "cachecore"
    /// False leaves no connection over which a writing command could be sent.
    public var allowsWrites = true
    /// What is asked for on each connection instead of its name alone.
    package var courtesies: [Courtesy]?

    public init(endpoint: Endpoint, kind: Kind = .standalone) {
        self.endpoint = endpoint
        self.kind = kind
    }

    /// What is asked for, without its secrets, such as `redis://***@cache-1:6379/0`.
    public var target: String {
        func list(_ names: [String]) -> String { names.map { Printable.escape($0) }.joined(separator: ",") }
        return switch kind {
        case .standalone: endpoint.redacted
        case .sentinel(let service, _):
            "redis-sentinel://\(list(seeds))/\(Printable.escape(service))/\(endpoint.database)"
        case .cluster: "redis-cluster://\(list(seeds))/\(endpoint.database)"
        }
    }

    /// The nodes to begin with: those that are listed, or the one of the endpoint.
    package var seeds: [String] {
        switch kind {
        case .standalone: [endpoint.name]
        case .sentinel(_, let nodes): seeds(nodes, defaultPort: Self.sentinelPort)
        case .cluster(let nodes): seeds(nodes, defaultPort: Self.port)
        }
    }

    /// Where the nodes of one deployment are kept.
    package var registry: NodeRegistry { NodeRegistry(dialler: dialler, allowsWrites: allowsWrites) }

    package static let port = 6379
    package static let sentinelPort = 26_379

    /// What cannot be read may hold credentials, and stands there as ``unreadable``; who dials it is told, see
    /// ``endpoint(at:)``.
    private func seeds(_ nodes: [String], defaultPort: Int) -> [String] {
        if nodes.isEmpty { return [endpoint.name] }
        return nodes.map { (try? NodeName($0, defaultPort: defaultPort))?.description ?? Self.unreadable }
    }

    private static let unreadable = SecretFilter.mask

    package var dialler: Dialler {
        Dialler(tls: tls, timeout: timeout, courtesies: courtesies ?? [.name(clientName)])
    }

    /// Which address is dialled for which node.
    ///
    /// - Throws: ``CacheError/refused(_:)`` for an entry that cannot be read.
    package var addresses: AddressMap {
        get throws(CacheError) {
            do throws(AddressMapError) { return try AddressMap(addressMap) } catch {
                throw .refused(Refusal(.badConfiguration, detail: "address_map: \(error)"))
            }
        }
    }

    /// The same way to another node.
    ///
    /// - Throws: ``CacheError/refused(_:)`` for a name that cannot be read: it must not lead to any other node.
    package func endpoint(at name: String) throws(CacheError) -> Endpoint {
        var endpoint = endpoint
        // Who is named first may listen at a socket.
        if name == Self.unreadable {
            let words = "a node that is listed is not host:port, or holds credentials (an @)"
            throw .refused(Refusal(.badConfiguration, detail: words))
        }
        if name != endpoint.name {
            do throws(NodeNameError) { endpoint.address = Endpoint.Address(try NodeName(name)) } catch {
                let kind: Refusal.Kind = error == .unknownHost ? .noAddress : .badConfiguration
                throw .refused(Refusal(kind, detail: "a node \(error)"))
            }
        }
        return endpoint
    }
}

extension CacheConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without its secrets: lists of nodes may hold some that nobody has read yet.
    public var description: String { target }
    public var debugDescription: String { target }
    public var customMirror: Mirror { Mirror(self, children: ["target": target]) }
}

extension CacheConfiguration.Kind: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .standalone: "standalone"
        case .sentinel(let service, let nodes): "sentinel \(Printable.escape(service)), \(nodes.count) nodes"
        case .cluster(let nodes): "cluster, \(nodes.count) nodes"
        }
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["kind": description]) }
}

extension Endpoint.Address {
    package init(_ name: NodeName) { self = .tcp(host: name.host, port: name.port) }
}
