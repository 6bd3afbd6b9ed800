internal import CacheModel
internal import TerminalUI

/// Browsing keys: what is asked for next.
extension DashboardState {
    /// Asks for what the screen lacks: more keys below the cursor, the value of the selected one.
    mutating func lookFurther() -> [Effect] {
        guard screen == .keys, !isReplay, Detail(size) != .line, latest?.isReachable == true else { return [] }
        // What is held still brings no more keys, and no other value than one that was opened.
        guard held == nil else { return keys.follow(keys.opened).map { [$0] } ?? [] }
        var effects: [Effect] = []
        let below = rowCount(of: .keys) - (lists[.keys]?.selection ?? 0)
        let isShort = below < pageRows * 2 && !isTypingKeyFilter
        if !keys.hasBegun || isShort || keys.isWalking, let more = keys.askForMore(wanted: max(50, pageRows * 2)) {
            effects.append(more)
        }
        if let wanted = wantedValue, let asked = keys.follow(wanted) { effects.append(asked) }
        if let more = keys.searchFurther() { effects.append(more) }
        return effects
    }

    /// What is typed filters what is there: only Enter asks the server.
    private var isTypingKeyFilter: Bool {
        if case .filter = dialog { filters[.keys] != nil } else { false }
    }

    /// What the footer says that is filtered by.
    var shownFilter: String? { filters[screen] ?? (screen == .keys ? keys.narrowing?.text : nil) }

    /// What the filter's field begins with.
    var filterText: String {
        guard screen == .keys else { return filters[screen] ?? "" }
        return keys.isOpen ? keys.search?.text ?? "" : filters[.keys] ?? keys.narrowing?.text ?? ""
    }

    /// Enter in the filter's field: from now on the server keeps to it, in the list or in the value that is open.
    mutating func acceptKeyFilter(_ field: TextField) -> [Effect] {
        filters[.keys] = nil
        if let leftOut = field.leftOut {
            say(
                "Nothing is asked: what was pasted holds \(Printable.escape(String(leftOut))), which is not seen",
                .warning)
            return []
        }
        if keys.isOpen { return searchValue(for: field.value) }
        let narrowing = field.value.isEmpty ? nil : KeyNarrowing(field.value)
        guard narrowing != keys.narrowing else {
            if keys.isHalted { _ = keys.toggleWalk() }
            return []
        }
        keys.open(keys.scope, narrowedTo: narrowing)
        forgetCursor(of: .keys)
        return []
    }

    private mutating func searchValue(for text: String) -> [Effect] {
        if text.isEmpty { return keys.dropSearch().map { [$0] } ?? [] }
        guard held == nil else {
            say("Paused: p goes on", .warning)
            return []
        }
        guard let type = keys.shown?.type, type.isSearchable else {
            let name = keys.shown.map { "a \($0.typeName)" } ?? "it"
            say("Servers look in hashes, sets and sorted sets only, not in \(name)")
            return []
        }
        return keys.search(for: ValueSearch(text)).map { [$0] } ?? []
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
        let last = max(0, (shownValue?.lines.count ?? 0) - page)
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
        case .back:
            if let effect = keys.dropSearch() { return [effect] }
            keys.closeValue()
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
        let rule = options.classifier.classify(key).map { options.classifier.rules[$0.namespace] }
        var dialog = KeyDialog(
            key: key, kind: kind, isProtected: options.classifier.protects(key), rule: rule, row: row(of: key),
            bytes: keys.bytes(of: key))
        if let known = keys.inspection { dialog.learn(known) }
        let effects = present(dialog)
        // Its time to live is to be the one of now.
        guard kind == .lifetime, held == nil, !isFresh(key), let asked = keys.refresh(key) else { return effects }
        return effects + [asked]
    }

    /// Whether the server was asked a moment ago.
    private func isFresh(_ key: [UInt8]) -> Bool {
        guard let known = keys.inspection, known.key == key, let asked = known.askedAt else { return false }
        return now - asked < .seconds(5)
    }

    /// What a look at keys has brought, for the list and for a dialog about the key.
    mutating func record(_ event: KeyEvent) {
        keys.record(event)
        guard case .inspected(let inspection, _) = event, keys.inspection?.key == inspection.key,
            case .operation(let dialog) = dialog, var dialog = dialog as? KeyDialog
        else { return }
        dialog.learn(inspection)
        self.dialog = .operation(dialog)
    }

    /// What the list says of the key under the cursor.
    private func row(of key: [UInt8]) -> KeyFacts? {
        let (rows, index) = (keyRows, lists[.keys]?.selection ?? 0)
        guard rows.indices.contains(index), rows[index].name == key else { return nil }
        return rows[index].facts
    }
}
