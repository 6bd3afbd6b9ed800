internal import CacheModel
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Opens connections to servers of one deployment.
package final class Connector: Sendable {
    private let group: any EventLoopGroup
    private let tlsSettings: Settings.TLS
    private let tls = Mutex<TLSClient?>(nil)
    let timeout: Duration
    private let limits: ReplyLimits

    /// - Parameter threads: event loops; one is enough to watch thirty nodes.
    package convenience init(settings: Settings, threads: Int = 1) {
        self.init(
            tls: settings.tls, timeout: settings.timeout,
            group: MultiThreadedEventLoopGroup(numberOfThreads: threads))
    }

    init(tls: Settings.TLS, timeout: Duration, group: any EventLoopGroup, limits: ReplyLimits = ReplyLimits()) {
        tlsSettings = tls
        self.timeout = timeout
        self.group = group
        self.limits = limits
    }

    /// Connects, and for TLS begins the handshake; nothing has been said to the server yet.
    ///
    /// - Throws: ``CacheError/refused(_:)`` with the reason, ``CacheError/settings(_:)`` for unusable TLS files.
    func open(_ endpoint: Endpoint, traffic: TrafficCounter) async throws(CacheError) -> Connection {
        let client = endpoint.usesTLS ? try tlsClient() : nil
        let channel = try await connect(endpoint, tls: client, traffic: traffic)
        return Connection(channel: channel)
    }

    func connect(
        _ endpoint: Endpoint, tls: TLSClient?, traffic: TrafficCounter
    ) async throws(CacheError) -> any Channel {
        let limits = limits
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(timeout.timeAmount)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let tls { try handlers.addHandler(tls.makeHandler(host: endpoint.host)) }
                    try handlers.addHandler(RESPChannelHandler(limits: limits, traffic: traffic))
                }
            }
        do {
            switch endpoint.address {
            case .unix(let path): return try await bootstrap.connect(unixDomainSocketPath: path).get()
            case .tcp(let host, let port):
                // An address needs no resolver and its thread.
                if let address = try? SocketAddress(ipAddress: host, port: port) {
                    return try await bootstrap.connect(to: address).get()
                }
                return try await bootstrap.connect(host: host, port: port).get()
            }
        } catch {
            throw .refused(Refusal(connecting: error))
        }
    }

    private func tlsClient() throws(CacheError) -> TLSClient {
        try tls.withLock { (client) throws(CacheError) in
            if let client { return client }
            let made = try TLSClient(tlsSettings)
            client = made
            return made
        }
    }

    /// True where certificates are accepted unseen.
    var acceptsAnyCertificate: Bool { !tlsSettings.verifyCertificate }
}

extension Endpoint {
    var host: String? {
        if case .tcp(let host, _) = address { host } else { nil }
    }
}
