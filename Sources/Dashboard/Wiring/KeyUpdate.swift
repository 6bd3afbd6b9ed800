internal import CacheModel
internal import TerminalUI

/// Browsing keys: what is asked for next.
extension DashboardState {
    /// Asks for what the screen lacks: more keys below the cursor, the value of the selected one.
    mutating func lookFurther() -> [Effect] {
        guard screen == .keys, Detail(size) != .line, latest?.isReachable == true else { return [] }
        // What is held still brings no more keys, and no other value than one that was opened.
        guard held == nil else { return keys.follow(keys.opened).map { [$0] } ?? [] }
        var effects: [Effect] = []
        let below = rowCount(of: .keys) - (lists[.keys]?.selection ?? 0)
        if !keys.hasBegun || below < pageRows * 2, let more = keys.askForMore(wanted: max(50, pageRows * 2)) {
            effects.append(more)
        }
        if let wanted = wantedValue, let asked = keys.follow(wanted) { effects.append(asked) }
        return effects
    }

    /// The key whose value has room: the one that is open, else the one under the cursor.
    private var wantedValue: [UInt8]? {
        if let opened = keys.opened { return opened }
        guard !keysLayout.value.isEmpty, case .key(let key) = subject else { return nil }
        return key
    }

    /// Opens the value of the key under the cursor. While the figures are held, the value that is there stays, too.
    mutating func openValue() {
        guard case .key(let key) = subject else { return }
        guard let known = heldValue, known != key else { return keys.openValue(of: key) }
        keys.openValue(of: known)
        sayHeld(known)
    }

    /// Opens the value of the key that somebody has pointed at, and never another one's.
    mutating func openPointedValue() {
        guard case .key(let key) = subject else { return }
        if let known = heldValue, known != key { sayHeld(known) } else { keys.openValue(of: key) }
    }

    /// Whose value is at hand while no other is asked for.
    private var heldValue: [UInt8]? { held == nil ? nil : keys.knownKey }

    private mutating func sayHeld(_ key: [UInt8]) {
        say("Paused: the value stays that of \(Printable.escape(key, limit: 60)); p goes on", .warning)
    }

    mutating func browse(_ scope: KeyScope) {
        keys.open(scope)
        forgetCursor(of: .keys)
        filters[.keys] = nil
        screen = .keys
    }

    /// Keys while a value has them.
    ///
    /// - Returns: nil for what goes on to the list as usual.
    mutating func moveInValue(_ intent: Intent) -> [Effect]? {
        guard screen == .keys, keys.isOpen else { return nil }
        let page = max(1, keysLayout.valueArea.rows)
        let count = keys.shown.map { valueLines(of: $0).count } ?? 0
        let last = max(0, count - page)
        switch intent {
        case .up: keys.valueOffset = max(0, keys.valueOffset - 1)
        case .down: keys.valueOffset = min(last, keys.valueOffset + 1)
        case .first: keys.valueOffset = 0
        case .last: keys.valueOffset = last
        case .pageDown:
            if keys.valueOffset >= last { return keys.nextPage().map { [$0] } ?? [] }
            keys.valueOffset = min(last, keys.valueOffset + page)
        case .pageUp:
            if keys.valueOffset == 0 { return keys.previousPage().map { [$0] } ?? [] }
            keys.valueOffset = max(0, keys.valueOffset - page)
        case .back: keys.closeValue()
        default: return nil
        }
        return []
    }

    mutating func performOnKey(_ intent: Intent) -> [Effect] {
        switch intent {
        case .valueView:
            keys.view = keys.view.next
            keys.valueOffset = 0
            return []
        default: break
        }
        guard case .key(let key) = subject else {
            say(goneWords ?? "No key is selected")
            return []
        }
        if let words = readOnlyWords {
            say(words, .warning)
            return []
        }
        guard isDrawn(.key(key)) else {
            sayNew(.key(key))
            return []
        }
        let kind: KeyDialog.Kind = intent == .deleteKey ? .delete : .lifetime
        return present(
            KeyDialog(
                key: key, kind: kind, isProtected: options.classifier.protects(key), bytes: keys.bytes(of: key)))
    }
}
