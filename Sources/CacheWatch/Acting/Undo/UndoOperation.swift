internal import CacheCore
package import CacheWire
public import CacheModel

/// How a journal is brought back.
public struct UndoChoices: Equatable, Sendable {
    /// Overwrite keys that are there again, and times to live that were set anew.
    public var replaces = false
    public var isDryRun = false
    /// Pass over damaged blocks instead of refusing the journal.
    public var salvages = false
    /// Whoever asks has named the server: another one than the journal's is meant.
    public var isTargetNamed = false
    /// That another server which answers under the journal's own name is meant all the same.
    public var isAnotherMeant = false
    /// The second word that overwriting keys of a protected namespace needs: a revoked token may be let in again.
    public var readmits = false
    /// Where it was looked at before: no other server is meant.
    public var place: UndoPlace?
    /// The id of the journal that was looked at before: no other file is meant that has come in its place.
    public var journal: UInt64?

    public init(
        replaces: Bool = false, isDryRun: Bool = false, salvages: Bool = false, isTargetNamed: Bool = false,
        readmits: Bool = false, isAnotherMeant: Bool = false
    ) {
        self.replaces = replaces
        self.isDryRun = isDryRun
        self.salvages = salvages
        self.isTargetNamed = isTargetNamed
        self.readmits = readmits
        self.isAnotherMeant = isAnotherMeant
    }
}

extension OperationFiles {
    /// Which server a journal is from, as a URL without its secrets.
    ///
    /// - Returns: whether it lies in this folder, where nobody else has put it; nil for what cannot be read, and for a
    ///   journal that does not tell.
    public func server(ofJournal path: String) -> (url: String, isOurs: Bool)? {
        guard let url = (try? JournalReader(path: path, salvage: true))?.header.url else { return nil }
        let name = path.split(separator: "/").last ?? ""
        return (url, Self.absolute(path) == "\(journals)/\(name)")
    }
}

extension CacheOperations {
    /// Brings back what a journal holds, into this server.
    ///
    /// - Throws: ``CacheError`` where nothing was written: no journal, damaged, a replica, read-only, another server
    ///   than the journal's that nobody has named.
    public func undo(
        _ path: String, _ choices: UndoChoices = UndoChoices(), pace: SweepPace = .gentle, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> UndoReceipt {
        func action(_ journal: JournalHeader?) -> GuardedAction {
            .undo(
                journal: journal, replaces: choices.replaces, isTargetNamed: choices.isTargetNamed,
                readmits: choices.readmits, isAnotherMeant: choices.isAnotherMeant)
        }
        if !choices.isDryRun { try self.guard.precheck(action(nil), on: .journal(Printable.escape(path, limit: 200))) }
        // The whole of it is read first: what is damaged is refused before anything is written.
        let journal = try JournalReader.check(path: path, salvage: choices.salvages)
        if choices.isDryRun {
            let targets = try await targets()
            let undo = JournalUndo(
                targets: targets, deployment: deployment, router: await router(), journal: journal,
                replaces: choices.replaces, permit: nil, pace: pace, control: control)
            var receipt = await receipt(of: undo, targets.map(\.opened.identity), tell: tell)
            let example = try example(journal)
            // A replica takes nothing; where one may be written to, a key that has run out would stay for a while.
            let dump = targets[0].opened.identity.isPrimary ? example?.dump : nil
            receipt.objection = try await undoObjection(
                journal.header.kind, example?.key ?? keyPrefix, on: targets[0].session, dump: dump)
            return receipt
        }
        if let looked = choices.journal, looked != journal.header.id {
            throw .forbidden(
                "\(Printable.escape(path, limit: 200)) is another journal than when it was looked at; look again")
        }
        let scope = GuardScope.journal(
            journal.header.scope, example: try example(journal)?.key ?? keyPrefix,
            isProtected: choices.replaces ? try holdsProtected(journal) : false)
        let checked = try await self.guard.check(action(journal.header), on: scope)
        if let place = choices.place, place.runID != checked.identities.runIDs {
            throw self.guard.refusal(
                action(journal.header), scope,
                "another server answers at \(deployment.target) than when it was looked at; look again")
        }
        return try await checked.perform([
            ("journal", .string(path)), ("journal_keys", .integer(journal.keys)),
            ("replace", .boolean(choices.replaces)),
        ]) { permit throws(CacheError) -> Ended<UndoReceipt> in
            let undo = JournalUndo(
                targets: checked.targets, deployment: deployment, router: permit.router, journal: journal,
                replaces: choices.replaces, permit: permit.token, pace: pace, control: control)
            var receipt = await receipt(of: undo, checked.identities, tell: tell)
            receipt.isUncertain = permit.token.account.unanswered > 0
            return Ended(
                receipt, PermitOutcome(receipt.outcome),
                [
                    ("restored", .integer(receipt.restored)), ("verified", .integer(receipt.verified)),
                    ("expired", .integer(receipt.expired)), ("existing", .integer(receipt.existing)),
                    ("missing", .integer(receipt.missing)), ("failed", .integer(receipt.failed)),
                ] + receipt.outcome.auditReason)
        }
    }

    private func receipt(
        of undo: JournalUndo, _ nodes: [NodeIdentity], tell: @Sendable (OperationProgress) -> Void
    ) async -> UndoReceipt {
        var receipt = await undo.run(tell: tell)
        receipt.place = UndoPlace(
            target: deployment.target, database: deployment.database, runID: nodes.runIDs,
            servers: nodes.map(\.server))
        return receipt
    }

    /// An entry whose value is not large, where there is one; nil for a journal that brings nothing back.
    private nonisolated func example(_ journal: JournalReader.Checked) throws(CacheError) -> JournalEntry? {
        let reader = try JournalReader(journal, newestFirst: true)
        while let block = try reader.next() {
            if let entry = block.entries.min(by: { ($0.dump?.count ?? 0) < ($1.dump?.count ?? 0) }) { return entry }
        }
        return nil
    }

    /// Whether a revoked token may hang on one of its keys, whatever the journal says that it is about.
    private nonisolated func holdsProtected(_ journal: JournalReader.Checked) throws(CacheError) -> Bool {
        let (reader, classifier) = (try JournalReader(journal, newestFirst: true), classifier)
        while let block = try reader.next() {
            if block.entries.contains(where: { classifier.protects($0.key) }) { return true }
        }
        return false
    }
}
