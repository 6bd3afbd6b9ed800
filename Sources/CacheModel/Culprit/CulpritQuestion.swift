/// What is asked when an alert is raised.
enum CulpritQuestion: Equatable, Sendable {
    /// Which part of a node's memory has grown.
    case component
    /// Which namespace has.
    case growth(KeyspaceLook.Measure)
    /// Which namespace has keys that never expire where they must.
    case breaches
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

    /// Whether one look answers it: it asks for what is there, not for what has come, gone or risen.
    var isOfWhatIsThere: Bool {
        switch self {
        case .breaches, .group(.idle): true
        default: false
        }
    }

    /// Whether a look at the keyspace answers it.
    var needsLook: Bool {
        switch self {
        case .growth, .breaches, .shrinking: true
        default: false
        }
    }
}
