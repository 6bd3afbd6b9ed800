package import CacheWire
package import RedisValues

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
    private nonisolated let dialler: Dialler
    private nonisolated let counter: TrafficCounter
    /// False for a link over which no writing command can be sent.
    package nonisolated let allowsWrites: Bool
    private var connection: Connection?
    package private(set) var denied = DeniedCommands()
    package private(set) var warnings: [String] = []
    /// True once it is known which of the commands that look at keys are allowed.
    package private(set) var knowsKeyCommands = false

    package init(
        endpoint: Endpoint, dialler: Dialler, allowsWrites: Bool = false, purpose: NodePurpose = .data
    ) {
        self.init(
            endpoint: endpoint, dialler: dialler, counter: TrafficCounter(), allowsWrites: allowsWrites,
            purpose: purpose)
    }

    private init(
        endpoint: Endpoint, dialler: Dialler, counter: TrafficCounter, allowsWrites: Bool,
        purpose: NodePurpose = .data, denied: DeniedCommands = DeniedCommands()
    ) {
        self.purpose = purpose
        self.allowsWrites = allowsWrites
        self.endpoint = endpoint
        self.denied = denied
        name = endpoint.name
        self.dialler = dialler
        self.counter = counter
    }

    /// A second way to the same node, for what takes long; what it moves counts for both.
    ///
    /// - Parameter writing: whether it may change the server.
    package func companion(writing: Bool = false) -> NodeLink {
        NodeLink(
            endpoint: endpoint, dialler: dialler, counter: TrafficCounter(parent: counter), allowsWrites: writing,
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
    package func connection() async throws(CacheError) -> Connection { try await current() }

    package func noteKeyCommandsKnown() { knowsKeyCommands = true }

    /// Adds to our own load what the server did beyond replying.
    package nonisolated func caused(hits: Int, misses: Int, commands: Int = 0) {
        counter.caused(hits: hits, misses: misses, commands: commands)
    }

    package var isConnected: Bool { connection?.isOpen == true }

    package nonisolated var traffic: Traffic { counter.total }

    /// Remembers what is refused for good.
    package func note(_ command: String, error: [UInt8], permission: String? = nil) {
        denied.note(command, error: error, permission: permission)
    }

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
        let dialled = try await dialler.dial(endpoint, traffic: counter, denied: denied, allowsWrites: allowsWrites)
        (connection, denied, warnings) = (dialled.connection, dialled.denied, dialled.warnings)
        return dialled.connection
    }

    private func explained(_ error: CacheError) async -> CacheError { await dialler.explained(error, at: endpoint) }
}
