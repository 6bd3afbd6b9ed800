internal import CacheModel
internal import TerminalUI

/// Looks at the keyspace: when they begin, and what they bring.
extension DashboardState {
    /// An estimate begins by itself as soon as the server answers, and every now and then.
    mutating func lookAtKeys(_ snapshot: Snapshot) -> [Effect] {
        var effects: [Effect] = []
        let strained = alerts.raised.contains { $0.level == .critical }
        if strained != isStrained {
            isStrained = strained
            effects.append(.strain(strained))
        }
        guard snapshot.isReachable else { return effects }
        let keys = (snapshot.sum ?? snapshot.dataNodes.first)?.keys
        if namespaces.isDue(
            at: snapshot.elapsed, every: options.estimateEvery, isWished: alerts.wantsLook, keys: keys)
        {
            effects.append(.estimate)
        }
        return effects
    }

    mutating func handle(_ event: NamespaceEvent) -> [Effect] {
        let (wasUnasked, wasAsked, known) = (namespaces.isUnasked, namespaces.isAsked, namespaces.failure)
        namespaces.record(event, every: options.estimateEvery)
        switch event {
        case .estimated(let report):
            // In an incident each fails as the one before: the last line has other things to say.
            if let refusal = report.refusal, wasAsked || known?.reason != refusal.reason {
                say("The estimate failed: \(refusal.reason)", .warning)
            }
            return sweepUnasked(after: report)
        case .swept where wasUnasked: break
        case .swept(let report):
            if let refusal = report.refusal {
                say("The sweep ended early: \(refusal.reason)", .warning)
            } else {
                let words = report.complete ? "Swept" : "Stopped after"
                say("\(words) \(Format.count(report.examined, "key")). \(ReceiptWords.line(report))")
            }
        case .sweeping: break
        }
        return []
    }

    /// A full sweep follows where it is cheap.
    private mutating func sweepUnasked(after report: NamespaceReport) -> [Effect] {
        // One of another server says nothing of this one.
        guard namespaces.report?.elapsed == report.elapsed else { return [] }
        let isFull = latest?.dataNodes.contains { ($0.pressure ?? 0) >= options.thresholds.memoryCritical } ?? true
        let decision = SweepDecision(
            SweepDecision.Circumstances(
                report, isWished: options.estimateEvery != nil, isBusy: namespaces.work != .none, isMemoryFull: isFull,
                alerts: alerts.raised, last: namespaces.lastFullSweep))
        guard decision == .sweep else { return [] }
        namespaces.sweepUnasked(at: elapsed)
        return [.sweep(full: true)]
    }

    mutating func performOnKeys(_ intent: Intent) -> [Effect] {
        switch (intent, namespaces.work) {
        case (.stopSweep, .sweeping(let full, let since, _)):
            namespaces.work = .sweeping(full: full, since: since, isCancelled: true)
            return [.cancelSweep]
        case (.stopSweep, _):
            say("No sweep is under way")
        case (_, .sweeping):
            say("A sweep is under way; x stops it")
        case (_, .estimating):
            // Whoever asks while one runs unasked wants to hear how it ends.
            if intent == .estimate { namespaces.estimateAsked() }
            say("An estimate is under way")
        case (.estimate, .none):
            namespaces.estimateAsked()
            say("Estimating")
            return [.estimate]
        case (_, .none):
            let full = intent == .fullSweep
            namespaces.work = .sweeping(full: full, since: elapsed, isCancelled: false)
            return [.sweep(full: full)]
        }
        return []
    }
}
