/// What is asked when an alert is raised.
enum CulpritQuestion: Equatable, Sendable {
    /// Which part of a node's memory has grown.
    case component
    /// Which namespace has.
    case growth(KeyspaceLook.Measure)
    case shrinking
    /// Which namespace misses, as servers have counted it.
    case misses
    case command(CommandClass)
    case group(GroupQuestion)
    case slowQuery
    /// Keys that expire, and keys that are evicted.
    case events
    case fork
    case settings

    enum GroupQuestion: Equatable, Sendable {
        case bytesIn, commands, newConnections, closedConnections, idle, blocked
    }

    /// Whether a look at the keyspace answers it.
    var needsLook: Bool {
        switch self {
        case .growth, .shrinking: true
        default: false
        }
    }
}
