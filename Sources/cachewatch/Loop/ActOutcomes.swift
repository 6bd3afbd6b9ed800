internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard

/// What acts have come to, for whoever reads it when the screen is gone.
struct ActOutcomes: Sendable {
    let invocation: Invocation

    /// nil for what has changed nothing by its nature.
    func outcome(of event: OperationEvent) -> Outcome? {
        switch event {
        case .flushed(let receipt): Outcome(receipt)
        case .repaired(let receipt): Outcome(receipt)
        case .undone(let receipt, isDryRun: false): Outcome(receipt, isDryRun: false)
        case .revoked(let results, let cutOffs): Outcome(results, cutOffs, invocation)
        case .cutOff(let result): Outcome(result)
        case .unrevokedUser(let user, let key): Outcome(unrevokedUser: user, key: key)
        case .unrevoked(let id, let keys, let barrier):
            Outcome(unrevoked: id, Readmission(keys: keys, barrier: barrier), invocation)
        case .keyChanged(let key, let words):
            Outcome(lines: [words] + wholeName(key, words), status: .done, hasChanged: true)
        case .keyMissing(let key): Outcome(deleted: name(key), undo: nil)
        case .keyDeleted(let key, let journal, let objection):
            Outcome(deleted: name(key), undo: journal.map(invocation.undo), objection: objection)
        case .keyGone(let key, let bytes): Outcome(large: name(key), bytes: bytes, isGone: true)
        case .keyTooLarge(let key, let bytes): Outcome(large: name(key), bytes: bytes, isGone: false)
        case .killed(let receipt): Outcome(receipt)
        case .undone, .access, .accessUnknown, .progress, .flushPlanned, .repairPlanned, .layout, .listed, .journals,
            .failed, .killPlanned:
            nil
        }
    }

    /// Whole, as far as anybody could read it: it is what other commands take.
    private func name(_ key: [UInt8]) -> String { Printable.escape(key, limit: 2000) }

    /// A line of its own where the words, which are for a line of the screen, have no room for it.
    private func wholeName(_ key: [UInt8], _ words: String) -> [String] {
        words.contains(name(key)) ? [] : ["  \(name(key))"]
    }

    /// nil where there was nothing to do but to look.
    func failure(_ undertaking: Undertaking, _ error: CacheError) -> Outcome? {
        guard undertaking.kind != .look else { return nil }
        let isOpen = leavesOpen(undertaking, error)
        var outcome = Outcome(
            failure: undertaking.name, words: error.advice, isKnown: !isOpen, isRefused: error.status == .refused)
        if isOpen { outcome.lines += undertaking.journalLines }
        return outcome
    }

    private func leavesOpen(_ undertaking: Undertaking, _ error: CacheError) -> Bool {
        error.leavesOpen && !undertaking.isUntouched(isThere: Departure.isThere)
    }

    /// Where what it may have removed would be; nil where it is certain that it was not done.
    func doubt(_ undertaking: Undertaking, _ error: CacheError) -> String? {
        guard undertaking.kind != .look, leavesOpen(undertaking, error) else { return nil }
        return undertaking.journalLines.map { $0.drop { $0 == " " } }.joined(separator: " ")
    }

    /// For the screen; where the journal would be is part of the words.
    func failed(_ kind: OperationKind, _ undertaking: Undertaking, _ error: CacheError) -> OperationEvent {
        let doubt = doubt(undertaking, error)
        let rest = doubt.map { $0.isEmpty ? "" : "; \($0)" } ?? ""
        return .failed(kind, error.advice + rest, doubt: doubt)
    }
}
