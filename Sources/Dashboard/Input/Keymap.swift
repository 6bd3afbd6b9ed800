internal import TerminalUI

/// One line of the keymap.
struct Binding: Sendable {
    var keys: [Key]
    /// As help and footer write the keys.
    var label: String
    /// For the footer; nil keeps it out of there.
    var hint: Hint?
    /// At most 44 columns, which is what help has room for.
    var help: String
    var intent: Intent
    var group: KeyGroup
    /// Screens in which it works; empty means all.
    var screens: Set<Screen> = []

    func works(on screen: Screen) -> Bool { screens.isEmpty || screens.contains(screen) }
}

/// What the footer says of a key.
struct Hint: Equatable, Sendable {
    /// A word or two.
    var words: String
    /// Other words, where it does something else.
    var others: [Screen: String]
    /// Where there is no room for all, the least goes first; `.max` stays.
    var weight: Int

    init(_ words: String, weight: Int, on others: [Screen: String] = [:]) {
        self.words = words
        self.weight = weight
        self.others = others
    }

    func words(on screen: Screen) -> String { others[screen] ?? words }
}

/// The one table that dispatch, footer and help are made from.
enum Keymap {
    static let bindings = screens + lists + keyspace + acting + figures + program

    private static let screens =
        Screen.allCases.map { screen in
            Binding(
                keys: [.character(Character(String(screen.rawValue)))], label: String(screen.rawValue),
                help: screen.title, intent: .screen(screen), group: .screens)
        } + [
            Binding(keys: [.tab], label: "Tab", help: "Next screen", intent: .nextScreen, group: .screens),
            Binding(
                keys: [.backTab], label: "Shift-Tab", help: "Previous screen", intent: .previousScreen,
                group: .screens),
            Binding(
                keys: [.escape], label: "Esc", help: "Close; drop the filter; back to the Overview", intent: .back,
                group: .screens),
        ]

    private static let lists = [
        Binding(keys: [.up, .character("k")], label: "↑ k", help: "Up", intent: .up, group: .lists),
        Binding(keys: [.down, .character("j")], label: "↓ j", help: "Down", intent: .down, group: .lists),
        Binding(keys: [.pageUp], label: "PgUp", help: "A page up", intent: .pageUp, group: .lists),
        Binding(keys: [.pageDown], label: "PgDn", help: "A page down", intent: .pageDown, group: .lists),
        Binding(
            keys: [.home, .character("g")], label: "Home g", help: "To the first line", intent: .first, group: .lists),
        Binding(
            keys: [.end, .character("G")], label: "End G", help: "To the last line", intent: .last, group: .lists),
        Binding(
            keys: [.enter], label: "Enter", hint: Hint("open", weight: 150), help: "The selected line in full",
            intent: .open,
            group: .lists, screens: [.namespaces, .keys, .slowlog, .clients, .alerts, .nodes]),
        Binding(
            keys: [.character("/")], label: "/", hint: Hint("filter", weight: 90),
            help: "Only lines that contain a text",
            intent: .filter, group: .lists, screens: [.namespaces, .keys, .slowlog, .clients, .commands, .alerts]),
        Binding(
            keys: [.character("o")], label: "o", hint: Hint("sort", weight: 60, on: [.clients: "group"]),
            help: "Sort, or group clients, by something else", intent: .sort,
            group: .lists, screens: [.namespaces, .keys, .slowlog, .clients, .commands]),
        Binding(
            keys: [.character("O")], label: "O", help: "Sort the other way round", intent: .reverse, group: .lists,
            screens: [.namespaces, .commands]),
        Binding(
            keys: [.character("y")], label: "y", hint: Hint("copy", weight: 20),
            help: "Copy to the terminal's clipboard",
            intent: .copy, group: .lists,
            screens: [.namespaces, .keys, .slowlog, .clients, .alerts, .commands, .nodes]),
    ]

    private static let keyspace = [
        Binding(
            keys: [.character("e")], label: "e", hint: Hint("estimate", weight: 110, on: [.clients: "look now"]),
            help: "Estimate namespaces, or list clients, now",
            intent: .estimate, group: .keyspace, screens: [.overview, .namespaces, .clients]),
        Binding(
            keys: [.character("s")], label: "s", hint: Hint("sweep", weight: 100), help: "Count all keys, gently",
            intent: .sweep, group: .keyspace, screens: [.overview, .namespaces]),
        Binding(
            keys: [.character("S")], label: "S", hint: Hint("full sweep", weight: 30), help: "Count, and ask every key",
            intent: .fullSweep, group: .keyspace, screens: [.overview, .namespaces]),
        Binding(
            keys: [.character("x")], label: "x", help: "Stop the sweep, or what looks for keys", intent: .stopSweep,
            group: .keyspace),
        Binding(
            keys: [.character("b")], label: "b", hint: Hint("browse", weight: 160),
            help: "List the keys of the namespace",
            intent: .browse, group: .keyspace, screens: [.namespaces]),
        Binding(
            keys: [.character("v")], label: "v", hint: Hint("view", weight: 140),
            help: "The value decoded, as text, hex",
            intent: .valueView, group: .keyspace, screens: [.keys]),
    ]

