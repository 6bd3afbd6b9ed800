internal import CacheCore
internal import CacheWire

/// The server that a URL of higher rank names beside a settings file.
struct NamedServer {
    var endpoint: Endpoint
    let url: EndpointURL
    /// `--url` or `REDIS_URL`.
    let source: String
    /// True where the URL itself holds a password.
    let hasItsOwnPassword: Bool

    init(url: EndpointURL, source: String) {
        (self.url, self.source) = (url, source)
        endpoint = url.endpoint
        hasItsOwnPassword = endpoint.password != nil
    }
}

extension EndpointURL {
    /// About parameters that are not ours; nil where there are none.
    var wordsAboutTheRest: String? {
        if leftAlone.isEmpty { return nil }
        let names = leftAlone.map { "\"\($0)\"" }.joined(separator: ", ")
        return "\(names) of the URL: for other clients, left alone (timeout and key_prefix are settings of their own)"
    }
}

extension Settings {
    /// Takes what a URL says, nodes of a deployment and TLS included.
    ///
    /// - Parameter home: what `~` stands for in its parameters; nil where nobody knows.
    mutating func take(_ url: EndpointURL, home: String?) throws(HomePath.Problem) {
        func path(_ path: String?, _ parameter: String) throws(HomePath.Problem) -> String? {
            guard let path else { return nil }
            do throws(HomePath.Problem) { return try HomePath.expand(path, home: home) } catch {
                throw HomePath.Problem(description: "its parameter \(parameter) \(error)")
            }
        }
        let authorities = try path(url.caFile, "ssl_ca_certs")
        let certificate = try path(url.certificateFile, "ssl_certfile")
        let key = try path(url.keyFile, "ssl_keyfile")
        endpoint = url.endpoint
        tls.verifyCertificate = url.verifyCertificate ?? tls.verifyCertificate
        tls.caFile = authorities ?? tls.caFile
        if certificate != nil { (tls.certificateFile, tls.keyFile) = (certificate, key) }
        switch url.deployment {
        case nil: break
        case .cluster(let nodes):
            (clusterEnabled, clusterNodes, sentinelEnabled, sentinelNodes) = (true, nodes, false, [])
        case .sentinel(let service, let nodes):
            (sentinelEnabled, sentinelNodes, sentinelService) = (true, nodes, service)
            (clusterEnabled, clusterNodes) = (false, [])
        }
    }

    /// Takes the server of a URL instead of the one that a file names.
    ///
    /// A server that is not among those that the file names belongs to another deployment: what the file says of its
    /// own, whom to ask, over which tunnels, with which passwords, must not lead back to it. What kind of deployment it
    /// is stays: the URL then names one of its nodes, or one of its sentinels.
    ///
    /// - Returns: true where the file's password is meant for this server.
    mutating func follow(
        _ named: NamedServer, besides file: ConfigurationFile?, home: String?
    ) throws(SettingsIssue) -> Bool {
        let (before, servers) = (endpoint, file?.servers ?? [])
        let address = named.endpoint.address.canonical
        let isOfTheFile = servers.isEmpty ? address == before.address.canonical : servers.contains(address)
        do throws(HomePath.Problem) { try take(named.url, home: home) } catch {
            throw SettingsIssue(source: named.source, message: "not a usable URL: \(error)")
        }
        if let words = named.url.wordsAboutTheRest {
            warnings.append(SettingsIssue(source: named.source, message: words))
        }
        endpoint = named.endpoint
        if !servers.isEmpty, !isOfTheFile {
            if named.url.deployment == nil { (clusterNodes, sentinelNodes) = ([], []) }
            (addressMap, sentinelUsername, sentinelPassword) = ([:], nil, nil)
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
