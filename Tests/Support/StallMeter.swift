import Glibc
import NIOConcurrencyHelpers
import Foundation

/// How long this machine lets a thread wait that wants to run: what others take of a busy machine is no fault of the
/// program whose time is measured beside it.
public final class StallMeter: Sendable {
    private struct State {
        var late = Duration.zero
        var isOver = false
    }

    private let state = NIOLockedValueBox(State())
    /// Between two looks at the clock; a kernel that has a core to give is less late than that again.
    private static let step = Duration.milliseconds(2)

    public init() {
        Thread.detachNewThread { [state] in
            var last = ContinuousClock.now
            while !state.withLockedValue(\.isOver) {
                poll(nil, 0, 2)
                let now = ContinuousClock.now
                let late = now - last - Self.step * 2
                if late > .zero { state.withLockedValue { $0.late += late } }
                last = now
            }
        }
    }

    /// The time since the beginning, without that in which nothing ran.
    public func time(since start: ContinuousClock.Instant) -> Duration {
        let late = state.withLockedValue { state in
            state.isOver = true
            return state.late
        }
        return max(.zero, .now - start - late)
    }
}
