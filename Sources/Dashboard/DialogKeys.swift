internal import CacheModel
internal import TerminalUI

/// A dialog gets the keys first; Esc always means no.
extension DashboardState {
    mutating func pressInDialog(_ key: Key) -> [Effect] {
        if key == .control("c") { return [.quit] }
        if key == .control("z") { return [.suspend] }
        switch dialog {
        case .help(let offset): pressInHelp(key, offset)
        case .themes(let selection, let before): return pressInThemes(key, selection, before)
        case .command(let field): return pressInCommand(key, field)
        case .filter(let field, let before): pressInFilter(key, field, before)
        case .detail: if [.escape, .enter, .character("q")].contains(key) { dialog = nil }
        case nil: break
        }
        return []
    }

    mutating func paste(_ text: String) {
        switch dialog {
        case .command(var field):
            field.insert(text)
            dialog = .command(field)
        case .filter(var field, let before):
            field.insert(text)
            filters[screen] = field.value
            dialog = .filter(field, before: before)
        default: break
        }
    }

    private mutating func pressInHelp(_ key: Key, _ offset: Int) {
        switch key {
        case .escape, .enter, .character("q"), .character("?"), .function(1): dialog = nil
        case .up, .character("k"): dialog = .help(offset: max(0, offset - 1))
        case .down, .character("j"): dialog = .help(offset: offset + 1)
        case .pageUp: dialog = .help(offset: max(0, offset - 10))
        case .pageDown: dialog = .help(offset: offset + 10)
        case .home: dialog = .help(offset: 0)
        default: break
        }
        if case .help(let offset) = dialog { dialog = .help(offset: min(offset, Help.lastOffset(in: size))) }
    }

    private mutating func pressInThemes(_ key: Key, _ selection: Int, _ before: String) -> [Effect] {
        switch key {
        case .up, .character("k"): return chooseTheme(selection - 1)
        case .down, .character("j"): return chooseTheme(selection + 1)
        case .home: return chooseTheme(0)
        case .end: return chooseTheme(options.themes.count - 1)
        case .enter:
            dialog = nil
            say("Theme \(theme)")
        case .escape, .character("q"):
            dialog = nil
            guard theme != before else { return [] }
            theme = before
            return [.applyTheme(before)]
        default: break
        }
        return []
    }

    /// Moves the picker's cursor; the screen shows the theme at once.
    mutating func chooseTheme(_ index: Int) -> [Effect] {
        guard case .themes(_, let before) = dialog, options.themes.indices.contains(index) else { return [] }
        dialog = .themes(selection: index, before: before)
        guard options.themes[index] != theme else { return [] }
        theme = options.themes[index]
        return [.applyTheme(theme)]
    }

    private mutating func pressInCommand(_ key: Key, _ field: TextField) -> [Effect] {
        var field = field
        switch key {
        case .escape: dialog = nil
        case .enter:
            dialog = nil
            return run(field.value)
        case .tab: dialog = .command(TextField(DashboardCommand.complete(field.value, themes: options.themes)))
        default:
            let wasEmpty = field.value.isEmpty
            _ = field.edit(key)
            dialog = wasEmpty && key == .backspace ? nil : .command(field)
        }
        return []
    }

    private mutating func run(_ text: String) -> [Effect] {
        switch DashboardCommand.parse(text, themes: options.themes) {
        case .failure(let problem):
            say(problem.message, .warning)
            return []
        case .success(.nothing): return []
        case .success(.perform(let intent)): return perform(intent)
        case .success(.theme(let name)):
            theme = name
            return [.applyTheme(name)]
        case .success(.interval(let interval)): return setInterval(interval)
        case .success(.span(let index)):
            spanIndex = index
            return []
        }
    }

    private mutating func pressInFilter(_ key: Key, _ field: TextField, _ before: String) {
        var field = field
        switch key {
        case .escape:
            dialog = nil
            filters[screen] = before.isEmpty ? nil : before
        case .enter: dialog = nil
        default:
            _ = field.edit(key)
            filters[screen] = field.value.isEmpty ? nil : field.value
            dialog = .filter(field, before: before)
        }
        clampList(screen)
    }
}
