internal import CacheCore
package import CacheWire
public import CacheModel

/// Where the journal of a flush goes.
public enum JournalChoice: Equatable, Sendable {
    /// Into the state directory, under a name of its own.
    case automatic
    case file(String)
    /// Declined: what is removed is gone.
    case none
}

extension CacheOperations {
    /// Refuses what can be refused without asking the server.
    ///
    /// - Throws: ``CacheError/forbidden(_:)``, ``CacheError/input(_:)``.
    public nonisolated func precheck(flush name: String, _ confirmation: FlushConfirmation) throws(CacheError) {
        try demandWriting("flush", name)
        let (_, rule) = try rule(name)
        let plan = FlushPlan(
            namespace: rule.name, protected: rule.protected, target: "", database: 0, nodes: [])
        if let objection = confirmation.objection(to: plan) {
            audit.refuse("flush", scope: name, why: objection)
            throw .forbidden("flush is refused, nothing was sent: \(objection)")
        }
    }

    /// Counts what a flush would remove; nothing is changed.
    ///
    /// - Parameters:
    ///   - counts: false for a plan without figures, when somebody has confirmed already.
    ///   - acts: whether it is to be flushed then: what would refuse that refuses the plan.
    /// - Throws: ``CacheError``, also where the walk was cancelled or broke off: a plan is exact or none.
    public func plan(
        flush name: String, counts: Bool = true, acts: Bool = false, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> FlushPlan {
        let (index, rule) = try rule(name)
        let targets = try await targets()
        var plan = FlushPlan(
            namespace: rule.name, protected: rule.protected, target: deployment.target,
            database: deployment.database, nodes: targets.map(\.opened.identity))
        plan.total = targets.reduce(0) { $0 +| $1.opened.keys }
        if acts {
            for target in targets {
                try await demand(.flush(prefix(ofRule: index), journals: true), scope: rule.name, of: target)
            }
        }
        guard counts else { return plan }
        let sum = try await count(.namespace(index, classifier), on: targets, pace, control, tell: tell)
        guard sum.isWhole else { throw .cancelled }
        (plan.keys, plan.bytes) = (sum.keys, sum.bytes)
        plan.parts = sum.prefixes.map {
            FlushPlan.Part(prefix: Printable.escape($0.key, limit: 80), keys: $0.value)
        }
        .sorted { ($1.keys, $0.prefix) < ($0.keys, $1.prefix) }
        plan.namesakes = sum.namesakes.map { Printable.escape($0, limit: 80) }
        (plan.took, plan.receipt) = (sum.took, sum.receipt)
        return plan
    }

    /// Removes the keys of a namespace.
    ///
    /// - Returns: what was done, also where it was stopped half way.
    /// - Throws: ``CacheError`` where nothing was removed: not confirmed, another server, no room for the journal.
    public func flush(
        _ plan: FlushPlan, _ confirmation: FlushConfirmation, journal choice: JournalChoice, pace: SweepPace,
        control: SweepControl, tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> FlushReceipt {
        try precheck(flush: plan.namespace, confirmation)
        let (index, _) = try rule(plan.namespace)
        let targets = try await targets()
        let identities = targets.map(\.opened.identity)
        if let objection = plan.nodes.objection(to: identities) {
            throw refused("flush", plan.namespace, "\(objection); plan it anew")
        }
        let prefix = prefix(ofRule: index)
        for target in targets {
            try await demand(.flush(prefix, journals: choice != .none), scope: plan.namespace, of: target)
        }
        // Where keys can move between nodes, it has to be known before which of them do.
        let layout = try await deployment.layout()
        let path: String? =
            switch choice {
            case .none: nil
            case .file(let path): path
            case .automatic: files.journal(for: "flush", scope: plan.namespace, at: .now)
            }
        let id = try audit.begin(
            "flush", scope: plan.namespace,
            details: [
                ("run_id", .string(identities.runIDs)), ("planned_keys", JSONValue(plan.keys)),
                ("planned_bytes", JSONValue(plan.bytes)), ("journal", JSONValue(path)),
                ("readmits", .boolean(confirmation.readmits)),
            ])
        let writer: JournalWriter?
        do throws(CacheError) {
            writer = try path.map { path throws(CacheError) in
                try JournalWriter(
                    path: path, header: header(.flush, plan.namespace, identities),
                    expected: plan.journalEstimate)
            }
        } catch {
            audit.end(id, "flush", scope: plan.namespace, outcome: "not done", details: reason(error))
            throw error
        }
        var course = ClusterFlush(
            filter: .namespace(index, classifier), prefix: prefix, scope: plan.namespace, pace: pace,
            control: control, journal: writer,
            tally: NamespaceFlush.Tally(receipt: FlushReceipt(namespace: plan.namespace)))
        course.tally.expected = targets.reduce(0) { $0 +| $1.opened.keys }
        await flush(targets, &course, since: layout, tell: tell)
        var receipt = course.tally.receipt
        if let writer {
            do throws(CacheError) { try writer.end() } catch {
                if receipt.outcome.isDone { receipt.outcome = .stopped(error.description) }
            }
            receipt.journalBytes = writer.bytes
        }
        receipt.undo = receipt.journal.map(settings.invocation.undo)
        audit.end(
            id, "flush", scope: plan.namespace, outcome: receipt.outcome.auditWord,
            details: [
                ("removed", .integer(receipt.removed)), ("vanished", .integer(receipt.vanished)),
                ("kept", .integer(receipt.keptCount + receipt.busyCount)), ("uncertain", .integer(receipt.uncertain)),
                ("continued_on", JSONValue(receipt.continuedOn)),
                ("journalled", .integer(receipt.journalKeys)), ("journal_bytes", .integer(receipt.journalBytes)),
            ] + receipt.outcome.auditReason)
        return receipt
    }

    nonisolated func reason(_ error: CacheError) -> [(name: String, value: JSONValue)] {
        [("reason", .string(Printable.escape(error.description, limit: 300)))]
    }
}
