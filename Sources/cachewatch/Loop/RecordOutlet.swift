internal import CacheWatch
internal import CommandLineModel
@preconcurrency internal import Dispatch
internal import NIOConcurrencyHelpers

/// Writes on standard output on a thread of its own: who watches and tells of alerts waits for no reader.
final class RecordOutlet: Sendable {
    private struct State {
        var waiting: [[UInt8]] = []
        var queued = 0
        var failure: Delivery?
        var missedSince: WallTime?
        var isEnding = false
        var hasEnded = false
    }

    private let state = NIOLockedValueBox(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Bytes: some minutes of a node.
    private static let most = 8 << 20
    /// So long a reader is waited for at the end.
    static let patience = Duration.seconds(2)
    private static let step = Duration.milliseconds(20)

    init() {
        let (state, wake) = (state, wake)
        let hasBegun = DetachedThread.start { Self.serve(state, wake) }
        if !hasBegun { state.withLockedValue { $0.failure = .lost("no thread can be started") } }
    }

    /// What has become of it where nothing more is written.
    var failure: Delivery? { state.withLockedValue { $0.failure } }

    /// Since when something had no room; nil where all had.
    var missedSince: WallTime? { state.withLockedValue { $0.missedSince } }

    var hasRoom: Bool { state.withLockedValue { $0.queued <= Self.most / 2 } }

    /// What has no room is missed, and all behind it, until it is said that it was.
    ///
    /// - Parameter tells: whether it says what was missed.
    func put(_ line: [UInt8], tells: Bool) {
        state.withLockedValue { state in
            if tells { state.missedSince = nil }
            guard state.missedSince == nil, state.queued == 0 || state.queued + line.count <= Self.most else {
                return state.missedSince = state.missedSince ?? .now
            }
            state.waiting.append(line)
            state.queued += line.count
        }
        wake.signal()
    }

    func end(with line: [UInt8]) {
        state.withLockedValue { state in
            state.waiting.append(line)
            state.isEnding = true
        }
        wake.signal()
    }

    /// Whether all was written, or nobody is there to read it; waits for a while.
    var hasEnded: Bool {
        get async {
            let began = ContinuousClock.now
            while !state.withLockedValue({ $0.hasEnded }) {
                guard ContinuousClock.now - began < Self.patience else { return false }
                try? await Task.sleep(for: Self.step)
            }
            return true
        }
    }

    private static func serve(_ state: NIOLockedValueBox<State>, _ wake: DispatchSemaphore) {
        while true {
            wake.wait()
            let (lines, isEnding) = state.withLockedValue { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isEnding)
            }
            for line in lines {
                let delivery = FileDescriptor.deliver(1, line)
                guard delivery == .written else {
                    return state.withLockedValue { ($0.failure, $0.hasEnded) = (delivery, true) }
                }
                state.withLockedValue { $0.queued = max(0, $0.queued - line.count) }
            }
            guard isEnding else { continue }
            return state.withLockedValue { $0.hasEnded = true }
        }
    }
}
