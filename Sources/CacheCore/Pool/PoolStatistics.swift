public import RedisValues

/// What a pool is doing, and what it has done since it began.
public struct PoolStatistics: Equatable, Sendable {
    /// Connections that are open, and how many of them somebody uses.
    public var connections = 0
    public var busy = 0
    /// Calls that wait for a connection.
    public var waiting = 0
    /// Nodes that are not asked until they answer again.
    public var outages: [Outage] = []
    /// True once it takes no new calls any more.
    public var isEnding = false
    /// Calls that were not sent: in an outage, for want of room, or because the pool has ended.
    public var dropped = 0
    /// Connections that were opened.
    public var opened = 0
    /// Those that were closed, by why.
    public var closed: [Closing: Int] = [:]
    /// Calls without a reply by their deadline.
    public var timeouts = 0

    public init() {}

    /// A node that is not asked.
    public struct Outage: Equatable, Sendable {
        /// `host:port`, or a socket's path; escaped.
        public var node: String
        public var since: WallTime
        public var reason: Refusal
    }

    /// Why a connection was closed.
    public enum Closing: String, CaseIterable, Sendable {
        /// Nobody has used it for long.
        case idle
        /// It has failed, or the server has closed it.
        case failed
        /// A reply was overdue.
        case late
        /// Its node is not asked any more, or has left.
        case outage
        /// Whoever had it alone has left it in a state in which nobody else can use it.
        case used
        case shutdown
    }

    mutating func add(_ other: PoolStatistics) {
        connections += other.connections
        busy += other.busy
        waiting += other.waiting
        outages += other.outages
        isEnding = isEnding || other.isEnding
        dropped += other.dropped
        opened += other.opened
        closed.merge(other.closed, uniquingKeysWith: +)
        timeouts += other.timeouts
    }
}
