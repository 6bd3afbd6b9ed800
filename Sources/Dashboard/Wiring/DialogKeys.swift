internal import CacheModel
internal import TerminalUI

/// A dialog gets the keys first; Esc always means no.
extension DashboardState {
    mutating func pressInDialog(_ key: Key) -> [Effect] {
        if key == .control("c") { return [.quit] }
        if key == .control("z") { return [.suspend] }
        if key == .control("l") { return [.redraw] }
        switch dialog {
        case .help, .detail: pressInText(key)
        case .themes(let selection, let before): return pressInThemes(key, selection, before)
        case .command(let field): return pressInCommand(key, field)
        case .filter(let field, let before): return pressInFilter(key, field, before)
        case .operation(let dialog): return pressInOperation(key, dialog)
        case nil: break
        }
        return []
    }

    /// A paste fills a field; it is never a command.
    mutating func paste(_ text: String, continues: Bool) {
        switch dialog {
        case .command(var field):
            field.paste(text)
            dialog = .command(field)
            return
        case .filter(var field, let before):
            field.paste(text)
            dialog = .filter(field, before: before)
            filter(by: field)
            return
        // What cannot be read is not filled in.
        case .operation(var dialog) where isLegible(dialog):
            let isTaken = dialog.paste(text, continues: continues)
            self.dialog = .operation(dialog)
            if isTaken { return }
        case .operation, .help, .themes, .detail, nil: break
        }
        say("There is no field to paste into; what comes all at once is no command", .warning)
    }

    /// Enter that came together with other keys opens and closes what is only looked at.
    mutating func breakLine() -> [Effect] {
        switch dialog {
        case nil: return press(.enter)
        case .help, .detail, .themes, .filter: return pressInDialog(.enter)
        case .command, .operation:
            say("Enter came at once with other keys, as in a paste: press it again", .warning)
            return []
        }
    }

    /// The wheel moves what is in front.
    mutating func scroll(by rows: Int) -> [Effect] {
        switch dialog {
        case .help, .detail: scrollText(by: rows)
        case .themes(let selection, _):
            return chooseTheme(max(0, min(options.themes.count - 1, selection &+ rows.signum())))
        case .operation(let dialog): return pressInOperation(rows < 0 ? .up : .down, dialog)
        case .command, .filter: break
        case nil:
            if let effects = moveInValue(rows < 0 ? .up : .down) { return effects }
            move(by: rows)
        }
        return []
    }

    // MARK: help, and lines in full

    private mutating func pressInText(_ key: Key) {
        let page = max(1, size.rows - 6)
        if key == .enter, let lead = leadOfDetail {
            dialog = nil
            return follow(lead)
        }
        switch key {
        case .escape, .enter, .character("q"), .character("?"), .function(1): dialog = nil
        case .up, .character("k"): scrollText(by: -1)
        case .down, .character("j"): scrollText(by: 1)
        case .pageUp: scrollText(by: -page)
        case .pageDown, .character(" "): scrollText(by: page)
        case .home, .character("g"): scrollText(by: .min)
        case .end, .character("G"): scrollText(by: .max)
        default: break
        }
    }

    private mutating func scrollText(by rows: Int) {
        func moved(_ offset: Int, _ last: Int) -> Int {
            let (sum, overflow) = offset.addingReportingOverflow(rows)
            return max(0, min(last, overflow ? (rows < 0 ? 0 : last) : sum))
        }
        switch dialog {
        case .help(let offset): dialog = .help(offset: moved(offset, Help(state: self).lastOffset))
        case .detail(let opened, let offset):
            dialog = .detail(opened, offset: moved(offset, DetailBox(state: self, opened: opened).lastOffset))
        default: break
        }
    }

    // MARK: themes

    private mutating func pressInThemes(_ key: Key, _ selection: Int, _ before: String) -> [Effect] {
        switch key {
        case .up, .character("k"): return chooseTheme(selection - 1)
        case .down, .character("j"): return chooseTheme(selection + 1)
        case .home, .character("g"): return chooseTheme(0)
        case .end, .character("G"): return chooseTheme(options.themes.count - 1)
        case .enter:
            dialog = nil
            say("Theme \(theme)")
        case .escape, .character("q"):
            dialog = nil
            return apply(theme: before)
        default: break
        }
        return []
    }

    /// Moves the picker's cursor; the screen shows the theme at once.
    mutating func chooseTheme(_ index: Int) -> [Effect] {
        guard case .themes(_, let before) = dialog, options.themes.indices.contains(index) else { return [] }
        dialog = .themes(selection: index, before: before)
        return apply(theme: options.themes[index])
    }

    // MARK: the command line

    private mutating func pressInCommand(_ key: Key, _ field: TextField) -> [Effect] {
        var field = field
        switch key {
        case .escape: dialog = nil
        case .enter:
            dialog = nil
            if let scalar = field.leftOut {
                say(
                    "Nothing is done: what was pasted holds \(Printable.escape(String(scalar))), which is not seen",
                    .warning)
                return []
            }
            return run(field.value)
        case .tab where field.leftOut == nil:
            dialog = .command(TextField(DashboardCommand.complete(field.value, vocabulary)))
        default:
            let wasEmpty = field.value.isEmpty
            _ = field.edit(key)
            dialog = wasEmpty && key == .backspace ? nil : .command(field)
        }
        return []
    }

    private mutating func run(_ text: String) -> [Effect] {
        let command = DashboardCommand.parse(text, vocabulary)
        switch command {
        case .failure(let problem): say(problem.message, .warning)
        case .success(.nothing): break
        case .success(.perform(let intent)): return perform(intent)
        case .success(.theme(let name)): return apply(theme: name)
        case .success(.replay(let order)): return ask(order)
        case .success(.record(let order)): return ask(order)
        case .success(.twin(let wish)): return askTwin(wish)
        case .success(.interval), .success(.operate), .success(.keys):
            guard !isReplay else {
                say("\(Self.noServer): nothing is asked, nothing is changed", .warning)
                return []
            }
            return askServer(command)
        case .success(.span(let index)): spanIndex = index
        case .success(.node(let address)): show(node: address)
        case .success(.clear):
            filters = [:]
            if keys.narrowing != nil { keys.open(keys.scope) }
            // What nobody has seen stays.
            if message?.isUntold != true { nextMessage() }
        }
        return []
    }

    private mutating func askServer(_ command: Result<DashboardCommand, DashboardCommand.Problem>) -> [Effect] {
        switch command {
        case .success(.interval(let interval)): return setInterval(interval)
        case .success(.operate(let order)): return operate(order)
        case .success(.keys(let scope)): browse(scope)
        default: break
        }
        return []
    }

    // MARK: the filter

    private mutating func pressInFilter(_ key: Key, _ field: TextField, _ before: String) -> [Effect] {
        var field = field
        switch key {
        case .escape:
            dialog = nil
            filter(by: TextField(before))
        case .enter:
            dialog = nil
            if screen == .keys { return acceptKeyFilter(field) }
            leaveNowhere()
        default:
            _ = field.edit(key)
            dialog = .filter(field, before: before)
            filter(by: field)
        }
        return []
    }

    private mutating func filter(by field: TextField) {
        // In an open value nothing is filtered before it is asked for.
        if screen == .keys, keys.isOpen { return }
        filters[screen] = field.value.isEmpty ? nil : field.value
    }
}
