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

    /// One event loop for the whole process: enough to watch thirty nodes, and never shut down.
    private static let sharedGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    package convenience init(settings: Settings) {
        self.init(tls: settings.tls, timeout: settings.timeout, group: Self.sharedGroup)
    }

    init(tls: Settings.TLS, timeout: Duration, group: any EventLoopGroup, limits: ReplyLimits = ReplyLimits()) {
        tlsSettings = tls
        self.timeout = timeout
        self.group = group
        self.limits = limits
    }

    /// Connects, and for TLS begins the handshake; nothing has been said to the server yet.
    ///
    /// - Parameter onPush: gets, on the event loop, what comes without having been asked for.
    /// - Throws: ``CacheError/refused(_:)`` with the reason, ``CacheError/settings(_:)`` for unusable TLS files.
    func open(
        _ endpoint: Endpoint, traffic: TrafficCounter, allowsWrites: Bool = false,
        onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) async throws(CacheError) -> Connection {
        let client = endpoint.usesTLS ? try tlsClient() : nil
        return try await connect(
            endpoint, tls: client, traffic: traffic, allowsWrites: allowsWrites, onPush: onPush)
    }

    func connect(
        _ endpoint: Endpoint, tls: TLSClient?, traffic: TrafficCounter, allowsWrites: Bool = false,
        onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) async throws(CacheError) -> Connection {
        let limits = limits
        let lastWords = LastWords()
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(timeout.timeAmount)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let tls { try handlers.addHandler(tls.makeHandler(host: endpoint.host)) }
                    try handlers.addHandler(
                        RESPChannelHandler(limits: limits, traffic: traffic, lastWords: lastWords, onPush: onPush))
                }
            }
        do {
            let channel = try await Self.channel(bootstrap, endpoint.address)
            return Connection(channel: channel, lastWords: lastWords, allowsWrites: allowsWrites)
        } catch {
            throw .refused(Refusal(connecting: error))
        }
    }

    private static func channel(_ bootstrap: ClientBootstrap, _ address: Endpoint.Address) async throws -> any Channel {
        switch address {
        case .unix(let path): return try await bootstrap.connect(unixDomainSocketPath: path).get()
        case .tcp(let host, let port):
            // An address needs no resolver and its thread.
            if let address = try? SocketAddress(ipAddress: host, port: port) {
                return try await bootstrap.connect(to: address).get()
            }
            return try await bootstrap.connect(host: host, port: port).get()
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
