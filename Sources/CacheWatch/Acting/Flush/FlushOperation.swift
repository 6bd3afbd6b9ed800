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
    public nonisolated func precheck(flush scope: KeyScope, _ confirmation: FlushConfirmation) throws(CacheError) {
        try self.guard.precheck(
            .flush(confirmation, planned: nil, journals: true), on: try selection(scope).guardScope)
    }

    /// Counts what a flush would remove; nothing is changed.
    ///
    /// - Parameters:
    ///   - counts: false for a plan without figures, when somebody has confirmed already.
    ///   - acts: whether it is to be flushed then: what would refuse that refuses the plan.
    /// - Throws: ``CacheError``, also where the walk was cancelled or broke off: a plan is exact or none.
    public func plan(
        flush scope: KeyScope, counts: Bool = true, acts: Bool = false, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> FlushPlan {
        let selection = try selection(scope)
        let action = GuardedAction.flush(nil, planned: nil, journals: true)
        let targets =
            acts ? try await self.guard.check(action, on: selection.guardScope).targets : try await targets()
        var plan = FlushPlan(
            scope: scope, protected: selection.isProtected, target: deployment.target,
            database: deployment.database, nodes: targets.map(\.opened.identity))
        plan.reached = selection.reached
        plan.total = targets.reduce(0) { $0 +| $1.opened.keys }
        plan.isPart = isPart(targets)
        if acts, let first = targets.first {
            plan.undoObjection = try await undoObjection(.flush, selection.prefix, on: first.session)
        }
        guard counts else { return plan }
        let sum = try await count(selection, on: targets, pace, control, tell: tell)
        guard sum.isWhole else { throw .cancelled }
        (plan.keys, plan.bytes) = (sum.keys, sum.bytes)
        plan.large = try await largeKeys(of: sum, control)
        plan.parts = KeyCount.parts(sum.prefixes)
        plan.noteConsequences(classifier.rules)
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
        let selection = try selection(plan.scope)
        let checked = try await self.guard.check(
            .flush(confirmation, planned: plan.nodes, journals: choice != .none, large: plan.large),
            on: selection.guardScope)
        // Without a journal nothing is too large for one.
        let forGood = confirmation.forGood == nil || choice == .none ? LargeKeys() : plan.large
        // Where keys can move between nodes, it has to be known before which of them do.
        let layout = try await deployment.layout()
        let undoObjection =
            choice == .none
            ? nil : try await undoObjection(.flush, checked.scope.prefix, on: checked.nodes[0].session)
        let path: String? =
            switch choice {
            case .none: nil
            case .file(let path): path
            case .automatic: files.journal(for: "flush", scope: plan.scope.name, at: .now)
            }
        return try await checked.perform([
            ("planned_keys", JSONValue(plan.keys)), ("planned_bytes", JSONValue(plan.bytes)),
            ("journal", JSONValue(path)), ("readmits", .boolean(confirmation.readmits)),
            ("planned_for_good", .integer(forGood.items.count)),
        ]) { permit throws(CacheError) -> Ended<FlushReceipt> in
            var header = header(.flush, plan.scope.words, checked.identities)
            header.forGood = forGood.noted
            header.forGoodOthers = forGood.items.count - header.forGood.count
            let writer = try path.map { path throws(CacheError) in
                try JournalWriter(path: path, header: header, expected: plan.journalEstimate)
            }
            var course = ClusterFlush(
                filter: selection.filter(readmits: confirmation.readmits), forGood: Set(forGood.items.map(\.key)),
                prefix: checked.scope.prefix, pace: pace, control: control, journal: writer, permit: permit,
                tally: NamespaceFlush.Tally(receipt: FlushReceipt(scope: plan.scope)))
            course.tally.receipt.undoObjection = undoObjection
            course.tally.expected = checked.targets.reduce(0) { $0 +| $1.opened.keys }
            await flush(checked.targets, &course, since: layout, tell: tell)
            return ended(course.tally.receipt, writer)
        }
    }

    private func ended(_ receipt: FlushReceipt, _ writer: JournalWriter?) -> Ended<FlushReceipt> {
        var receipt = receipt
        if let writer {
            do throws(CacheError) { try writer.end() } catch {
                if receipt.outcome.isDone { receipt.outcome = .stopped(error.description) }
            }
            receipt.journalBytes = writer.bytes
        }
        receipt.undo = receipt.journal.map(settings.invocation.undo)
        return Ended(
            receipt, PermitOutcome(receipt.outcome),
            [
                ("removed", .integer(receipt.removed)), ("vanished", .integer(receipt.vanished)),
                ("kept", .integer(receipt.keptCount + receipt.busyCount)), ("uncertain", .integer(receipt.uncertain)),
                ("for_good", .integer(receipt.forGoodCount)),
                ("uncertain_for_good", .integer(receipt.uncertainForGood)),
                ("continued_on", JSONValue(receipt.continuedOn)),
                ("journalled", .integer(receipt.journalKeys)), ("journal_bytes", .integer(receipt.journalBytes)),
            ] + receipt.outcome.auditReason)
    }

    /// Whether what is looked at is one node of a cluster alone.
    func isPart(_ targets: [Target]) -> Bool {
        !deployment.movesKeys && targets.contains { $0.opened.isCluster }
    }
}
