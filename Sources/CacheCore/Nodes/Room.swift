internal import NIOConcurrencyHelpers
internal import RedisValues

/// Whether a server has a place for the polls. Where it has none, what looks at it besides holds none either: the one
/// place that comes free may be the one of its own list of clients, and the server would never be seen again.
package final class Room: Sendable {
    private struct State {
        var refusal: Refusal?
        var tell: @Sendable () -> Void = {}
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    /// Why there is no place.
    var refusal: Refusal? { state.withLockedValue(\.refusal) }

    func whenFull(_ tell: @escaping @Sendable () -> Void) { state.withLockedValue { $0.tell = tell } }

    /// What came of a dial for the polls.
    func note(_ outcome: Result<PoolState.ConnectionID, Refusal>) {
        let tell: (@Sendable () -> Void)? = state.withLockedValue { state in
            if case .failure(let refusal) = outcome, refusal.kind == .maxClients {
                state.refusal = refusal
                return state.tell
            }
            state.refusal = nil
            return nil
        }
        tell?()
    }
}
