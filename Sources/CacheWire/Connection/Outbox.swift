internal import NIOConcurrencyHelpers

/// What is to be sent on a connection, from any thread: the first one to come takes it to the event loop, and whatever
/// comes until then goes with it in one write.
final class Outbox: Sendable {
    private struct State {
        var owners: [any PipelineOwner] = []
        var isFetched = false
    }

    private let state = NIOLockedValueBox(State())

    /// - Returns: whether somebody has to come for it.
    func put(_ owner: any PipelineOwner) -> Bool {
        state.withLockedValue { state in
            state.owners.append(owner)
            defer { state.isFetched = true }
            return !state.isFetched
        }
    }

    func take() -> [any PipelineOwner] {
        state.withLockedValue { state in
            let owners = state.owners
            (state.owners, state.isFetched) = ([], false)
            return owners
        }
    }
}
