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

    public init(
        replaces: Bool = false, isDryRun: Bool = false, salvages: Bool = false, isTargetNamed: Bool = false
    ) {
        self.replaces = replaces
        self.isDryRun = isDryRun
        self.salvages = salvages
        self.isTargetNamed = isTargetNamed
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
        if !choices.isDryRun { try demandWriting("undo", path) }
        // The whole of it is read first: what is damaged is refused before anything is written.
        let checked = try JournalReader.check(path: path, salvage: choices.salvages)
        let header = checked.header
        let targets = try await targets()
        let identities = targets.map(\.opened.identity)
        let place = UndoPlace(
            target: deployment.target, database: deployment.database, runID: identities.runIDs)
        var id = ""
        if !choices.isDryRun {
            if let objection = place.objection(to: header), !choices.isTargetNamed {
                throw refused("undo", header.scope, objection)
            }
            let example = try JournalReader(checked, newestFirst: true).next()?.entries.first?.key ?? keyPrefix
            for target in targets { try await demand(.undo(header.kind, example), scope: header.scope, of: target) }
            id = try audit.begin(
                "undo", scope: header.scope,
                details: [
                    ("run_id", .string(identities.runIDs)), ("journal", .string(path)),
                    ("journal_keys", .integer(checked.keys)), ("replace", .boolean(choices.replaces)),
                ])
        }
        var receipt = await JournalUndo(
            targets: targets, deployment: deployment, router: await router(), journal: checked,
            replaces: choices.replaces,
            isDryRun: choices.isDryRun, pace: pace, control: control
        ).run(tell: tell)
        receipt.place = place
        if !choices.isDryRun {
            audit.end(
                id, "undo", scope: header.scope, outcome: receipt.outcome.auditWord,
                details: [
                    ("restored", .integer(receipt.restored)), ("verified", .integer(receipt.verified)),
                    ("expired", .integer(receipt.expired)), ("existing", .integer(receipt.existing)),
                    ("missing", .integer(receipt.missing)), ("failed", .integer(receipt.failed)),
                ] + receipt.outcome.auditReason)
        }
        return receipt
    }
}
