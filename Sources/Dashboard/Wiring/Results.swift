internal import CacheModel
internal import TerminalUI

/// What comes of acts: a dialog takes only its own, and all else is told with the name of what it is about.
extension DashboardState {
    mutating func handle(_ event: OperationEvent, _ ticket: Ticket) -> [Effect] {
        let act = underWay[ticket]
        if event.isLast {
            underWay[ticket] = nil
            alerts.endRemoval(ticket.number, at: elapsed)
        }
        remember(event, act, ticket)
        var isTold = false
        if case .operation(var dialog) = dialog, dialog.bond.tickets.contains(ticket) {
            isTold = dialog.handle(event)
            if drawn != nil, isTold, event.isPlan { unread = .plan }
            self.dialog = dialog is KeyDialog && event.endsKeyDialog ? nil : .operation(dialog)
        }
        if let index = background.firstIndex(where: { $0.bond.tickets.contains(ticket) }) {
            isTold = handleBehind(event, index)
        }
        if !isTold { report(event, act, ticket) }
        // It is told when that was drawn.
        if isTold, event.isLast, act?.name != nil { unseen.insert(ticket) }
        return follow(event, act)
    }

    /// What goes on behind the screens comes to the front when it has ended, unless something else is there.
    private mutating func handleBehind(_ event: OperationEvent, _ index: Int) -> Bool {
        let isHeard = background[index].handle(event)
        guard event.isLast else { return isHeard }
        let ended = background.remove(at: index)
        guard isHeard, dialog == nil else { return false }
        dialog = .operation(ended)
        unread = drawn == nil ? .nothing : .receipt
        return true
    }

    private mutating func remember(_ event: OperationEvent, _ act: Act?, _ ticket: Ticket) {
        switch event {
        case .access(let words):
            if let newest = accessTicket, ticket.number < newest.number { return }
            denial = words
        case .accessUnknown:
            if ticket == accessTicket { askedAccess = AskedAccess() }
        case .flushed(let receipt) where !receipt.isNothing:
            note("flush \(receipt.scope.words)", journal: receipt.journal)
        case .repaired(let receipt) where receipt.given + receipt.shortened > 0:
            note("repair \(receipt.scope.words)", journal: receipt.journal)
        case .keyDeleted(let key, let journal?, _): note("delete \(Printable.escape(key, limit: 60))", journal: journal)
        case .keyGone(let key, _): note("delete \(Printable.escape(key, limit: 60))", journal: nil)
        case .keyChanged(let key, _): note("TTL of \(Printable.escape(key, limit: 60))", journal: nil)
        case .unrevoked(let id, let keys, _) where !keys.isEmpty:
            note("un-revoke \(Printable.escape(id, limit: 60))", journal: nil)
        case .revoked(let results, let cutOffs)
        where results.contains(where: \.hasChanged) || cutOffs.contains { $0.state == .written }:
            note(act?.name ?? "revoke", journal: nil)
        case .cutOff(let result) where result.state == .written:
            note("cut off user \(Printable.escape(result.cutOff.user, limit: 60))", journal: nil)
        case .unrevokedUser(let user, .some):
            note("let in user \(Printable.escape(user, limit: 60))", journal: nil)
        case .killed(let receipt) where receipt.hasChanged: note(act?.name ?? "kill", journal: nil)
        case .failed(let kind, _, let doubt?) where kind != .undo:
            if let name = act?.name { note(name, journal: nil, doubt: doubt) }
        default: break
        }
    }

    /// `:undo` takes the last change back, or says that nothing does.
    private mutating func note(_ name: String, journal: String?, doubt: String? = nil) {
        lastChange = LastChange(name: name, journal: journal, doubt: doubt)
        lastJournal = journal ?? lastJournal
    }

