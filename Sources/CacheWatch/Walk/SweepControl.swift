internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import NIOConcurrencyHelpers

/// Whoever holds it can stop a sweep at any instant, and slow it down.
public final class SweepControl: Sendable {
    private struct State {
        var isCancelled = false
        var isStrained = false
        var isHurried = false
        /// Of all who rest just now: several nodes are walked over at once.
        var rests: [Int: Task<Void, any Error>] = [:]
        var restsBegun = 0
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    /// Nothing more is sent; what has been counted is returned.
    public func cancel() {
        state.withLockedValue {
            $0.isCancelled = true
            for rest in $0.rests.values { rest.cancel() }
        }
    }

    /// Says whether the server suffers: an alert stands, or answers come late.
    public func strain(_ isStrained: Bool) { state.withLockedValue { $0.isStrained = isStrained } }

    /// From now on an operation goes as fast as it can; a sweep keeps its pace.
    public func hurry() {
        state.withLockedValue {
            $0.isHurried = true
            for rest in $0.rests.values { rest.cancel() }
        }
    }

    var isHurried: Bool { state.withLockedValue { $0.isHurried } }
    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }
    var isStrained: Bool { state.withLockedValue { $0.isStrained } }

    /// Ends early when the sweep is cancelled.
    func rest(for duration: Duration) async {
        guard duration > .zero else { return }
        let task = Task { try await Task.sleep(for: duration) }
        let (id, isCancelled) = state.withLockedValue { state in
            state.restsBegun += 1
            state.rests[state.restsBegun] = task
            return (state.restsBegun, state.isCancelled)
        }
        defer { state.withLockedValue { $0.rests[id] = nil } }
        if isCancelled { task.cancel() }
        await withTaskCancellationHandler {
            _ = try? await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
