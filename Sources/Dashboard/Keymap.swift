internal import TerminalUI

/// What a key does.
enum Intent: Hashable, Sendable {
    case screen(Screen), nextScreen, previousScreen
    case up, down, pageUp, pageDown, first, last, open, back
    case filter, sort, pause, longerSpan, shorterSpan, slower, faster
    case themes, command, reconnect, copy, help, redraw, suspend, quit
}

/// One line of the keymap.
struct Binding: Sendable {
    var keys: [Key]
    /// As help and footer write the keys.
    var label: String
    /// A word or two for the footer; nil keeps it out of there.
    var hint: String?
    var help: String
    /// nil for a row that stands for keys bound elsewhere.
    var intent: Intent
    /// Screens in which it works; empty means all.
    var screens: Set<Screen> = []
}

/// The one table that dispatch, footer and help are made from.
enum Keymap {
    static let bindings: [Binding] =
        screenBindings + [
            Binding(keys: [.tab], label: "Tab", help: "Next screen", intent: .nextScreen),
            Binding(keys: [.backTab], label: "Shift-Tab", help: "Previous screen", intent: .previousScreen),
            Binding(keys: [.up, .character("k")], label: "↑ k", help: "Up", intent: .up),
            Binding(keys: [.down, .character("j")], label: "↓ j", help: "Down", intent: .down),
            Binding(keys: [.pageUp], label: "PgUp", help: "A page up", intent: .pageUp),
            Binding(keys: [.pageDown], label: "PgDn", help: "A page down", intent: .pageDown),
            Binding(keys: [.home, .character("g")], label: "Home g", help: "To the first line", intent: .first),
            Binding(keys: [.end, .character("G")], label: "End G", help: "To the last line", intent: .last),
            Binding(
                keys: [.enter], label: "Enter", hint: "open", help: "Open the selected line", intent: .open,
                screens: [.slowlog]),
            Binding(keys: [.escape], label: "Esc", help: "Close, or go back to the Overview", intent: .back),
            Binding(
                keys: [.character("/")], label: "/", hint: "filter", help: "Show only lines that contain a text",
                intent: .filter,
                screens: [.slowlog, .commands, .alerts]),
            Binding(
                keys: [.character("o")], label: "o", hint: "sort", help: "Sort by time or by duration", intent: .sort,
                screens: [.slowlog]),
            Binding(
                keys: [.character("y")], label: "y", hint: "copy",
                help: "Copy the selected line to the terminal's clipboard",
                intent: .copy, screens: [.slowlog, .alerts]),
            Binding(
                keys: [.character("p")], label: "p", hint: "pause", help: "Hold the figures still; polling goes on",
                intent: .pause),
            Binding(keys: [.character("[")], label: "[", help: "A shorter span in the charts", intent: .shorterSpan),
            Binding(
                keys: [.character("]")], label: "]", hint: "span", help: "A longer span in the charts",
                intent: .longerSpan),
            Binding(keys: [.character("+")], label: "+", help: "Poll less often", intent: .slower),
            Binding(keys: [.character("-")], label: "-", help: "Poll more often", intent: .faster),
            Binding(keys: [.character("T")], label: "T", hint: "theme", help: "Choose a theme", intent: .themes),
            Binding(
                keys: [.character(":")], label: ":", hint: "command", help: "Type a command; Tab completes it",
                intent: .command),
            Binding(
                keys: [.character("r")], label: "r", help: "Reconnect now, and ask again what was denied",
                intent: .reconnect),
            Binding(keys: [.control("l")], label: "Ctrl-L", help: "Draw the screen anew", intent: .redraw),
            Binding(keys: [.control("z")], label: "Ctrl-Z", help: "Suspend to the shell", intent: .suspend),
            Binding(keys: [.character("?"), .function(1)], label: "?", hint: "help", help: "This list", intent: .help),
            Binding(
                keys: [.character("q"), .control("c")], label: "q", hint: "quit", help: "Quit (Ctrl-C too)",
                intent: .quit),
        ]

    private static let screenBindings = Screen.allCases.map { screen in
        Binding(
            keys: [.character(Character(String(screen.rawValue)))], label: String(screen.rawValue), help: screen.title,
            intent: .screen(screen))
    }

    static func intent(of key: Key, on screen: Screen) -> Intent? {
        bindings.first { $0.keys.contains(key) && ($0.screens.isEmpty || $0.screens.contains(screen)) }?.intent
    }

    /// What the footer offers on a screen.
    static func hints(on screen: Screen) -> [(label: String, hint: String)] {
        bindings.compactMap { binding in
            guard let hint = binding.hint, binding.screens.isEmpty || binding.screens.contains(screen) else {
                return nil
            }
            return (binding.label, hint)
        }
    }
}
