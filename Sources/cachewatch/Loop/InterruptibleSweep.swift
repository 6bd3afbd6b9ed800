internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import NIOConcurrencyHelpers

/// A sweep that a signal ends: with what it has counted where the server answers, and with what it has told of before
/// where it does not.
final class InterruptibleSweep: Sendable {
    private let surveyor: KeyspaceSurveyor
    private let options: SweepOptions
    private let control = SweepControl()
    private let latest = NIOLockedValueBox<NamespaceReport?>(nil)

    /// How long a batch under way may take to come back: within what ``Leaving/patience`` leaves for the report.
    private static let patience = Duration.milliseconds(25)

    init(surveyor: KeyspaceSurveyor, options: SweepOptions) {
        self.surveyor = surveyor
        self.options = options
    }

    /// - Returns: nil where it was interrupted before anything was counted.
    func run() async -> NamespaceReport? {
        let (ends, end) = AsyncStream<NamespaceReport?>.makeStream()
        return await Departure.shared.during(
            .look, words: [], status: .unknown,
            stop: { [control] in
                control.cancel()
                Task {
                    try? await Task.sleep(for: Self.patience)
                    end.yield(nil)
                }
            }
        ) { _ in
            let progress = SweepProgressLine()
            let start = ContinuousClock.now
            Task {
                end.yield(
                    await surveyor.sweep(options, control: control) { report in
                        self.latest.withLockedValue { $0 = report }
                        progress.show(report, after: ContinuousClock.now - start)
                    })
            }
            var report: NamespaceReport?
            for await whole in ends {
                report = whole ?? latest.withLockedValue { $0 }
                break
            }
            progress.clear()
            return report
        }
    }
}
