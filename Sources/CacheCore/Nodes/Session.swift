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

    /// A server writes its own data; whoever acts on somebody else's is permitted to, each time.
    private var needsPermit: Bool { line.purpose != .serve }

    /// True for the same connection, and with it the same server process.
    package func isSameConnection(as other: Session) -> Bool { connection === other.connection }

    /// Sends all commands in one write and waits for all replies; an error reply is a value among them.
    ///
    /// - Throws: ``CacheError`` where the connection fails, and ``CacheError/readOnly(_:)`` for a command that may change
    ///   something, where nothing permits it; nothing was sent then.
    package func ask(
        _ commands: [Command], under permit: WritePermit? = nil
    ) async throws(CacheError) -> [RESPValue] {
        let writing = commands.indices.filter { CommandTable.mayWrite(commands[$0]) }
        guard let first = writing.first, needsPermit else {
            return try await connection.pipeline(commands, deadline: deadline)
        }
        guard let permit else { throw .readOnly(CommandTable.name(of: commands[first])) }
        // What a closed connection is given never leaves this machine.
        let isSent = connection.isOpen && connection.allowsWrites
        if isSent { permit.sends() }
        let replies = try await connection.pipeline(commands, deadline: deadline)
        if isSent {
            permit.isAnswered(isDone: writing.contains { if case .error = replies[$0] { false } else { true } })
        }
        return replies
    }

    /// The same, with a failure as a value.
    package func result(
        of commands: [Command], under permit: WritePermit? = nil
    ) async -> Result<[RESPValue], CacheError> {
        do throws(CacheError) { return .success(try await ask(commands, under: permit)) } catch {
            return .failure(error)
        }
    }

    /// Sends commands that are written out already, and waits for the answers.
    package func fly(
        _ flight: FlightBuffer, under permit: WritePermit? = nil
    ) async throws(CacheError) -> ReplyArena {
        try await launch(flight, under: permit).replies()
    }

    /// Sends commands that are written out already; ``Launched/replies()`` waits for the answers.
    ///
    /// - Throws: ``CacheError/readOnly(_:)`` where nothing permits what it holds; nothing was sent then.
    package func launch(_ flight: FlightBuffer, under permit: WritePermit? = nil) throws(CacheError) -> Launched {
        if let writing = flight.writing, permit == nil, needsPermit { throw .readOnly(writing) }
        let used = flight.writing != nil && connection.isOpen && connection.allowsWrites ? permit : nil
        let launched = try connection.launch(flight, deadline: deadline)
        used?.sends()
        return Launched(flight: launched, permit: used)
    }

    /// A flight under way.
    package struct Launched: Sendable {
        fileprivate let flight: Flight
        /// nil where nothing of it may change anything.
        fileprivate let permit: WritePermit?

        /// - Throws: ``CacheError``; the connection has failed then.
        package func replies() async throws(CacheError) -> ReplyArena {
            let replies = try await flight.replies()
            // Whoever reads the arena knows what it says.
            permit?.isAnswered(isDone: true)
            return replies
        }
    }

    /// Closes the connection, for all who use it: nobody knows what the node is still busy with.
    package func close() { connection.close() }
}
