internal import CacheModel
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
            "\(Format.count(report.examined)) of \(Format.count(report.keys, "key"))", Format.percent(share, digits: 0),
            "\(Format.shortCount(rate.whole)) keys/s",
            "\(Format.duration(.limited(seconds: rest))) left, Ctrl-C ends with what is there",
        ].joined(separator: "  ")
        StandardError.show("\r\u{1b}[K\(words)")
    }

    func clear() {
        if isTerminal { StandardError.show("\r\u{1b}[K") }
    }
}
