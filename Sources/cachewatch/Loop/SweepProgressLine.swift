internal import CacheModel
internal import Dispatch
internal import Glibc

/// How far a headless sweep is, on standard error where that is a terminal.
struct SweepProgressLine: Sendable {
    private let isTerminal = isatty(2) == 1

    func show(_ report: NamespaceReport, after time: Duration) {
        guard isTerminal else { return }
        let seconds = max(0.001, time / .seconds(1))
        let rate = Double(report.examined) / seconds
        let share = report.keys > 0 ? Double(report.examined) / Double(report.keys) : 0
        let rest = rate > 0 ? Double(max(0, report.keys -| report.examined)) / rate : 0
        let words = [
            "\(Format.count(report.examined)) of \(Format.count(report.keys)) keys", Format.percent(share, digits: 0),
            "\(Format.shortCount(rate.whole)) keys/s",
            "\(Format.duration(.limited(seconds: rest))) left, Ctrl-C ends with what is there",
        ].joined(separator: "  ")
        FileDescriptor.write(2, "\r\u{1b}[K\(words)")
    }

    func clear() {
        if isTerminal { FileDescriptor.write(2, "\r\u{1b}[K") }
    }
}

/// How far an operation is, on standard error where that is a terminal.
struct OperationProgressLine: Sendable {
    private let isTerminal = isatty(2) == 1

    /// - Parameter verb: what happens to the keys.
    func show(_ progress: OperationProgress, _ verb: String) {
        guard isTerminal else { return }
        let done = verb == "counted" || verb == "found" ? progress.matched : progress.done
        let words = [
            Format.percent(progress.share, digits: 0), "\(Format.count(done)) keys \(verb)",
            "\(Format.shortCount(Int(progress.rate))) keys/s",
            progress.remaining.map { "\(Format.duration($0)) left" }, "Ctrl-C stops",
        ].compactMap { $0 }.joined(separator: "  ")
        FileDescriptor.write(2, "\r\u{1b}[K\(words)")
    }

    func clear() {
        if isTerminal { FileDescriptor.write(2, "\r\u{1b}[K") }
    }
}

/// Takes SIGINT and SIGTERM for as long as it lives; a second one ends the process as usual.
struct Interrupt {
    private let sources: [any DispatchSourceSignal]

    init(_ handler: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                handler()
                signal(number, SIG_DFL)
            }
            source.resume()
            return source
        }
    }

    func end() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}
