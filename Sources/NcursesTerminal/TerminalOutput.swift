internal import CTerminalGuard
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers

/// Bytes on their way to the terminal, written by a thread that may block: a terminal that nobody reads holds up
/// nothing else.
final class TerminalOutput: Sendable {
    private struct State {
        /// Writes that have not come to their end.
        var pending = 0
        /// The thread that writes just now.
        var writer: pthread_t?
        /// Nothing more is written.
        var isAbandoned = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let queue = DispatchQueue(label: "cachewatch.terminal.output", qos: .userInteractive)
    private let state = NIOLockedValueBox(State())

    func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let isWanted = state.withLockedValue { state in
            if !state.isAbandoned { state.pending += 1 }
            return !state.isAbandoned
        }
        if isWanted { queue.async { self.put(bytes) } }
    }

    /// Returns when everything is written; never where that was given up, for the process ends then.
    func drained() async {
        await withCheckedContinuation { continuation in
            let isDrained = state.withLockedValue { state in
                let isDrained = state.pending == 0 && !state.isAbandoned
                if !isDrained { state.waiting.append(continuation) }
                return isDrained
            }
            if isDrained { continuation.resume() }
        }
    }

    /// Gives up what the terminal has not taken. For any thread; waits a few milliseconds at most.
    ///
    /// - Returns: true where something was given up.
    func abandon() -> Bool {
        let isStuck = state.withLockedValue { state in
            state.isAbandoned = true
            return state.pending > 0
        }
        // It may be on its way into the call that blocks, and would miss the first one.
        for _ in 0..<10 {
            let isWriting = state.withLockedValue { state in
                if let writer = state.writer { terminal_write_stop(UInt(writer)) }
                return state.writer != nil
            }
            guard isWriting else { break }
            usleep(500)
        }
        return isStuck
    }

    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let mayWrite = state.withLockedValue { state in
                state.writer = state.isAbandoned ? nil : pthread_self()
                return !state.isAbandoned
            }
            guard mayWrite else { break }
            let written = rest.withUnsafeBytes { terminal_write(STDOUT_FILENO, $0.baseAddress, UInt($0.count)) }
            if written < 0 && errno == EINTR { continue }
            // The terminal is gone: whoever reads it will notice.
            guard written > 0 else { break }
            rest = rest.dropFirst(written)
        }
        let waiting: [CheckedContinuation<Void, Never>] = state.withLockedValue { state in
            state.writer = nil
            state.pending -= 1
            guard state.pending == 0, !state.isAbandoned else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
