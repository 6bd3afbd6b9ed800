package import CacheWire
internal import RedisValues
internal import NIOConcurrencyHelpers

/// What a node is there for, as its deployment has it.
package enum NodePurpose: Sendable {
    case data
    /// It watches others, and knows hardly any command.
    case sentinel
}

/// A member of a deployment, and the lines to it: one for each purpose, made when it is asked for.
package final class Node: Sendable {
    package let endpoint: Endpoint
    /// `host:port` as it is dialled, or the socket's path; escaped.
    package let name: String
    package let purpose: NodePurpose
    private let dialler: Dialler
    private let allowsWrites: Bool
    private let counter = TrafficCounter()
    private let state = NIOLockedValueBox(State())
    private let room = Room()

    private struct State {
        /// One for each purpose at most.
        var lines: [Line] = []
        /// What the polls were denied, for lines that begin later.
        var denied = DeniedCommands()
        var isGone = false
    }

    /// - Parameter allowsWrites: whether there may be a line that can change the server.
    package init(endpoint: Endpoint, dialler: Dialler, allowsWrites: Bool, purpose: NodePurpose = .data) {
        self.endpoint = endpoint
        self.dialler = dialler
        self.allowsWrites = allowsWrites
        self.purpose = purpose
        name = endpoint.name
        room.whenFull { [weak self] in
            guard let self else { return }
            let lines = state.withLockedValue(\.lines)
            Task { for line in lines { await line.giveWay() } }
        }
    }

    /// The line for a purpose. Those to a node that has left its deployment are closed as soon as nobody uses them.
    package func line(_ purpose: Line.Purpose) -> Line {
        state.withLockedValue { state in
            if let known = state.lines.first(where: { $0.purpose == purpose }) { return known }
            let line = Line(
                endpoint: endpoint, dialler: dialler, purpose: purpose,
                allowsWrites: allowsWrites && purpose.mayWrite, counter: TrafficCounter(parent: counter),
                denied: state.denied, isRetired: state.isGone, room: room)
            state.lines.append(line)
            return line
        }
    }

    /// What all lines have moved since the program began.
    package var traffic: Traffic { counter.total }

    /// Remembers for new lines what is denied; ``DeniedCommands/init()`` forgets it.
    package func note(denied: DeniedCommands) { state.withLockedValue { $0.denied = denied } }

    /// What one server has denied another one may not, nor this one after a change of its users: all lines ask again.
    package func forgetDenied() async {
        let lines = state.withLockedValue { state in
            state.denied = DeniedCommands()
            return state.lines
        }
        for line in lines { await line.forgetDenied() }
    }

    /// Ends the lines for a purpose, also for those who wait for a connection; the next one to ask gets a new line.
    package func close(_ purpose: Line.Purpose) async {
        let line = state.withLockedValue { state in
            state.lines.firstIndex { $0.purpose == purpose }.map { state.lines.remove(at: $0) }
        }
        await line?.close()
    }

    /// Ends all lines.
    package func close() async {
        for line in takeLines() { await line.close() }
    }

    /// It has left its deployment: all lines are closed as soon as nobody uses them.
    func retire() async {
        let lines = state.withLockedValue { state in
            state.isGone = true
            return state.lines
        }
        for line in lines { await line.retire() }
    }

    private func takeLines() -> [Line] {
        state.withLockedValue { state in
            defer { state.lines = [] }
            return state.lines
        }
    }
}
