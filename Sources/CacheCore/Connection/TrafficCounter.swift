internal import Synchronization

/// What one node's connections have moved since the program began.
package struct Traffic: Equatable, Sendable {
    package var commands = 0
    package var bytesSent = 0
    package var bytesReceived = 0
}

/// Counts traffic on event loops, read from anywhere.
final class TrafficCounter: Sendable {
    private let traffic = Mutex(Traffic())

    var total: Traffic { traffic.withLock { $0 } }

    func sent(bytes: Int, commands: Int) {
        traffic.withLock {
            $0.bytesSent += bytes
            $0.commands += commands
        }
    }

    func received(bytes: Int) { traffic.withLock { $0.bytesReceived += bytes } }
}
