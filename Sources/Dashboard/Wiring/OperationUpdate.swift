internal import CacheModel
internal import TerminalUI

/// Acting: who may, which dialog comes, and what comes of it.
extension DashboardState {
    /// Asks whether this user may change anything: once a connection, and anew where another server answers, one that
    /// has another role now, or one that was away.
    mutating func askAccess(_ snapshot: Snapshot) -> [Effect] {
        guard !options.readOnly, askedAccess.takeIn(snapshot), snapshot.isReachable else { return [] }
        return [.findAccess]
    }

    // MARK: what is asked for

    mutating func act(_ intent: Intent) -> [Effect] {
        if let words = readOnlyWords {
            say(words, .warning)
            return []
        }
        switch intent {
        case .flush, .repair:
            guard let name = selectedNamespace else {
                let command = intent == .flush ? "flush " : "repair "
                dialog = .command(TextField(command))
                return []
            }
            return operate(intent == .flush ? .flush(name) : .repair(name))
        case .revoke: return operate(.revoke(""))
        case .rewriteLost:
            guard hasLostRevocations else {
                say("No revocation is lost")
                return []
            }
            say("Writing lost revocations again")
            return [.rewriteLost]
        default: return []
        }
    }

    /// The namespace that the screen is about; nil where it is about none, or none that has rules.
    private var selectedNamespace: String? {
        let name: String?
        switch screen {
        case .namespaces:
            let rows = namespaceRows
            let selection = lists[.namespaces]?.selection ?? 0
            name = namespaces.opened ?? (rows.indices.contains(selection) ? rows[selection].name : nil)
        case .keys:
            if case .namespace(let scope) = keys.scope { name = scope } else { name = nil }
        default: name = nil
        }
        return name.flatMap { vocabulary.namespaces.contains($0) ? $0 : nil }
    }

    mutating func operate(_ order: OperationOrder) -> [Effect] {
        if let words = readOnlyWords, order != .listRevoked {
            say(words, .warning)
            return []
        }
        switch order {
        case .flush(let name):
            let dialog = NamespaceDialog(.flush, name)
            return present(dialog, dialog.beginning)
        case .repair(let name):
            let dialog = NamespaceDialog(.repair, name)
            return present(dialog, dialog.beginning)
        case .revoke(let token): return present(RevokeDialog(token), .findLayout)
        case .unrevoke(let id): return present(UnrevokeDialog(id: id))
        case .listRevoked: return present(RevokedDialog(), .listRevoked)
        case .undo(let path):
            let dialog = UndoDialog(path: path)
            return present(dialog, dialog.beginning)
        }
    }

    mutating func present(_ dialog: any OperationDialog, _ effect: Effect? = nil) -> [Effect] {
        guard Detail(size) != .line else {
            say("The screen is too small to act", .warning)
            return []
        }
        self.dialog = .operation(dialog)
        return effect.map { [$0] } ?? []
    }

    mutating func browseSelection() -> [Effect] {
        guard screen == .namespaces else { return [] }
        guard let name = selectedNamespace else {
            say("Only a namespace with rules can be listed; :keys PATTERN lists others", .warning)
            return []
        }
        return browse(.namespace(name))
    }

    // MARK: keys in a dialog

    mutating func pressInOperation(_ key: Key, _ dialog: any OperationDialog) -> [Effect] {
        // What cannot be read is not confirmed.
        guard Detail(size) != .line || key == .escape else { return [] }
        var dialog = dialog
        let step = dialog.press(key, in: self)
        self.dialog = .operation(dialog)
        switch step {
        case .stay: return []
        case .act(let effect):
            if case .copy = effect { say("Copied") }
            return [effect]
        case .close(let effect):
            self.dialog = nil
            return (effect.map { [$0] } ?? []) + lookFurther()
        case .turn(let next, let effect):
            self.dialog = .operation(next)
            return effect.map { [$0] } ?? []
        }
    }

    // MARK: what comes of it

    mutating func handle(_ event: OperationEvent) -> [Effect] {
        remember(event)
        var isHandled = false
        if case .operation(var dialog) = dialog {
            isHandled = dialog.handle(event)
            self.dialog = .operation(dialog)
        }
        if !isHandled { report(event) }
        return follow(event)
    }

    private mutating func remember(_ event: OperationEvent) {
        switch event {
        case .access(let words): denial = words
        case .flushed(let receipt): lastJournal = receipt.journal ?? lastJournal
        case .repaired(let receipt): lastJournal = receipt.journal ?? lastJournal
        case .keyDeleted(_, let journal): lastJournal = journal ?? lastJournal
        default: break
        }
    }

    /// Says what no dialog waits for.
    private mutating func report(_ event: OperationEvent) {
        switch event {
        case .flushed(let receipt) where dialog == nil:
            dialog = .operation(NamespaceDialog(.flush, receipt.namespace, NamespaceDialog.ended(receipt)))
        case .repaired(let receipt) where dialog == nil:
            dialog = .operation(NamespaceDialog(.repair, receipt.namespace, NamespaceDialog.ended(receipt)))
        case .flushed(let receipt): report(OperationWords.receipt(receipt)[0], journal: receipt.journal)
        case .repaired(let receipt): report(OperationWords.receipt(receipt)[0], journal: receipt.journal)
        case .undone(let receipt, isDryRun: false):
            say(OperationWords.receipt(receipt, isDryRun: false)[0], receipt.isWhole ? .good : .warning)
        case .revoked(let results):
            let held = results.count(where: \.holds)
            let lines = results.count == 1 ? [results[0].words] : ["\(held) of \(results.count) tokens hold"]
            say(Printable.escape(lines[0], limit: 200), held == results.count ? .good : .critical)
        case .unrevoked(let id, let keys):
            say("\(Printable.escape(id, limit: 60)) \(keys.isEmpty ? "was not revoked" : "is taken off")")
        case .failed(.layout, _): break
        case .failed(_, let words): say(Printable.escape(words, limit: 300), .warning)
        default: break
        }
    }

    private mutating func report(_ words: String, journal: String?) {
        say(journal == nil ? words : "\(words); :undo brings it back", .warning)
    }

    /// What is to be looked at again.
    private mutating func follow(_ event: OperationEvent) -> [Effect] {
        switch event {
        case .flushed, .undone(_, isDryRun: false):
            keys.open(keys.scope)
            guard namespaces.work == .none else { return lookFurther() }
            namespaces.work = .estimating
            return [.estimate] + lookFurther()
        case .keyChanged(let key, let words):
            closeKeyDialog(key)
            say(words)
            return keys.again().map { [$0] } ?? []
        case .keyDeleted(let key, let journal):
            closeKeyDialog(key)
            say(
                journal == nil
                    ? "\(Printable.escape(key, limit: 60)) was not there any more"
                    : "Deleted \(Printable.escape(key, limit: 60)); :undo brings it back")
            keys.remove(key)
            clampList(.keys)
            return lookFurther()
        default: return []
        }
    }

    private mutating func closeKeyDialog(_ key: [UInt8]) {
        if case .operation(let open) = dialog, let open = open as? KeyDialog, open.key == key { dialog = nil }
    }
}
