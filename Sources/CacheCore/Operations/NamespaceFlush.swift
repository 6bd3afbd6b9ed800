internal import CacheModel

/// Removes the keys of a namespace from one node, each of them journalled before.
struct NamespaceFlush {
    let node: OperationNode
    let filter: KeyFilter
    let plan: FlushPlan
    let pace: SweepPace
    let control: SweepControl
    /// nil where it was declined.
    let journal: JournalWriter?
    /// Whether scripts are allowed.
    let compares: Bool
    /// False once another node is known to be the primary; asked before everything that is sent.
    let isPrimary: @Sendable () -> Bool

    /// - Parameter receipt: what was done before, on a primary that was lost; what is done now is added.
    /// - Returns: true where it was stopped by what another primary may not have.
    func run(
        _ opened: OperationNode.Opened, into receipt: inout FlushReceipt,
        isolation: isolated (any Actor)? = #isolation, tell: @Sendable (OperationProgress) -> Void
    ) async -> Bool {
        var course = OperationCourse(pace: pace, control: control, link: node.link)
        var work = FlushCourse(
            filter, journals: journal != nil, planned: plan.node,
            limits: FlushCourse.Limits(pace: pace, isCluster: opened.isCluster),
            measures: !(await node.link.denied.contains(.memoryUsage)), compares: compares)
        var isLost = false
        // Whatever was under way on the node before is found again on this one, or is gone.
        (receipt.outcome, receipt.uncertain) = (.done, 0)
        do throws(CacheError) {
            try await course.calibrate(on: node, guardian: NodeGuard(planned: plan.node))
            try await walk(&work, &course, expected: opened.keys, tell)
            if control.isCancelled { receipt.outcome = .cancelled }
        } catch {
            receipt.outcome = .stopped(error.description)
            if case .file = error {} else { isLost = true }
            // What came back before the failure counts, too.
            if let digest = try? work.digest() { try? journal?.withdraw(digest.withdrawn) }
            receipt.uncertain = work.uncertain
            await node.link.close()
        }
        end(&receipt, work)
        receipt.took += course.elapsed
        receipt.receipt = receipt.receipt + course.receipt
        return isLost
    }

    private func walk(
        _ work: inout FlushCourse, _ course: inout OperationCourse, expected: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        while !control.isCancelled {
            guard let flight = work.flight(count: course.governor.count) else {
                // Everything has come back; what is summed up now may need flights of its own.
                try settle(&work)
                if work.isDone { break }
                continue
            }
            guard isPrimary() else { throw .forbidden("\(node.link.name) is no primary any more") }
            let underWay = try course.launch(flight, on: node)
            var failure: CacheError?
            do throws(CacheError) { try settle(&work) } catch { failure = error }
            // What is under way is counted, whatever else has failed.
            let replies = try await course.land(underWay)
            try work.receive(replies, at: .now)
            if let failure { throw failure }
            if course.isTimeToTell() { tell(progress(work, course, expected)) }
            await course.rest()
        }
        if control.isCancelled { try journal?.withdraw(try work.digest().withdrawn) }
        tell(progress(work, course, expected))
    }

    /// Sums up what has come back, and writes what is dumped to the journal.
    private func settle(_ work: inout FlushCourse) throws(CacheError) {
        let digest = try work.digest()
        node.link.caused(hits: digest.entries.count * 2, misses: 0)
        guard let journal else { return }
        try journal.withdraw(digest.withdrawn)
        work.journalled(in: try journal.append(digest.entries, takenAt: digest.takenAt))
    }

    private func end(_ receipt: inout FlushReceipt, _ work: FlushCourse) {
        receipt.removed += work.removed
        receipt.vanished += work.vanished
        receipt.keptCount = work.keptCount
        receipt.kept = work.kept.map { Printable.escape($0, limit: 200) }
        receipt.busyCount = work.busyCount
        receipt.busy = work.busy.map { Printable.escape($0, limit: 200) }
        receipt.comparesWrites = receipt.comparesWrites && (compares || journal == nil)
        guard let journal else { return }
        (receipt.journal, receipt.journalBytes, receipt.journalKeys) = (journal.path, journal.bytes, journal.keys)
    }

    private func progress(_ work: FlushCourse, _ course: OperationCourse, _ expected: Int) -> OperationProgress {
        var progress = OperationProgress()
        (progress.examined, progress.expected) = (work.scan.examined, max(1, expected))
        (progress.matched, progress.done) = (work.matched, work.removed)
        progress.bytes = journal?.bytes ?? 0
        progress.elapsed = course.elapsed
        return progress
    }
}
