/// What somebody who has a connection alone leaves behind on it.
package struct ConnectionTrace: Equatable, Sendable {
    private var unanswered = 0
    private var isQueueing = false
    private var isWatching = false
    private var isAnother = false

    package init() {}

    /// Commands that make another connection of it, for whoever comes next.
    private static let lasting: Set = [
        "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SELECT", "AUTH", "HELLO", "RESET", "CLIENT", "READONLY",
        "READWRITE", "SYNC", "PSYNC", "REPLCONF", "QUIT",
    ]

    /// - Parameter name: of a command, upper case.
    package mutating func sent(_ name: String) {
        unanswered += 1
        switch name {
        case "MULTI": isQueueing = true
        case "WATCH": isWatching = true
        case "UNWATCH": isWatching = isWatching && isQueueing
        case "EXEC", "DISCARD": (isQueueing, isWatching) = (false, false)
        default: isAnother = isAnother || Self.lasting.contains(name)
        }
    }

    package mutating func answered(_ count: Int) { unanswered -= count }

    /// Whether others may use the connection.
    package var isClean: Bool { unanswered == 0 && !isQueueing && !isWatching && !isAnother }
}
