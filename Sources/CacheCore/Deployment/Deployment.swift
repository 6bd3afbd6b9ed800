package import CacheModel

/// A set of nodes that together are one cache. Nothing above asks which kind it is.
package protocol Deployment: Sendable {
    var kind: Snapshot.Deployment { get }
    /// The URL that was asked for, without its secrets.
    var target: String { get }
    /// The database that is watched.
    var database: Int { get }
    /// The nodes known now, never empty.
    func nodes() async -> [NodeLink]
    func close() async
}

/// One server, over TCP, TLS or a Unix socket.
package struct Standalone: Deployment {
    package let kind = Snapshot.Deployment.standalone
    package let target: String
    package let database: Int
    private let link: NodeLink

    package init(settings: Settings) {
        target = settings.endpoint.redacted
        database = settings.endpoint.database
        link = NodeLink(endpoint: settings.endpoint, connector: Connector(settings: settings))
    }

    package func nodes() async -> [NodeLink] { [link] }
    package func close() async { await link.close() }
}
