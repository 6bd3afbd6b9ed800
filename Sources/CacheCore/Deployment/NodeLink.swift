package import CacheModel

/// What a node is there for, as its deployment has it.
package enum NodePurpose: Sendable {
    case data
    /// It watches others, and knows hardly any command.
    case sentinel
}

/// The way to one node: opens its connection when it is needed, and remembers what the node denied.
package actor NodeLink {
    package nonisolated let endpoint: Endpoint
    package nonisolated let name: String
    package nonisolated let purpose: NodePurpose
    private nonisolated let connector: Connector
    private nonisolated let counter: TrafficCounter
    /// False for a link over which no writing command can be sent.
    package nonisolated let allowsWrites: Bool
    private var connection: Connection?
    private(set) var denied = DeniedCommands()
    private(set) var warnings: [String] = []
    /// True once it is known which of the commands that look at keys are allowed.
    private(set) var knowsKeyCommands = false

    package init(
        endpoint: Endpoint, connector: Connector, allowsWrites: Bool = false, purpose: NodePurpose = .data
    ) {
        self.init(
            endpoint: endpoint, connector: connector, counter: TrafficCounter(), allowsWrites: allowsWrites,
            purpose: purpose)
    }

    private init(
        endpoint: Endpoint, connector: Connector, counter: TrafficCounter, allowsWrites: Bool,
        purpose: NodePurpose = .data, denied: DeniedCommands = DeniedCommands()
    ) {
        self.purpose = purpose
        self.allowsWrites = allowsWrites
        self.endpoint = endpoint
        self.denied = denied
        name = endpoint.name
        self.connector = connector
        self.counter = counter
    }

    /// A second way to the same node, for what takes long; what it moves counts for both.
    ///
    /// - Parameter writing: whether it may change the server.
    func companion(writing: Bool = false) -> NodeLink {
        NodeLink(
            endpoint: endpoint, connector: connector, counter: TrafficCounter(parent: counter), allowsWrites: writing,
            denied: denied)
    }

    /// Opens the connection where there is none.
    ///
    /// - Throws: ``CacheError/refused(_:)``, after a second look where the first failure left the reason open.
    package func connect() async throws(CacheError) {
        do throws(CacheError) {
            _ = try await current()
        } catch {
            throw await explained(error)
        }
    }

    /// Sends commands in one write, connecting first where needed.
    ///
    /// - Throws: ``CacheError``; the connection is then closed and the next call opens a new one.
    package func pipeline(_ commands: [Command], deadline: Duration) async throws(CacheError) -> [RESPValue] {
        do throws(CacheError) {
            return try await current().pipeline(commands, deadline: deadline)
        } catch {
            close()
            throw error
        }
    }

    /// The connection itself, opened where there is none: for what has to go on at the server where it began.
    func connection() async throws(CacheError) -> Connection { try await current() }

    func noteKeyCommandsKnown() { knowsKeyCommands = true }

    /// Adds to our own load what the server did beyond replying.
    nonisolated func caused(hits: Int, misses: Int, commands: Int = 0) {
        counter.caused(hits: hits, misses: misses, commands: commands)
    }

    package var isConnected: Bool { connection?.isOpen == true }

    nonisolated var traffic: Traffic { counter.total }

    func note(_ question: Question, error: [UInt8]) { denied.note(question, error: error) }

    /// Asks again what was denied: for an operator who has just been granted it.
    package func forgetDenied() {
        denied = DeniedCommands()
        knowsKeyCommands = false
    }

    package func close() {
        connection?.close()
        connection = nil
    }

    private func current() async throws(CacheError) -> Connection {
        if let connection, connection.isOpen { return connection }
        let opened = try await connector.open(endpoint, traffic: counter, allowsWrites: allowsWrites)
        do throws(CacheError) {
            try await introduce(on: opened)
        } catch {
            opened.close()
            throw error
        }
        connection = opened
        return opened
    }

    private func introduce(on opened: Connection) async throws(CacheError) {
        let handshake = Handshake(endpoint: endpoint)
        let replies = try await opened.pipeline(handshake.commands(without: denied), deadline: connector.timeout)
        let outcome = handshake.digest(replies, denied: &denied)
        if let refusal = outcome.refusal { throw .refused(refusal) }
        warnings = outcome.warnings
        if endpoint.usesTLS, connector.acceptsAnyCertificate {
            warnings.append("TLS certificate not verified (verify_certificate = false)")
        }
    }

    private func explained(_ error: CacheError) async -> CacheError {
        switch error {
        case .settings, .cancelled: return error
        default: break
        }
        return .refused(await Diagnosis(connector: connector, endpoint: endpoint).explain(error.refusal))
    }
}
