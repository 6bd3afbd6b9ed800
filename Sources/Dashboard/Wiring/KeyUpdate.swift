internal import CacheModel
internal import TerminalUI

/// Browsing keys: what is asked for next, and where the cursor goes.
extension DashboardState {
    mutating func handle(_ event: KeyEvent) -> [Effect] {
        let anchors = anchors
        keys.record(event)
        follow(anchors)
        return lookFurther()
    }

    /// Asks for what the screen lacks: more keys below the cursor, the value of the selected one.
    mutating func lookFurther() -> [Effect] {
        guard screen == .keys, Detail(size) != .line, held == nil,
            latest?.isReachable == true
        else { return [] }
        if lists[.keys] == nil { lists[.keys] = ListState() }
        clampList(.keys)
        var effects: [Effect] = []
        let rows = keyRows
        let below = rows.count - (lists[.keys]?.selection ?? 0)
        if !keys.hasBegun || below < pageRows * 2, let more = keys.askForMore(wanted: max(50, pageRows * 2)) {
            effects.append(more)
        }
        if keys.isOpen || !keysLayout.value.isEmpty, let asked = keys.follow(selectedKey) { effects.append(asked) }
        return effects
    }

    mutating func browse(_ scope: KeyScope) -> [Effect] {
        keys.open(scope)
        lists[.keys] = ListState()
        filters[.keys] = nil
        screen = .keys
        return lookFurther()
    }

    /// Keys while a value has them.
    ///
    /// - Returns: nil for what goes on to the list as usual.
    mutating func moveInValue(_ intent: Intent) -> [Effect]? {
        guard screen == .keys, keys.isOpen else { return nil }
        let page = max(1, keysLayout.valueArea.rows)
        let count = keys.inspection.map { valueLines(of: $0).count } ?? 0
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
        case .back: keys.isOpen = false
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
        guard let key = selectedKey else {
            say("No key is selected")
            return []
        }
        if let words = readOnlyWords {
            say(words, .warning)
            return []
        }
        let name = Printable.escape(key, limit: 200)
        let kind: KeyDialog.Kind = intent == .deleteKey ? .delete : .lifetime
        return present(KeyDialog(key: key, name: name, kind: kind, isProtected: options.classifier.protects(key)))
    }
}
