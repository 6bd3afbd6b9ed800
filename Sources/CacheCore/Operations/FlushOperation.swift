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
        let unknown = NodeIdentity(address: "", runID: "", isPrimary: true)
        let plan = FlushPlan(
            namespace: rule.name, protected: rule.protected, target: "", database: 0, node: unknown)
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
        let node = try await node()
        let opened = try await node.identity()
        var plan = FlushPlan(
            namespace: rule.name, protected: rule.protected, target: deployment.target,
            database: deployment.database, node: opened.identity)
        plan.total = opened.keys
        if acts {
            try await demand(.flush(prefix(ofRule: index), journals: true), scope: rule.name, of: opened, on: node)
        }
        guard counts else { return plan }
        let sum = try await KeyCount(
            node: node, filter: .namespace(index, classifier), pace: pace, control: control
        ).run(opened, tell: tell)
        guard sum.isWhole else { throw .cancelled }
        (plan.keys, plan.bytes) = (sum.keys, sum.bytes)
        plan.parts = sum.scan.prefixes.map {
            FlushPlan.Part(prefix: Printable.escape($0.key, limit: 80), keys: $0.value)
        }
        .sorted { ($1.keys, $0.prefix) < ($0.keys, $1.prefix) }
        plan.namesakes = sum.scan.namesakes.map { Printable.escape($0, limit: 80) }
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
        var node = try await node()
        var opened = try await node.identity()
        if let objection = plan.node.objection(to: opened.identity) {
            throw refused("flush", plan.namespace, "\(objection); plan it anew")
        }
        let prefix = prefix(ofRule: index)
        try await demand(.flush(prefix, journals: choice != .none), scope: plan.namespace, of: opened, on: node)
        var compares = try await allowsScripts(prefix, on: node)
        let path: String? =
            switch choice {
            case .none: nil
            case .file(let path): path
            case .automatic: files.journal(for: "flush", scope: plan.namespace, at: .now)
            }
        let id = try audit.begin(
            "flush", scope: plan.namespace,
            details: [
                ("run_id", .string(opened.identity.runID)), ("planned_keys", JSONValue(plan.keys)),
                ("planned_bytes", JSONValue(plan.bytes)), ("journal", JSONValue(path)),
                ("readmits", .boolean(confirmation.readmits)),
            ])
        let writer: JournalWriter?
        do throws(CacheError) {
            writer = try path.map { path throws(CacheError) in
                try JournalWriter(
                    path: path, header: header(.flush, plan.namespace, opened.identity),
                    expected: plan.journalEstimate)
            }
        } catch {
            audit.end(id, "flush", scope: plan.namespace, outcome: "not done", details: reason(error))
            throw error
        }
        var receipt = FlushReceipt(namespace: plan.namespace)
        var current = plan
        while true {
            let name = node.link.name
            let flush = NamespaceFlush(
                node: node, filter: .namespace(index, classifier), plan: current, pace: pace, control: control,
                journal: writer, compares: compares, isPrimary: { [deployment] in deployment.isPrimary(name) })
            let isLost = await flush.run(opened, into: &receipt, tell: tell)
            guard isLost, !control.isCancelled, let next = await successor(of: name, prefix, plan.namespace) else {
                break
            }
            // What was confirmed is the namespace; the node is planned for anew, and whatever is there is walked over.
            (node, opened, compares) = (next.node, next.opened, next.compares)
            current.node = opened.identity
            receipt.continuedOn.append(opened.identity.address)
        }
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

    /// The primary that has taken another one's place, where it can be written to; nil where there is none.
    private func successor(
        of name: String, _ prefix: [UInt8], _ scope: String
    ) async -> (node: OperationNode, opened: OperationNode.Opened, compares: Bool)? {
        guard let link = await deployment.successor(of: name) else { return nil }
        do throws(CacheError) {
            let node = try await node(link)
            let opened = try await node.identity()
            try await demand(.flush(prefix, journals: true), scope: scope, of: opened, on: node)
            return (node, opened, try await allowsScripts(prefix, on: node))
        } catch { return nil }
    }

    nonisolated func reason(_ error: CacheError) -> [(name: String, value: JSONValue)] {
        [("reason", .string(Printable.escape(error.description, limit: 300)))]
    }
}
