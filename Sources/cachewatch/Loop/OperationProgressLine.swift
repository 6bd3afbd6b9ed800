internal import CacheModel
internal import Glibc

/// How far an operation is, on standard error where that is a terminal.
struct OperationProgressLine: Sendable {
    private let isTerminal = isatty(2) == 1

    /// - Parameter verb: what happens to the keys.
    func show(_ progress: OperationProgress, _ verb: String) {
        guard isTerminal else { return }
        let done = verb == "counted" || verb == "found" ? progress.matched : progress.done
        let words = [
            Format.percent(progress.share, digits: 0), "\(Format.count(done, "key")) \(verb)",
            "\(Format.shortCount(progress.rate.whole)) keys/s",
            progress.remaining.map { "\(Format.duration($0)) left" }, "Ctrl-C stops",
        ].compactMap { $0 }.joined(separator: "  ")
        StandardError.show("\r\u{1b}[K\(words)")
    }

    func clear() {
        if isTerminal { StandardError.show("\r\u{1b}[K") }
    }
}
