internal import CacheModel
internal import TerminalUI

/// Acting: who may, which dialog comes, and what comes of it.
extension DashboardState {
    /// Asks whether this user may change anything: once a connection, and anew where another server answers, one that
    /// has another role now, or one that was away.
    mutating func askAccess(_ snapshot: Snapshot) -> [Effect] {
        guard !options.readOnly, askedAccess.takeIn(snapshot), snapshot.isReachable else { return [] }
        let effect = send(.findAccess)
        accessTicket = Ticket(lastTicket)
        return [effect]
    }

    // MARK: what is asked for

    mutating func act(_ intent: Intent) -> [Effect] {
        if let words = readOnlyWords {
            say(words, .warning)
            return []
        }
        switch intent {
        case .flush, .repair:
            guard let scope = subjectScope else {
                if screen == .namespaces, let goneWords {
                    say(goneWords)
                    return []
                }
                let command = intent == .flush ? "flush " : "repair "
                dialog = .command(TextField(command))
                return []
            }
            guard screen == .keys || subject.map(isDrawn) ?? true else {
                if let subject { sayNew(subject) }
                return []
            }
            return operate(intent == .flush ? .flush(scope) : .repair(scope))
        case .revoke: return operate(.revoke(""))
        case .kill:
            guard let selection = killSelection else {
                say(goneWords ?? "Choose a group or a connection: on 5", .warning)
                return []
            }
            if case .alert = subject, let subject, !isDrawn(subject) {
                sayNew(subject)
                return []
            }
            return operate(.kill(selection))
        case .rewriteLost:
            guard hasLostRevocations else {
                say("No revocation is lost")
                return []
            }
            say("Writing lost revocations again")
            return [send(.rewriteLost)]
        default: return []
        }
    }

    /// Sends an act, with a ticket that all that comes of it will carry.
    private mutating func send(_ act: Act, shownOn place: Place? = nil) -> Effect {
        lastTicket += 1
        let ticket = Ticket(lastTicket)
        underWay[ticket] = act
        let namespaces = act.takenNamespaces(options.classifier)
        if !namespaces.isEmpty { alerts.beginRemoval(ticket.number, of: namespaces, at: elapsed) }
        return .act(act, ticket, shownOn: act.isBoundToPlace ? place : nil)
    }

    mutating func operate(_ order: OperationOrder) -> [Effect] {
        if let words = readOnlyWords, order.acts {
            say(words, .warning)
            return []
        }
        switch order {
        case .flush(let scope):
            let dialog = NamespaceDialog(.flush, scope)
            return present(dialog, dialog.beginning)
        case .repair(let scope):
            let dialog = NamespaceDialog(.repair, scope)
            return present(dialog, dialog.beginning)
        case .revoke(let token): return present(RevokeDialog(token), .findLayout)
        case .unrevoke(let token): return present(UnrevokeDialog(.token(token.id), claims: token))
        case .listRevoked: return present(RevokedDialog(), .listRevoked)
        case .listJournals: return present(JournalsDialog(), .listJournals)
        case .undo(let path):
            let dialog = UndoDialog(path: path)
            return present(dialog, dialog.beginning)
        case .kill(let selection):
            let dialog = KillDialog(selection)
            return present(dialog, dialog.beginning)
        }
    }

    /// Opens a dialog, bound to what is shown now.
    mutating func present(_ dialog: any OperationDialog, _ act: Act? = nil) -> [Effect] {
        guard Detail(size) != .line else {
            say("The screen is too small to act", .warning)
            return []
        }
        return open(dialog, act)
    }

    private mutating func open(_ dialog: any OperationDialog, _ act: Act?) -> [Effect] {
        var dialog = dialog
        dialog.bond.place = place
        let effect = act.map { send($0, from: &dialog) }
        self.dialog = .operation(dialog)
        return effect.map { [$0] } ?? []
    }

    private mutating func send(_ act: Act, from dialog: inout any OperationDialog) -> Effect {
        let effect = send(act, shownOn: dialog.bond.place)
        dialog.bond.add(Ticket(lastTicket))
        return effect
    }

