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
    /// The same, where somebody has to be told that a file of ours is not what it should be.
    ///
    /// - Parameter words: nil where there is nothing to tell.
    public func noting(_ words: String?) -> Outcome {
        guard let words else { return self }
        return Outcome(
            lines: lines + ["  \(words)"], status: status == .done ? .notDone : status, hasChanged: hasChanged)
    }

    /// The same, for programs.
    public func told(as text: String) -> Outcome { Outcome(lines: [text], status: status, hasChanged: hasChanged) }

    public init(_ receipt: FlushReceipt) {
        self.init(
            lines: OperationWords.receipt(receipt),
            status: receipt.isWhole ? .done : receipt.isNothing ? .notDone : .halfWay,
            hasChanged: !receipt.isNothing)
    }

    public init(_ receipt: RepairReceipt) {
        self.init(
            lines: OperationWords.receipt(receipt),
            status: receipt.outcome.isDone ? .done : receipt.isNothing ? .notDone : .halfWay,
            hasChanged: !receipt.isNothing)
    }

    public init(_ receipt: UndoReceipt, isDryRun: Bool) {
        let isNothing = receipt.restored == 0 && !receipt.isUncertain
        self.init(
            lines: OperationWords.receipt(receipt, isDryRun: isDryRun),
            status: receipt.isWhole ? .done : !receipt.outcome.isDone && isNothing ? .notDone : .halfWay,
            hasChanged: !isDryRun && !isNothing)
    }

    /// - Parameter invocation: for the command that cuts a user off.
    public init(_ results: [RevocationResult], _ invocation: Invocation = Invocation()) {
        self.init(
            lines: [RevocationWords.head(results)]
                + results.map { "\(Printable.escape($0.token.id))  \($0.words)" }
                + RevocationWords.notes(results, cutOff: invocation.cutOff).map { "  \($0)" },
            status: results.allSatisfy(\.holds)
                ? .done : results.contains { !$0.holds && $0.isThere } ? .halfWay : .notDone,
            hasChanged: results.contains { $0.holds || $0.isThere })
    }

    public init(_ result: CutOffResult) {
        self.init(
            lines: [result.words] + RevocationWords.notes(result).map { "  \($0)" },
            status: result.holds ? .done : .notDone, hasChanged: result.holds)
    }

    public init(_ receipt: KillReceipt) {
        self.init(
            lines: receipt.words, status: receipt.isWhole ? .done : receipt.hasChanged ? .halfWay : .notDone,
            hasChanged: receipt.hasChanged)
    }

    /// What was lost and is written again.
    public init(_ results: [RevocationResult], _ cutOffs: [CutOffResult], _ invocation: Invocation) {
        let parts = (results.isEmpty ? [] : [Outcome(results, invocation)]) + cutOffs.map { Outcome($0) }
        self.init(
            lines: parts.flatMap(\.lines),
            status: parts.contains { $0.status == .halfWay }
                ? .halfWay : parts.allSatisfy { $0.status == .done } ? .done : .notDone,
            hasChanged: parts.contains(where: \.hasChanged))
    }

    /// - Parameter key: the one that was removed, escaped; nil for a user who was not cut off.
    public init(unrevokedUser user: String, key: String?) {
        self.init(
            lines: [key.map { "removed \($0)" } ?? "user \(Printable.escape(user, limit: 400)) is not cut off"],
            status: key == nil ? .notDone : .done, hasChanged: key != nil)
    }

    /// - Parameter invocation: for the command that lets a user in.
    public init(unrevoked id: String, _ done: Readmission, _ invocation: Invocation = Invocation()) {
        let removed = done.keys.map { "removed \($0)" }
        // Nobody asks for more of a token that is not there.
        let isAnybodys = removed.isEmpty && done.barrier == .userUnknown
        let notes = isAnybodys ? [] : done.barrier.notes(letIn: invocation.letIn)
        self.init(
            lines: (removed.isEmpty ? ["\(Printable.escape(id, limit: 400)) is not revoked"] : removed)
                + notes.map { "  \($0)" },
            status: removed.isEmpty ? .notDone : .done, hasChanged: !removed.isEmpty)
    }

    /// - Parameters:
    ///   - key: escaped.
    ///   - undo: the command that brings it back; nil for a key that was not there.
    ///   - objection: why the server would refuse that to this user; nil where it would not.
    public init(deleted key: String, undo: String?, objection: String? = nil) {
        let warning = objection.map { ["  \(OperationWords.undoRefused($0))"] } ?? []
        self.init(
            lines: undo.map { ["deleted \(key); undo with", "    \($0)"] + warning }
                ?? ["\(key) was not there any more"],
            status: undo == nil ? .notDone : .done, hasChanged: undo != nil)
    }

    /// - Parameter key: one that no journal can hold, escaped.
    public init(large key: String, bytes: Int, isGone: Bool) {
        let size = Format.bytes(ByteCount(bytes))
        self.init(
            lines: [
                isGone
                    ? "removed \(key), \(size), for good: no journal can hold it"
                    : "\(key) stays: \(size) are too large for a journal; it can be removed for good"
            ], status: isGone ? .done : .notDone, hasChanged: isGone)
    }

    /// - Parameters:
    ///   - what: such as "flush session".
    ///   - isKnown: false where the request may have been carried out all the same.
    ///   - isRefused: true where it was refused for safety.
    public init(failure what: String, words: String, isKnown: Bool, isRefused: Bool = false) {
        let head = isKnown ? "not done" : "whether it was done is not known"
        self.init(
            lines: ["\(what): \(head): \(Printable.escape(words, limit: Printable.longestSentence))"],
            status: !isKnown ? .halfWay : isRefused ? .refused : .notDone, hasChanged: !isKnown)
    }
}
