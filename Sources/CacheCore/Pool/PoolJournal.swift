internal import CacheWire
internal import FoundationEssentials
internal import Logging
internal import RedisValues

/// What a pool writes to the log: a line for each change of state, and one a minute for as long as an outage lasts.
struct PoolJournal: Sendable {
    enum Turn: Sendable {
        case connected
        case lost(Refusal)
        case recovered(dropped: Int)
        case goesOn(since: WallTime, Refusal, dropped: Int)
    }

    let logger: Logger
    /// Connections of the pool to one node, at most.
    let size: Int

    static func wallTime() -> WallTime {
        WallTime(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).whole))
    }

    func begin(_ endpoint: Endpoint) { logger.info("Connecting to Redis at \(endpoint.redacted)") }

    func note(_ turn: Turn, at endpoint: Endpoint) {
        switch turn {
        case .connected: logger.info("Redis connected successfully", metadata: node(endpoint))
        case .recovered(let dropped):
            var metadata = node(endpoint)
            metadata["dropped"] = "\(dropped)"
            logger.info("Redis connected successfully", metadata: metadata)
        case .lost(let refusal):
            logger.warning(
                "Failed to connect to Redis: \(Self.words(refusal)). Continuing without cache.",
                metadata: node(endpoint))
        case .goesOn(let since, let refusal, let dropped):
            logger.warning(
                "No Redis since \(since.iso8601): \(Self.words(refusal)). \(Format.count(dropped, "call")) dropped.",
                metadata: node(endpoint))
        }
    }

    private func node(_ endpoint: Endpoint) -> Logger.Metadata { ["redis": "\(endpoint.name)"] }

    /// As the guide spells it: `Connection refused`.
    private static func words(_ refusal: Refusal) -> String {
        let reason = refusal.reason.prefix(1).uppercased() + refusal.reason.dropFirst()
        return refusal.kind == .hung && !refusal.detail.isEmpty ? "\(reason) (\(refusal.detail))" : reason
    }

    // MARK: room

    /// How much of `maxclients` all clients together should take at most.
    private static let share = 0.8

    /// Warns where the server has no room for all connections that the pool may open.
    func lookAtRoom(_ connection: Connection, _ endpoint: Endpoint) {
        try? connection.send(Command("INFO", "clients"), deadline: .seconds(2)) { [self] reply in
            guard let text = try? reply.bytes, case let clients = InfoParser.parse(text).clients,
                let connected = clients.connected, let most = clients.maximum
            else { return }
            let all = connected +| (size - 1)
            guard Double(all) > Self.share * Double(most) else { return }
            logger.warning(
                "\(Format.count(connected, "client")) connected to Redis, and this pool may add \(size - 1): it takes \(most) (maxclients)",
                metadata: node(endpoint))
        }
    }
}
