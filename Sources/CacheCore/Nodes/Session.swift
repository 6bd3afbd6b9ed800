package import CacheWire
package import RedisValues

/// The use of one connection to one node, to its end: what has to go on elsewhere is begun anew.
package struct Session: Sendable {
    package let line: Line
    let lease: Lease
    /// Of each reply.
    package let deadline: Duration

    private var connection: Connection { lease.connection }

    /// By which the node is known.
    package var name: String { line.name }

    /// Sends all commands in one write and waits for all replies; an error reply is a value among them.
    ///
    /// - Throws: ``CacheError`` where the connection fails, and ``CacheError/readOnly(_:)`` for what may not be sent.
    package func ask(_ commands: [Command]) async throws(CacheError) -> [RESPValue] {
        try await connection.pipeline(commands, deadline: deadline)
    }

    /// The same, with a failure as a value.
    package func result(of commands: [Command]) async -> Result<[RESPValue], CacheError> {
        do throws(CacheError) { return .success(try await ask(commands)) } catch { return .failure(error) }
    }

    /// Sends commands that are written out already; ``Flight/replies()`` waits for the answers.
    package func launch(_ flight: FlightBuffer) throws(CacheError) -> Flight {
        try connection.launch(flight, deadline: deadline)
    }

    /// Sends commands that are written out already, and waits for the answers.
    package func fly(_ flight: FlightBuffer) async throws(CacheError) -> ReplyArena {
        try await launch(flight).replies()
    }

    /// Closes the connection, for all who use it: nobody knows what the node is still busy with.
    package func close() { connection.close() }
}
