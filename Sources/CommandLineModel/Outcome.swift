public import CacheModel

/// How something that was to change a server has ended: what whoever wanted it is told, and the exit status for it.
public struct Outcome: Equatable, Sendable {
    public var lines: [String]
    public var status: ProgramStatus
    /// True also where it is not known.
    public var hasChanged: Bool

    public init(lines: [String], status: ProgramStatus, hasChanged: Bool) {
        self.lines = lines
        self.status = status
        self.hasChanged = hasChanged
    }
}

extension Outcome {
    public init(_ receipt: FlushReceipt) {
        self.init(
            lines: OperationWords.receipt(receipt),
            status: receipt.isWhole ? .done : receipt.isNothing ? .notDone : .halfWay,
            hasChanged: !receipt.isNothing)
    }

    public init(_ receipt: RepairReceipt) {
        let isNothing = receipt.given + receipt.shortened == 0
        self.init(
            lines: OperationWords.receipt(receipt),
            status: receipt.outcome.isDone ? .done : isNothing ? .notDone : .halfWay, hasChanged: !isNothing)
    }

    public init(_ receipt: UndoReceipt, isDryRun: Bool) {
        let isNothing = receipt.restored == 0
        let isWhole = receipt.isWhole && receipt.journalIsWhole
        self.init(
            lines: OperationWords.receipt(receipt, isDryRun: isDryRun),
            status: isWhole ? .done : !receipt.outcome.isDone && isNothing ? .notDone : .halfWay,
            hasChanged: !isDryRun && !isNothing)
    }

    public init(_ results: [RevocationResult]) {
        self.init(
            lines: results.map { "\(Printable.escape($0.token.id))  \($0.words)" },
            status: results.allSatisfy(\.holds) ? .done : .notDone, hasChanged: results.contains(where: \.holds))
    }

    /// - Parameter keys: those that were removed, escaped.
    public init(unrevoked id: String, keys: [String]) {
        self.init(
            lines: keys.isEmpty
                ? ["\(Printable.escape(id, limit: 80)) is not revoked"] : keys.map { "removed \($0)" },
            status: keys.isEmpty ? .notDone : .done, hasChanged: !keys.isEmpty)
    }

    /// - Parameters:
    ///   - key: escaped.
    ///   - undo: the command that brings it back; nil for a key that was not there.
    public init(deleted key: String, undo: String?) {
        self.init(
            lines: undo.map { ["deleted \(key); undo with", "    \($0)"] } ?? ["\(key) was not there any more"],
            status: undo == nil ? .notDone : .done, hasChanged: undo != nil)
    }

    /// - Parameters:
    ///   - what: such as "flush session".
    ///   - isKnown: false where the request may have been carried out all the same.
    public init(failure what: String, words: String, isKnown: Bool) {
        let head = isKnown ? "not done" : "whether it was done is not known"
        self.init(
            lines: ["\(what): \(head): \(Printable.escape(words, limit: 300))"],
            status: isKnown ? .notDone : .halfWay, hasChanged: !isKnown)
    }
}