    /// Says what no dialog waits for.
    private mutating func report(_ event: OperationEvent, _ act: Act?, _ ticket: Ticket) {
        switch event {
        case .flushed(let receipt) where dialog == nil:
            present(NamespaceDialog(.flush, receipt.scope, NamespaceDialog.ended(receipt)), of: ticket)
        case .repaired(let receipt) where dialog == nil:
            present(NamespaceDialog(.repair, receipt.scope, NamespaceDialog.ended(receipt)), of: ticket)
        case .flushed(let receipt):
            report(OperationWords.receipt(receipt)[0], receipt.journal, receipt.undoObjection, ticket)
        case .repaired(let receipt):
            report(OperationWords.receipt(receipt)[0], receipt.journal, receipt.undoObjection, ticket)
        case .undone(let receipt, isDryRun: false):
            tell(
                OperationWords.receipt(receipt, isDryRun: false)[0], receipt.isWhole ? .good : .warning, of: ticket)
        case .revoked(let results, let cutOffs):
            let isWhole = results.allSatisfy(\.holds) && cutOffs.allSatisfy(\.holds)
            tell(words(of: results, cutOffs), isWhole ? .good : .critical, of: ticket)
        case .cutOff(let result):
            let name = "user \(Printable.escape(result.cutOff.user, limit: 60))"
            tell("\(name): \(Printable.escape(result.words, limit: 300))", result.holds ? .good : .critical, of: ticket)
        case .unrevokedUser(let user, let key):
            tell(
                "user \(Printable.escape(user, limit: 60)) \(key == nil ? "was not cut off" : "is let in again")",
                of: ticket)
        case .unrevoked(let id, let keys, let barrier):
            let fate = keys.isEmpty ? "was not revoked" : "is taken off"
            let rest = barrier.user == nil ? "" : barrier.words.map { "; \($0)" } ?? ""
            tell("\(Printable.escape(id, limit: 60)) \(fate)\(rest)", of: ticket)
        case .keyChanged(_, let words): tell(words, of: ticket)
        case .keyMissing(let key): tell(missing(key), .warning, of: ticket)
        case .keyDeleted(let key, nil, _): tell(missing(key), of: ticket)
        case .keyDeleted(let key, .some, let objection):
            tell(
                "Deleted \(Printable.escape(key, limit: 60)); \(wayBack(objection))",
                objection == nil ? .info : .warning, of: ticket)
        case .keyGone(let key, let bytes):
            tell(
                "Removed \(Printable.escape(key, limit: 60)), \(Format.bytes(ByteCount(bytes))), for good", .warning,
                of: ticket)
        case .keyTooLarge(let key, let bytes):
            tell(
                "\(Printable.escape(key, limit: 60)) stays: \(Format.bytes(ByteCount(bytes))) are too large for a journal; "
                    + "d can remove it for good", .warning, of: ticket)
        case .killed(let receipt):
            tell(
                "\(act?.name ?? "kill"): \(receipt.words.joined(separator: "; "))",
                receipt.isWhole ? .good : .warning, of: ticket)
        case .failed(_, let words, _):
            // What was only looked for was for a dialog that is closed.
            guard let act else { return tell(Printable.escape(words, limit: 300), .warning, of: ticket) }
            if let name = act.name { tell("\(name): \(Printable.escape(words, limit: 300))", .warning, of: ticket) }
        case .access, .accessUnknown, .progress, .flushPlanned, .repairPlanned, .undone, .layout, .listed, .journals,
            .killPlanned:
            break
        }
    }

    private mutating func present(_ receipt: NamespaceDialog, of ticket: Ticket) {
        var receipt = receipt
        receipt.bond.add(ticket)
        dialog = .operation(receipt)
        unseen.insert(ticket)
    }

    /// With the token's name, where it is one; in few words under a dialog, which may be about another one.
    private func words(of results: [RevocationResult], _ cutOffs: [CutOffResult]) -> String {
        let words = Printable.escape(RevocationWords.line(results, cutOffs), limit: 300)
        guard let only = results.first, results.count == 1 else { return words }
        let fate = dialog != nil && only.holds && cutOffs.isEmpty ? "holds" : words
        return "\(Printable.escape(only.token.id, limit: 60)) \(fate)"
    }

    private func missing(_ key: [UInt8]) -> String { "\(Printable.escape(key, limit: 60)) was not there any more" }

    private mutating func report(_ words: String, _ journal: String?, _ objection: String?, _ ticket: Ticket) {
        tell(journal == nil ? words : "\(words); \(wayBack(objection))", .warning, of: ticket)
    }

    /// Nobody is promised an undo that the server would refuse.
    private func wayBack(_ objection: String?) -> String {
        objection.map(OperationWords.undoRefused) ?? ":undo brings it back"
    }

    /// What is to be looked at again.
    private mutating func follow(_ event: OperationEvent, _ act: Act?) -> [Effect] {
        switch event {
        case .flushed, .repaired, .undone(_, isDryRun: false):
            keys.reopen()
            guard namespaces.work == .none else { return [] }
            namespaces.work = .estimating
            return [.estimate]
        case .keyChanged(let key, _):
            if case .setLifetime(key, let lifetime, _)? = act {
                keys.note(lifetime.map { .milliseconds(($0 / .milliseconds(1)).whole) } ?? .never, of: key)
            }
            return keys.again(key).map { [$0] } ?? []
        case .keyDeleted(let key, _, _), .keyMissing(let key), .keyGone(let key, _):
            keys.remove(key)
            return []
        default: return []
        }
    }
}

extension OperationEvent {
    /// True for what is confirmed next.
    fileprivate var isPlan: Bool {
        switch self {
        case .flushPlanned, .repairPlanned, .killPlanned, .undone(_, isDryRun: true): true
        default: false
        }
    }

    /// True where there is nothing more to say in the dialog of a key than a line tells.
    fileprivate var endsKeyDialog: Bool {
        switch self {
        case .keyChanged, .keyMissing, .keyDeleted, .keyGone: true
        default: false
        }
    }
}
