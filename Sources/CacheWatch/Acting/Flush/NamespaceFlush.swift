internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Removes keys from one node, each of them journalled before.
struct NamespaceFlush {
    let session: Session
    let filter: KeyFilter
    /// Keys that go though no journal can hold them.
    let forGood: Set<[UInt8]>
    let planned: NodeIdentity
    let pace: SweepPace
    let control: SweepControl
    /// nil where it was declined.
    let journal: JournalWriter?
    let permit: WritePermit
    /// Whether scripts are allowed.
    let compares: Bool
    /// False once another node is known to be the primary; asked before everything that is sent.
    let isPrimary: @Sendable () -> Bool

    /// What goes on from node to node.
    struct Tally {
        var receipt: FlushReceipt
        var stays = FlushCourse.Stays()
        /// Slots with keys that a node gave away before they could be removed.
        var strays: Set<Int> = []
        /// Keys that no journal can hold, and whose removal was never answered, on any primary.
        var uncertainForGood: Set<[UInt8]> = []
        /// Keys of all nodes, and those walked over on the nodes before.
        var expected = 0
        var examined = 0
    }

    /// - Parameters:
    ///   - tally: what was done before, on other nodes or on a primary that was lost; what is done now is added.
    ///   - keys: these, and no walk over all there are.
    /// - Returns: true where it was stopped by what another primary may not have.
    func run(
        _ opened: Session.Opened, into tally: inout Tally, keys: [[UInt8]]? = nil,
        isolation: isolated (any Actor)? = #isolation, tell: @Sendable (OperationProgress) -> Void
    ) async -> Bool {
        var course = OperationCourse(pace: pace, control: control, line: session.line)
        tally.receipt.outcome = .done
        // What was under way on the node before is found again on this one, or the journal has it.
        if journal != nil { tally.receipt.uncertain = 0 }
        let marks: RemovalMarks?
        do throws(CacheError) { marks = try await marksBegun(isCluster: opened.isCluster) } catch {
            tally.receipt.outcome = .stopped(error.description)
            return false
        }
        var work = FlushCourse(
            filter, journals: journal != nil, planned: planned,
            limits: FlushCourse.Limits(pace: pace, isCluster: opened.isCluster),
            measures: !(await session.line.denied().contains(.memoryUsage)), compares: compares, marks: marks,
            stays: tally.stays, forGood: forGood, keys: keys, expected: opened.keys)
        var isLost = false
        var unanswered: Set<[UInt8]> = []
        do throws(CacheError) {
            try await course.calibrate(on: session, idle: NodeGuard(planned: planned).idle)
            try await walk(&work, &course, tally, tell)
            if control.isCancelled { tally.receipt.outcome = .cancelled }
            try journal?.withdraw(work.abandon())
            try await settle(marks)
        } catch {
            tally.receipt.outcome = .stopped(error.description)
            isLost = error.isOfTheNode
            // What came back before the failure counts, too.
            if let digest = try? work.digest() { try? note(digest) }
            try? journal?.withdraw(work.abandon())
            tally.receipt.uncertain += work.uncertain
            unanswered = work.uncertainForGood
            session.close()
        }
        tally.note(forGood: work.forGoodRemoved.map(\.key), unanswered: unanswered)
        end(&tally, work, walked: keys == nil && !isLost)
        tally.receipt.took += course.elapsed
        tally.receipt.receipt = tally.receipt.receipt + course.receipt
        return isLost
    }

