package import CacheCore
internal import CacheWire
public import CacheModel

/// Finds out which namespace holds how much of a deployment: by an estimate in three round trips, or by a sweep.
///
/// It has a line of its own to each node, so that polls never wait behind it. Two looks at once share it: both come out
/// right, and each counts the other's cost as its own.
public actor KeyspaceSurveyor {
    nonisolated let deployment: any Deployment
    nonisolated let classifier: KeyClassifier
    nonisolated let deadline: Duration
    private let elapsed: @Sendable () -> Duration

    /// - Parameter elapsed: monotonic time since the watching process began.
    package init(
        deployment: any Deployment, classifier: KeyClassifier, deadline: Duration,
        elapsed: @escaping @Sendable () -> Duration
    ) {
        self.deployment = deployment
        self.classifier = classifier
        self.deadline = deadline
        self.elapsed = elapsed
    }

    /// Draws keys; a failure is a value in the report. Keys that are no more than the sample are counted, which takes less.
    public func estimate(sample: Int = Settings.defaultSample) async -> NamespaceReport {
        let start = elapsed()
        let sample = max(1, sample)
        var draw = await draw(sample: sample, countsFew: true)
        if draw.isSmall {
            var report = await sweep(SweepOptions(full: true), control: SweepControl())
            if report.complete {
                // What only the drawing was refused is said, too.
                report.denied = draw.denied.filter { !report.denied.contains($0) } + report.denied
                report.receipt = draw.receipt + report.receipt
                report.took = elapsed() - start
                return report
            }
            let before = draw.receipt
            draw = await self.draw(sample: sample)
            draw.receipt = before + report.receipt + draw.receipt
        }
        var circumstances = NamespaceReport.Circumstances(
            takenAt: .now, elapsed: elapsed(), took: elapsed() - start, receipt: draw.receipt)
        circumstances.denied = draw.denied
        circumstances.refusal = draw.refusal ?? (draw.keys == nil ? Self.sizeIsNotKnown(draw.denied) : nil)
        circumstances.budget = draw.budget
        (circumstances.present, circumstances.sizeIsKnown) = (draw.present, draw.keys != nil)
        var report = NamespaceReport.estimate(draw.tally, keys: draw.keys ?? 0, circumstances)
        report.complete = circumstances.refusal == nil
        report.sizeIsKnown = draw.keys != nil
        return report
    }

    /// Shares can be told, but nothing that follows from how many keys there are.
    static func sizeIsNotKnown(_ denied: [DeniedCommand]) -> Refusal {
        let size = denied.first { $0.command == Question.size.name }
        let why = size.map { Unanswered($0).sentence } ?? "\(Question.size.name) was not answered"
        return Refusal(
            size.map { Refusal($0).kind } ?? .commandFailed, detail: "how many keys there are is not known: \(why)")
    }

    /// Walks the keyspace; what was counted until it was cancelled or failed is returned, marked as partial.
    ///
    /// - Parameter tell: hears what has been counted so far, a few times a second.
    public func sweep(
        _ options: SweepOptions, control: SweepControl, tell: @escaping @Sendable (NamespaceReport) -> Void = { _ in }
    ) async -> NamespaceReport {
        let start = elapsed()
        let report = { @Sendable [elapsed] (walk: NodeWalk) -> NamespaceReport in
            var circumstances = NamespaceReport.Circumstances(
                takenAt: .now, elapsed: elapsed(), took: elapsed() - start, receipt: walk.receipt)
            circumstances.denied = walk.denied
            circumstances.refusal = walk.refusal
            circumstances.budget = walk.budget
            return .sweep(
                walk.tally, full: options.full, complete: walk.complete, expected: walk.expected, circumstances)
        }
        return report(await walk(options, control) { tell(report($0)) })
    }

    /// Closes the connections, and finds out anew what is allowed.
    public func close() async { await deployment.close(.survey) }

    /// - Throws: ``CacheError`` where nobody knows who holds the keys.
    func primaryLines() async throws(CacheError) -> [Line] {
        await deployment.survey()
        return try await deployment.primaries().map { $0.line(.survey) }
    }
}