    mutating func browseSelection() {
        guard screen != .keys else { return }
        if let goneWords { return say(goneWords) }
        guard let scope = subjectScope else {
            return say("These keys have nothing in common; :keys PATTERN lists some", .warning)
        }
        leave()
        browse(scope)
    }

    // MARK: keys in a dialog

    /// They confirm nothing, and are there at every size.
    private static let harmless: Set<Key> = [.escape, .tab, .backTab, .up, .down]

    /// What cannot be read is not confirmed.
    func isLegible(_ dialog: any OperationDialog) -> Bool {
        Detail(size) != .line && dialog.box(in: self).showsSubject
    }

    mutating func pressInOperation(_ key: Key, _ dialog: any OperationDialog) -> [Effect] {
        let isRead = unread == .nothing || unread == .plan && key != .enter
        guard Self.harmless.contains(key) || isLegible(dialog) && isRead else { return [] }
        var pressed = dialog
        let step = pressed.press(key, in: self)
        // Also where that was learnt after it was opened.
        if step.acts, let words = readOnlyWords {
            say(words, .warning)
            return []
        }
        if case .act(let act) = step, act.isBoundToPlace, let shown = dialog.bond.place, shown != place {
            say("Other servers answer now than when this was opened: close it, and look again", .warning)
            return []
        }
        let last = pressed.bond.tickets.last
        defer { self.dialog = nextDialog(step, pressed) }
        switch step {
        case .stay: return []
        case .act(let act):
            if act.isLong, let name = waitsFor { say("It begins when this is over: \(name)") }
            return [send(act, from: &pressed)]
        case .stop: return last.map { [.stop($0)] } ?? []
        case .hurry: return last.map { [.hurry($0)] } ?? []
        case .drop: return last.map { [.drop($0)] } ?? []
        case .copy(let text):
            say("Copied")
            return [.copy(text)]
        case .close:
            sayUnderWay(pressed)
            return []
        case .hide:
            background.append(pressed)
            say("It goes on; the first line shows how far, x asks whether to stop it")
            return []
        case .turn(let next, let act):
            pressed = next
            pressed.bond.place = place
            return act.map { [send($0, from: &pressed)] } ?? []
        }
    }

    private func nextDialog(_ step: DialogStep, _ dialog: any OperationDialog) -> Dialog? {
        switch step {
        case .close, .drop, .hide: nil
        case .stay, .act, .stop, .hurry, .copy, .turn: .operation(dialog)
        }
    }

    /// Brings what goes on behind the screens to the front, with the question whether it is to stop.
    ///
    /// - Returns: false where nothing does.
    mutating func showBackground() -> Bool {
        guard Detail(size) != .line, !background.isEmpty else { return false }
        // Whoever hides it again gets to the next one: the longest there, which runs while others wait, comes first.
        var dialog = background.removeFirst()
        dialog.askToStop()
        self.dialog = .operation(dialog)
        return true
    }

    /// What an act that takes long would wait for, in words; nil where it begins at once.
    private var waitsFor: String? {
        underWay.filter(\.value.isLong).max { $0.key.number < $1.key.number }?.value.name
    }

    /// What runs behind the screens, and how many others wait there.
    var backgroundAct: (name: String, progress: OperationProgress?, others: Int)? {
        let dialogs = background.compactMap { dialog in
            dialog.bond.tickets.last { underWay[$0]?.name != nil }.map { (dialog: dialog, ticket: $0) }
        }
        guard let first = dialogs.min(by: { $0.ticket.number < $1.ticket.number }),
            let name = underWay[first.ticket]?.name
        else { return nil }
        return (SecretFilter.redact(name), first.dialog.running?.progress, background.count - 1)
    }

    /// Whoever closes a dialog whose act goes on is told that it does.
    private mutating func sayUnderWay(_ dialog: any OperationDialog) {
        guard let name = dialog.bond.tickets.compactMap({ underWay[$0]?.name }).last else { return }
        say("Under way: \(name). What comes of it is said here")
    }
}
