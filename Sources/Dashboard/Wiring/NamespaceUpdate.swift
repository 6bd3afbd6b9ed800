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
        if namespaces.isDue(at: snapshot.elapsed, every: options.estimateEvery) { effects.append(.estimate) }
        return effects
    }

    mutating func handle(_ event: NamespaceEvent) -> [Effect] {
        namespaces.record(event, every: options.estimateEvery)
        switch event {
        case .estimated(let report):
            if let refusal = report.refusal { say("The estimate failed: \(refusal.reason)", .warning) }
        case .swept(let report):
            if let refusal = report.refusal {
                say("The sweep ended early: \(refusal.reason)", .warning)
            } else {
                let words = report.complete ? "Swept" : "Stopped after"
                say("\(words) \(Format.count(report.examined)) keys. \(ReceiptWords.line(report))")
            }
        case .sweeping: break
        }
        return []
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
            say("An estimate is under way")
        case (.estimate, .none):
            namespaces.work = .estimating
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
