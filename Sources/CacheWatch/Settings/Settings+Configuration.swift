internal import CacheModel
package import CacheCore
internal import CacheWire

extension Settings {
    /// What they say of the cache and the way to it.
    public var configuration: CacheConfiguration {
        let kind: CacheConfiguration.Kind =
            if clusterEnabled {
                .cluster(nodes: clusterNodes)
            } else if sentinelEnabled {
                .sentinel(service: sentinelService, nodes: sentinelNodes)
            } else {
                .standalone
            }
        var configuration = CacheConfiguration(endpoint: endpoint, kind: kind)
        (configuration.sentinelUsername, configuration.sentinelPassword) = (sentinelUsername, sentinelPassword)
        configuration.addressMap = addressMap
        configuration.tls = tls
        configuration.timeout = timeout
        configuration.courtesies = Courtesy.ofWatchers
        configuration.allowsWrites = !readOnly
        return configuration
    }

    /// What is asked for, without its secrets.
    public var target: String { configuration.target }

    /// What they describe.
    package var deployment: any Deployment { configuration.deployment }
}

extension Settings {
    /// Where the audit is kept: by these settings, or else beside the other files.
    func auditPath(_ files: OperationFiles) -> String { auditFile ?? files.audit }
}

extension Dialler {
    package convenience init(settings: Settings) {
        self.init(tls: settings.tls, timeout: settings.timeout, courtesies: Courtesy.ofWatchers)
    }

    /// For connections that are not a watcher's, and say themselves who they are.
    package convenience init(ofStrangers settings: Settings) {
        self.init(tls: settings.tls, timeout: settings.timeout, courtesies: [])
    }
}

extension Cluster {
    package init(settings: Settings) { self.init(settings.configuration) }
}