    private static let acting = [
        Binding(
            keys: [.character("F")], label: "F", hint: Hint("flush", weight: 190),
            help: "Remove a namespace's keys, with undo",
            intent: .flush, group: .acting, screens: [.overview, .namespaces, .keys]),
        Binding(
            keys: [.character("m")], label: "m", hint: Hint("mend TTLs", weight: 80),
            help: "Give keys the TTL of their contract",
            intent: .repair, group: .acting, screens: [.namespaces]),
        Binding(
            keys: [.character("R")], label: "R", hint: Hint("revoke", weight: 130), help: "Revoke tokens",
            intent: .revoke,
            group: .acting, screens: [.overview, .namespaces, .alerts]),
        Binding(
            keys: [.character("w")], label: "w", hint: Hint("write revocations again", weight: .max),
            help: "Write lost revocations again",
            intent: .rewriteLost, group: .acting),
        Binding(
            keys: [.character("t")], label: "t", hint: Hint("TTL", weight: 180), help: "Set or take away a key's TTL",
            intent: .editLifetime, group: .acting, screens: [.keys]),
        Binding(
            keys: [.character("d")], label: "d", hint: Hint("delete", weight: 170), help: "Delete a key, with undo",
            intent: .deleteKey, group: .acting, screens: [.keys]),
        Binding(
            keys: [.character("K")], label: "K", hint: Hint("kill", weight: 165),
            help: "Close a connection, or a group's", intent: .kill, group: .acting, screens: [.clients]),
    ]

    private static let figures = [
        Binding(
            keys: [.character("p")], label: "p", hint: Hint("pause", weight: 120),
            help: "Hold the figures still; polling goes on",
            intent: .pause, group: .figures),
        Binding(
            keys: [.character("[")], label: "[", help: "A shorter span in the charts", intent: .shorterSpan,
            group: .figures),
        Binding(
            keys: [.character("]")], label: "]", hint: Hint("span", weight: 50), help: "A longer span in the charts",
            intent: .longerSpan, group: .figures),
        Binding(keys: [.character("+")], label: "+", help: "Poll less often", intent: .slower, group: .figures),
        Binding(keys: [.character("-")], label: "-", help: "Poll more often", intent: .faster, group: .figures),
        Binding(
            keys: [.character("r")], label: "r", help: "Reconnect now; ask again what was denied",
            intent: .reconnect, group: .figures),
    ]

    private static let program = [
        Binding(
            keys: [.character("T")], label: "T", hint: Hint("theme", weight: 40), help: "Choose a theme",
            intent: .themes,
            group: .program),
        Binding(
            keys: [.character(":")], label: ":", hint: Hint("command", weight: 10),
            help: "Type a command; Tab completes it",
            intent: .command, group: .program),
        Binding(keys: [.control("l")], label: "Ctrl-L", help: "Draw the screen anew", intent: .redraw, group: .program),
        Binding(
            keys: [.control("z")], label: "Ctrl-Z", help: "Suspend to the shell", intent: .suspend, group: .program),
        Binding(
            keys: [.character("?"), .function(1)], label: "?", hint: Hint("help", weight: .max), help: "This list",
            intent: .help,
            group: .program),
        Binding(
            keys: [.character("q"), .control("c")], label: "q", hint: Hint("quit", weight: 70),
            help: "Quit (Ctrl-C too)",
            intent: .quit, group: .program),
    ]

    /// Characters that open a field.
    static let openers = Set(
        bindings.filter { [.command, .filter].contains($0.intent) }.flatMap(\.keys).compactMap { key in
            if case .character(let character) = key { character.unicodeScalars.first } else { nil }
        })

    static func intent(of key: Key, on screen: Screen) -> Intent? {
        bindings.first { $0.keys.contains(key) && $0.works(on: screen) }?.intent
    }

    /// What the footer offers on a screen.
    ///
    /// - Parameters:
    ///   - columns: the room that there is for it.
    ///   - without: what is not possible now.
    static func hints(
        on screen: Screen, columns: Int = .max, without: (Intent) -> Bool = { _ in false }
    ) -> [(label: String, hint: String)] {
        var offered = bindings.compactMap { binding -> (label: String, hint: Hint)? in
            guard let hint = binding.hint, binding.works(on: screen), !without(binding.intent) else { return nil }
            return (binding.label, Hint(hint.words(on: screen), weight: hint.weight))
        }
        while width(of: offered) > columns,
            let least = offered.indices.min(by: { offered[$0].hint.weight < offered[$1].hint.weight }),
            offered[least].hint.weight < .max
        {
            offered.remove(at: least)
        }
        return offered.map { ($0.label, $0.hint.words) }
    }

    /// A blank after each label, two between hints.
    private static func width(of hints: [(label: String, hint: Hint)]) -> Int {
        hints.reduce(0) { $0 + CharacterWidth.of($1.label) + CharacterWidth.of($1.hint.words) + 3 } - 2
    }
}
