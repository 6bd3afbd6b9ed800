internal import NIOCore
internal import NIOPosix
package import RedisValues
internal import NIOConcurrencyHelpers

/// Opens connections to the servers of one deployment.
package final class Dialler: Sendable {
    private let group: any EventLoopGroup
    let tlsSettings: TLSSettings
    private let tls = NIOLockedValueBox<TLSClient?>(nil)
    /// Of a connection attempt, and of each reply on the way in.
    package let timeout: Duration
    private let limits: ReplyLimits
    private let courtesies: [Courtesy]

    /// One event loop for the whole process: enough to watch thirty nodes, and never shut down.
    private static let sharedGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// - Parameter courtesies: what each connection asks for.
    package convenience init(tls: TLSSettings, timeout: Duration, courtesies: [Courtesy]) {
        self.init(tls: tls, timeout: timeout, courtesies: courtesies, group: Self.sharedGroup)
    }

    /// Several event loops, for whoever has much to say.
    ///
    /// - Parameter threads: event loops, 1 or more; those who want as many share them.
    package convenience init(tls: TLSSettings, timeout: Duration, courtesies: [Courtesy], threads: Int) {
        self.init(tls: tls, timeout: timeout, courtesies: courtesies, group: Self.group(of: max(1, threads)))
    }

    private static let groups = NIOLockedValueBox<[Int: MultiThreadedEventLoopGroup]>([:])

    private static func group(of threads: Int) -> MultiThreadedEventLoopGroup {
        groups.withLockedValue { groups in
            if let known = groups[threads] { return known }
            let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
            groups[threads] = group
            return group
        }
    }

    init(
        tls: TLSSettings, timeout: Duration, courtesies: [Courtesy], group: any EventLoopGroup,
        limits: ReplyLimits = ReplyLimits()
    ) {
        tlsSettings = tls
        self.timeout = timeout
        self.courtesies = courtesies
        self.group = group
        self.limits = limits
    }

    /// Runs something on one of the event loops, once so much time has passed.
    package func schedule(in time: Duration, _ work: @escaping @Sendable () -> Void) {
        group.next().scheduleTask(in: time.timeAmount, work)
    }

    /// A connection that has been let in, and what was learned on the way.
    package struct Dialled: Sendable {
        package var connection: Connection
        package var denied: DeniedCommands
        /// What an operator should know, such as that the certificate is not verified.
        package var warnings: [String]
    }

    /// Connects, logs in, and chooses the database.
    ///
    /// A task that is cancelled leaves at once; what is still connecting is closed when it comes.
    ///
    /// - Parameters:
    ///   - denied: what is known to be refused, and not asked for again.
    ///   - limits: of each reply; nil for those of values.
    ///   - onLateRefusal: gets, on the event loop and before the reply to anything that is asked afterwards, a courtesy
    ///     that is refused when the connection is in use already, with the server's words.
    ///   - onPush: gets, on the event loop, what comes without having been asked for.
    /// - Throws: ``CacheError/refused(_:)`` with the reason, ``CacheError/settings(_:)`` for unusable TLS files.
    package func dial(
        _ endpoint: Endpoint, traffic: TrafficCounter, denied: DeniedCommands = DeniedCommands(),
        allowsWrites: Bool = false, limits: ReplyLimits? = nil,
        onLateRefusal: (@Sendable (Courtesy, [UInt8]) -> Void)? = nil,
        onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) async throws(CacheError) -> Dialled {
        let connection = try await open(
            endpoint, traffic: traffic, allowsWrites: allowsWrites, limits: limits, onPush: onPush)
        let handshake = Handshake(endpoint: endpoint, courtesies: courtesies)
        var dialled = Dialled(connection: connection, denied: denied, warnings: [])
        do throws(CacheError) {
            let replies = try await connection.pipeline(handshake.commands(without: denied), deadline: timeout)
            let outcome = handshake.digest(replies, denied: &dialled.denied)
            if let refusal = outcome.refusal { throw .refused(refusal) }
            dialled.warnings = outcome.warnings
            let noTouch = Courtesy.noTouch
            if outcome.server?.bearsNoTouch == true, courtesies.contains(noTouch),
                !dialled.denied.contains(noTouch.commandName)
            {
                // Whether it may be sent is known now only; nobody waits a round trip longer for that.
                try connection.send(noTouch.command, deadline: timeout) { reply in
                    if case .error(let words) = reply { onLateRefusal?(noTouch, words) }
                }
            }
        } catch {
            connection.close()
            throw error
        }
        if endpoint.usesTLS, !tlsSettings.verifyCertificate {
            dialled.warnings.append("TLS certificate not verified (verify_certificate = false)")
        }
        return dialled
    }

    /// Looks a second time at a server that could not be reached, where the failure leaves open what is wrong.
    package func explained(_ error: CacheError, at endpoint: Endpoint) async -> CacheError {
        switch error {
        case .settings, .cancelled: return error
        default: return .refused(await Diagnosis(dialler: self, endpoint: endpoint).explain(error.refusal))
        }
    }

    /// Connects, and for TLS begins the handshake; nothing has been said to the server yet.
    func open(
        _ endpoint: Endpoint, traffic: TrafficCounter, allowsWrites: Bool = false, limits: ReplyLimits? = nil,
        onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) async throws(CacheError) -> Connection {
        let client = endpoint.usesTLS ? try tlsClient() : nil
        return try await connect(
            endpoint, tls: client, traffic: traffic, allowsWrites: allowsWrites, limits: limits, onPush: onPush)
    }

    func connect(
        _ endpoint: Endpoint, tls: TLSClient?, traffic: TrafficCounter, allowsWrites: Bool = false,
        limits: ReplyLimits? = nil, onPush: (@Sendable (RESPValue) -> Void)? = nil
    ) async throws(CacheError) -> Connection {
        let limits = limits ?? self.limits
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
            let channel = try await Arrival.value(of: Self.connect(bootstrap, to: endpoint.address)) {
                $0.close(promise: nil)
            }
            // Of several attempts, by IPv4 and IPv6, the last one that was begun may not be the one that came through.
            let handler = try await channel.eventLoop.submit {
                let handler = try channel.pipeline.syncOperations.handler(type: RESPChannelHandler.self)
                return NIOLoopBound(handler, eventLoop: channel.eventLoop)
            }.get()
            return Connection(
                channel: channel, handler: handler, lastWords: lastWords, allowsWrites: allowsWrites)
        } catch let error as CacheError {
            throw error
        } catch {
            throw lastWords.cause ?? .refused(Refusal(connecting: error))
        }
    }

    private static func connect(
        _ bootstrap: ClientBootstrap, to address: Endpoint.Address
    ) -> EventLoopFuture<any Channel> {
        switch address {
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            // An address needs no resolver and its thread.
            if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
            return bootstrap.connect(host: host, port: port)
        }
    }

    private func tlsClient() throws(CacheError) -> TLSClient {
        try tls.withLockedValue { client in
            Result { () throws(CacheError) in
                if let client { return client }
                let made = try TLSClient(tlsSettings)
                client = made
                return made
            }
        }.get()
    }
}

extension Endpoint {
    /// nil for a Unix socket.
    package var host: String? {
        if case .tcp(let host, _) = address { host } else { nil }
    }
}
