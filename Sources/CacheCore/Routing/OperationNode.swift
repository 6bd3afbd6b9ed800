package import CacheWire
internal import RedisValues
internal import NIOCore

/// A node while something is done to it: one connection, to the end. What has to go on elsewhere is planned anew.
package struct OperationNode: Sendable {
    package let link: NodeLink
    package let connection: Connection
    package let deadline: Duration

    /// - Throws: ``CacheError`` with the reason why there is no connection.
    package static func open(_ link: NodeLink, deadline: Duration) async throws(CacheError) -> OperationNode {
        try await link.connect()
        return OperationNode(link: link, connection: try await link.connection(), deadline: deadline)
    }

    package func ask(_ commands: [Command]) async throws(CacheError) -> [RESPValue] {
        try await connection.pipeline(commands, deadline: deadline)
    }

    /// The same, with a failure as a value.
    package func result(of commands: [Command]) async -> Result<[RESPValue], CacheError> {
        do throws(CacheError) { return .success(try await ask(commands)) } catch { return .failure(error) }
    }

    package func fly(_ flight: FlightBuffer) async throws(CacheError) -> ReplyArena {
        try await connection.launch(flight, deadline: deadline).replies()
    }
}
