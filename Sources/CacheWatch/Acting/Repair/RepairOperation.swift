internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// What keys get where their contract names no maximum: the session storage's two hours.
    public static let defaultTTL = Duration.seconds(7200)

    /// Looks for keys that break a namespace's contract, or live longer than is wanted; nothing is changed.
    ///
    /// - Parameters:
    ///   - ttl: what keys are to have at most; nil takes the contract's, which a prefix and a pattern do not have.
    ///   - acts: whether it is to be done then: what would refuse that refuses the plan.
    /// - Throws: ``CacheError/input(_:)`` for a TTL above the contract's.
    public func plan(
        repair scope: KeyScope, ttl: Duration? = nil, acts: Bool = false, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> RepairPlan {
        let selection = try selection(scope)
        let rule = selection.rule
        if scope.glob != nil, ttl == nil {
            throw .input("\(scope.words) has no contract: --ttl says what its keys are to have at most")
        }
        let action = GuardedAction.repair(nil, planned: nil)
        let targets =
            acts ? try await self.guard.check(action, on: selection.guardScope).targets : try await targets()
        let maximum = ttl ?? rule.maximumTTL ?? Self.defaultTTL
        if let most = rule.maximumTTL, maximum > most {
            throw .input(
                "a TTL of \(Format.duration(maximum)) would break the contract of \(rule.name): "
                    + "at most \(Format.duration(most))")
        }
        if KeyLifetime.isDeletion(maximum) {
            throw .input(
                "a TTL of \(Format.duration(maximum)) ends the keys before long: flush removes them, with a journal")
        }
        var plan = RepairPlan(
            scope: scope, protected: selection.isProtected, target: deployment.target,
            database: deployment.database, nodes: targets.map(\.opened.identity), maximumTTL: maximum)
        plan.isPart = isPart(targets)
        if acts, let first = targets.first {
            plan.undoObjection = try await undoObjection(.lifetimes, selection.prefix, on: first.session)
        }
        plan.shortens = ttl != nil || rule.maximumTTL != nil
        var sum = TTLRepair.Sum()
        let course = ClusterRepair(
            filter: selection.filter,
            measure: RepairMeasure(selection: selection, maximum: maximum, shortens: plan.shortens),
            control: control, pace: pace)
        try await repair(targets, course, since: try await deployment.layout(), into: &sum, tell: tell)
        guard sum.isWhole else { throw .cancelled }
        (plan.withoutTTL, plan.above) = (sum.withoutTTL, sum.above)
        plan.parts = KeyCount.parts(sum.beginnings)
        (plan.examples, plan.examined, plan.took) = (sum.examples, sum.examined, sum.took)
        return plan
    }

    /// Gives the keys that break the contract a time to live; their old one is journalled before.
    ///
    /// - Throws: ``CacheError`` where nothing was changed.
    public func repair(
        _ plan: RepairPlan, _ confirmation: FlushConfirmation, journal choice: JournalChoice = .automatic,
        pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> RepairReceipt {
        let selection = try selection(plan.scope)
        let checked = try await self.guard.check(
            .repair(confirmation, planned: plan.nodes), on: selection.guardScope)
        let layout = try await deployment.layout()
        let undoObjection = try await undoObjection(.lifetimes, checked.scope.prefix, on: checked.nodes[0].session)
        let path: String
        switch choice {
        case .file(let file): path = file
        case .automatic, .none: path = files.journal(for: "repair", scope: plan.scope.name, at: .now)
        }
        return try await checked.perform([
            ("planned_keys", .integer(plan.breaches)), ("ttl", .integer(plan.maximumTTL.wholeSeconds)),
            ("journal", .string(path)),
        ]) { permit throws(CacheError) -> Ended<RepairReceipt> in
            var receipt = RepairReceipt(scope: plan.scope)
            var sum = TTLRepair.Sum()
            do throws(CacheError) {
                var course = ClusterRepair(
                    filter: selection.filter(readmits: confirmation.readmits),
                    measure: RepairMeasure(
                        selection: selection, maximum: plan.maximumTTL, shortens: plan.shortens),
                    control: control, pace: pace)
                let writer = try JournalWriter(
                    path: path, header: header(.lifetimes, plan.scope.words, checked.identities),
                    expected: plan.breaches * 120)
                receipt.journal = path
                course.mending = ClusterRepair.Mending(
                    journal: writer, prefix: checked.scope.prefix, permit: permit.token)
                do throws(CacheError) {
                    try await repair(checked.targets, course, since: layout, into: &sum, tell: tell)
                } catch {
                    try? writer.end()
                    throw error
                }
                try writer.end()
                if control.isCancelled { receipt.outcome = .cancelled }
            } catch {
                receipt.outcome = .stopped(error.description)
                for target in checked.targets { target.session.close() }
            }
            (receipt.given, receipt.shortened, receipt.unchanged) = (sum.given, sum.shortened, sum.unchanged)
            receipt.took = sum.took
            receipt.undo = receipt.journal.map(settings.invocation.undo)
            receipt.undoObjection = undoObjection
            receipt.isUncertain = permit.token.account.unanswered > 0
            return Ended(
                receipt, PermitOutcome(receipt.outcome),
                [
                    ("given", .integer(sum.given)), ("shortened", .integer(sum.shortened)),
                    ("unchanged", .integer(sum.unchanged)),
                ] + receipt.outcome.auditReason)
        }
    }

    /// Refuses what can be refused without asking the server.
    public nonisolated func precheck(repair scope: KeyScope, _ confirmation: FlushConfirmation) throws(CacheError) {
        try self.guard.precheck(.repair(confirmation, planned: nil), on: try selection(scope).guardScope)
    }
}
