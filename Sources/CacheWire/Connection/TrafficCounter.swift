internal import RedisValues
internal import NIOConcurrencyHelpers

/// What one node's connections have moved since the program began.
package struct Traffic: Equatable, Sendable {
    package var commands = 0
    package var bytesSent = 0
    package var bytesReceived = 0
    /// What our own commands added to `keyspace_hits` and `keyspace_misses`.
    package var hits = 0
    package var misses = 0
    /// Error replies.
    package var errors = 0
    /// Of those, by prefix: what servers count of whoever is not let in.
    package var denials: [String: Int] = [:]
}

/// Counts traffic on event loops, read from anywhere.
package final class TrafficCounter: Sendable {
    private let traffic = NIOLockedValueBox(Traffic())
    /// Counts everything as well.
    private let parent: TrafficCounter?

    package init(parent: TrafficCounter? = nil) { self.parent = parent }

    package var total: Traffic { traffic.withLockedValue { $0 } }

    package func sent(bytes: Int, commands: Int) {
        count {
            $0.bytesSent +|= bytes
            $0.commands +|= commands
        }
    }

    /// What happened on the server without a reply of its own: lookups, and commands that a script has called.
    package func caused(hits: Int, misses: Int, commands: Int) {
        count {
            $0.hits +|= hits
            $0.misses +|= misses
            $0.commands +|= commands
        }
    }

    package func received(bytes: Int) { count { $0.bytesReceived +|= bytes } }
    /// - Parameter denials: how many of the errors are denials, by prefix.
    package func received(errors: Int, denials: [String: Int]) {
        count { traffic in
            traffic.errors +|= errors
            for (prefix, times) in denials { traffic.denials[prefix, default: 0] +|= times }
        }
    }

    package func received(error words: [UInt8]) {
        received(errors: 1, denials: DenialPrefix.of(words).map { [$0: 1] } ?? [:])
    }

    private func count(_ change: (inout Traffic) -> Void) {
        traffic.withLockedValue { change(&$0) }
        parent?.count(change)
    }
}