    private func walk(
        _ work: inout FlushCourse, _ course: inout OperationCourse, _ tally: Tally,
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
            guard isPrimary() else { throw .forbidden("\(session.line.name) is no primary any more") }
            let sent = ContinuousClock.now
            let underWay = try course.launch(flight, on: session, under: permit)
            var failure: CacheError?
            do throws(CacheError) { try settle(&work) } catch { failure = error }
            // What is under way is counted, whatever else has failed.
            let replies = try await course.land(underWay)
            try work.receive(replies, at: .now, took: replies.arrivedAt - sent)
            if let failure { throw failure }
            if course.isTimeToTell() { tell(progress(work, course, tally)) }
            await course.rest()
        }
        if control.isCancelled { try note(try work.digest()) }
        tell(progress(work, course, tally))
    }

    /// Sums up what has come back, and writes what is dumped to the journal.
    private func settle(_ work: inout FlushCourse) throws(CacheError) {
        let digest = try work.digest()
        session.line.caused(hits: digest.entries.count * 2, misses: 0)
        guard let journal else { return }
        try note(digest)
        work.journalled(in: try journal.append(digest.entries, takenAt: digest.takenAt))
    }

    /// Writes down what has become of keys that were journalled.
    private func note(_ digest: FlushCourse.Digest) throws(CacheError) {
        try journal?.withdraw(digest.withdrawn)
        if let settled = digest.settled { try journal?.settle(upTo: settled) }
    }

    // MARK: marks

    /// Has the server note from now on what it removes; nil where it cannot.
    ///
    /// In a cluster a mark would have to be in the slot of each key.
    private func marksBegun(
        isCluster: Bool, isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) -> RemovalMarks? {
        guard let journal else { return nil }
        let marks = RemovalMarks(journal: journal.id)
        // What was under way on a node before counts as removed: it is restored where it is gone.
        guard compares, !isCluster, !marks.isFound(by: filter) else {
            try journal.unmark()
            return nil
        }
        // The journal knows of them before they are there, so that whoever undoes it looks for them.
        try journal.mark()
        if let reply = try? await session.ask([marks.begin], under: permit)[0], RemovalMarks.removed(reply) == [] {
            return marks
        }
        try journal.unmark()
        return nil
    }

    /// Everything that was removed is known: the journal says so, and the marks can go.
    private func settle(
        _ marks: RemovalMarks?, isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        try journal?.settle()
        if let marks { _ = try? await session.ask([marks.end], under: permit) }
    }

    private func end(_ tally: inout Tally, _ work: FlushCourse, walked: Bool) {
        if walked { tally.examined +|= work.scan.examined }
        tally.stays = work.stays
        tally.strays.formUnion(work.strays)
        Self.end(&tally.receipt, work)
        tally.receipt.comparesWrites = tally.receipt.comparesWrites && (compares || journal == nil)
        guard let journal else { return }
        tally.receipt.journal = journal.path
        (tally.receipt.journalBytes, tally.receipt.journalKeys) = (journal.bytes, journal.keys)
    }

    private static func end(_ receipt: inout FlushReceipt, _ work: FlushCourse) {
        func some(_ keys: Set<[UInt8]>) -> [String] {
            keys.sorted { $0.lexicographicallyPrecedes($1) }.prefix(10).map { Printable.escape($0, limit: 200) }
        }
        receipt.removed += work.removed
        receipt.forGoodCount += work.forGoodRemoved.count
        receipt.forGoodBytes +|= work.forGoodRemoved.reduce(0) { $0 +| $1.bytes }
        receipt.forGood += work.forGoodRemoved.prefix(max(0, 10 - receipt.forGood.count)).map {
            NotedKey(key: Printable.name($0.key, limit: 200), bytes: $0.bytes)
        }
        receipt.vanished += work.vanished
        (receipt.keptCount, receipt.kept) = (work.stays.kept.count, some(work.stays.kept))
        (receipt.busyCount, receipt.busy) = (work.stays.busy.count, some(work.stays.busy))
    }

    private func progress(_ work: FlushCourse, _ course: OperationCourse, _ tally: Tally) -> OperationProgress {
        var progress = OperationProgress()
        (progress.examined, progress.expected) = (tally.examined +| work.scan.examined, max(1, tally.expected))
        let before = tally.receipt.removed
        (progress.matched, progress.done) = (before +| work.matched, before +| work.removed)
        progress.bytes = journal?.bytes ?? 0
        progress.elapsed = tally.receipt.took + course.elapsed
        return progress
    }
}

extension NamespaceFlush.Tally {
    /// - Parameters:
    ///   - removed: keys that no journal can hold, and are gone.
    ///   - unanswered: such keys whose removal was sent and never answered.
    mutating func note(forGood removed: [[UInt8]], unanswered: Set<[UInt8]>) {
        // What a successor still had, and has removed, is told as removed.
        uncertainForGood.formUnion(unanswered)
        uncertainForGood.subtract(removed)
        receipt.uncertainForGood = uncertainForGood.count
    }
}

extension CacheError {
    /// False where whoever takes the node's place would fare no better.
    fileprivate var isOfTheNode: Bool {
        switch self {
        case .file: false
        case .refused(let refusal): refusal.kind != .endlessScan
        default: true
        }
    }
}
