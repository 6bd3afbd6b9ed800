/// How many connections a pool may have, and what it does with those that nobody needs.
package struct PoolLimits: Equatable, Sendable {
    /// Connections, the one that is being dialled included.
    package var size: Int
    /// How many may use a connection at once.
    package var uses: Int
    /// Another connection is dialled when each has so many users.
    package var crowd = Int.max
    /// How many may wait.
    package var waiting = Int.max
    /// Connections that stay, however long nobody uses them.
    package var minimum = 0
    /// A dial goes on when those who waited for it have left: the next ones will want it, too.
    package var keepsDials = false
    /// nil lets them be for ever.
    package var idle: Idle?
    package var pace: Pace?

    /// What becomes of connections that nobody uses.
    package struct Idle: Equatable, Sendable {
        /// After so long it is looked whether the server still answers, again and again.
        package var ping = Duration.seconds(30)
        /// After so long they are closed.
        package var close = Duration.seconds(300)

        package init() {}
    }

    /// So many dials at once, and then one each so often.
    package struct Pace: Equatable, Sendable {
        package var burst = 4
        package var every = Duration.milliseconds(50)

        package init() {}

        /// When the next dial may begin, by the virtual scheduling algorithm of ITU-T I.371: an instant in the past is
        /// now.
        ///
        /// - Parameter due: when the next one would be due if they came evenly; moved on where it begins.
        func takes(_ due: inout PoolState.Instant, at now: PoolState.Instant) -> PoolState.Instant {
            let earliest = due - every * (burst - 1)
            if earliest <= now { due = max(due, now) + every }
            return earliest
        }
    }

    package init(size: Int, uses: Int = .max) {
        precondition(size > 0 && uses > 0)
        (self.size, self.uses) = (size, uses)
    }

    /// Connections that may have one user alone: one is left to those who share.
    var exclusive: Int { max(1, size - 1) }

    /// Of a server: many share a connection, and who waits is counted.
    package static func server(size: Int, minimum: Int = 0) -> PoolLimits {
        var limits = PoolLimits(size: size, uses: 64)
        limits.crowd = 32
        limits.waiting = size *| 16
        limits.minimum = min(minimum, size)
        limits.keepsDials = true
        limits.idle = Idle()
        limits.pace = Pace()
        return limits
    }
}
