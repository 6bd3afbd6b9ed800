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
    /// What it does there, for whoever presses it elsewhere: `m` and these words make a sentence. Empty where it works on
    /// all screens.
    var deed = ""
    /// True for what a recording alone can do.
    var isOfReplay = false
    /// Where a recording has another meaning for it.
    var replayHelp: String?

    func works(on screen: Screen) -> Bool { screens.isEmpty || screens.contains(screen) }

    /// The numbers of its screens: `2, 3 and 4`.
    var places: String {
        let numbers = screens.map(\.rawValue).sorted().map(String.init)
        guard let last = numbers.last, numbers.count > 1 else { return numbers.first ?? "" }
        return numbers.dropLast().joined(separator: ", ") + " and " + last
    }
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
    static let bindings = screens + lists + keyspace + acting + figures + replay + program

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
                keys: [.escape], label: "Esc", help: "Close; drop the filter; back the same way", intent: .back,
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
            keys: [.enter], label: "Enter", hint: Hint("open", weight: 150),
            help: "To where the act is; or the line in full",
            intent: .open,
            group: .lists, screens: [.overview, .namespaces, .keys, .slowlog, .clients, .alerts, .nodes],
            deed: "opens the chosen line"),
        Binding(
            keys: [.character("/")], label: "/", hint: Hint("filter", weight: 90),
            help: "Only lines that contain a text",
            intent: .filter, group: .lists, screens: [.namespaces, .keys, .slowlog, .clients, .commands, .alerts],
            deed: "filters a list"),
        Binding(
            keys: [.character("o")], label: "o", hint: Hint("sort", weight: 60, on: [.clients: "group"]),
            help: "Sort, or group clients, by something else", intent: .sort,
            group: .lists, screens: [.namespaces, .keys, .slowlog, .clients, .commands],
            deed: "sorts a list"),
        Binding(
            keys: [.character("O")], label: "O", hint: Hint("reverse", weight: 55),
            help: "Sort the other way round", intent: .reverse, group: .lists,
            screens: [.namespaces, .keys, .slowlog, .commands], deed: "sorts a list the other way round"),
        Binding(
            keys: [.character("y")], label: "y", hint: Hint("copy", weight: 125),
            help: "Copy to the terminal's clipboard",
            intent: .copy, group: .lists,
            screens: [.overview, .namespaces, .keys, .slowlog, .clients, .alerts, .commands, .nodes],
            deed: "copies the chosen line"),
    ]

    private static let keyspace = [
        Binding(
            keys: [.character("e")], label: "e", hint: Hint("estimate", weight: 110, on: [.clients: "look now"]),
            help: "Estimate namespaces, or list clients, now",
            intent: .estimate, group: .keyspace, screens: [.overview, .namespaces, .clients],
            deed: "looks now"),
        Binding(
            keys: [.character("s")], label: "s", hint: Hint("sweep", weight: 100), help: "Count all keys, gently",
            intent: .sweep, group: .keyspace, screens: [.overview, .namespaces],
            deed: "counts all keys"),
        Binding(
            keys: [.character("S")], label: "S", hint: Hint("full sweep", weight: 30), help: "Count, and ask every key",
            intent: .fullSweep, group: .keyspace, screens: [.overview, .namespaces],
            deed: "counts, and asks every key"),
        Binding(
            keys: [.character("x")], label: "x", help: "Stop an act, a sweep, what looks for keys", intent: .stopSweep,
            group: .keyspace),
        Binding(
            keys: [.character("b")], label: "b", hint: Hint("browse", weight: 160),
            help: "List the keys of the namespace",
            intent: .browse, group: .keyspace, screens: [.overview, .namespaces, .alerts],
            deed: "lists the keys of a namespace: choose one"),
        Binding(
            keys: [.character("v")], label: "v", hint: Hint("view", weight: 140),
            help: "The value decoded, as text, hex",
            intent: .valueView, group: .keyspace, screens: [.keys],
            deed: "shows a value decoded, as text, hex: choose a key"),
    ]

    private static let acting = [
        Binding(
            keys: [.character("F")], label: "F", hint: Hint("flush", weight: 190),
            help: "Remove a namespace's keys, with undo",
            intent: .flush, group: .acting, screens: [.overview, .namespaces, .keys, .alerts],
            deed: "flushes a namespace: choose one"),
        Binding(
            keys: [.character("m")], label: "m", hint: Hint("mend TTLs", weight: 80),
            help: "Give keys the TTL of their contract",
            intent: .repair, group: .acting, screens: [.overview, .namespaces, .alerts],
            deed: "mends a namespace: choose one"),
        Binding(
            keys: [.character("R")], label: "R", hint: Hint("revoke", weight: 130), help: "Revoke tokens",
            intent: .revoke,
            group: .acting, screens: [.overview, .namespaces, .alerts],
            deed: "revokes tokens"),
        Binding(
            keys: [.character("w")], label: "w", hint: Hint("write revocations again", weight: .max),
            help: "Write lost revocations again",
            intent: .rewriteLost, group: .acting),
        Binding(
            keys: [.character("t")], label: "t", hint: Hint("TTL", weight: 180), help: "Set or take away a key's TTL",
            intent: .editLifetime, group: .acting, screens: [.keys],
            deed: "sets a key's TTL: choose one"),
        Binding(
            keys: [.character("d")], label: "d", hint: Hint("delete", weight: 170), help: "Delete a key, with undo",
            intent: .deleteKey, group: .acting, screens: [.keys],
            deed: "deletes a key: choose one"),
        Binding(
            keys: [.character("K")], label: "K", hint: Hint("kill", weight: 165),
            help: "Close a connection, or a group's", intent: .kill, group: .acting,
            screens: [.overview, .clients, .alerts],
            deed: "closes a connection: choose one"),
        Binding(
            keys: [.character("U")], label: "U", help: "Journals: take any change back", intent: .journals,
            group: .acting),
    ]

    private static let figures = [
        Binding(
            keys: [.character("p")], label: "p", hint: Hint("pause", weight: 120),
            help: "Hold the figures still; polling goes on",
            intent: .pause, group: .figures, replayHelp: "Stand still, or go on"),
        Binding(
            keys: [.character("[")], label: "[", help: "A shorter span in the charts", intent: .shorterSpan,
            group: .figures),
        Binding(
            keys: [.character("]")], label: "]", hint: Hint("span", weight: 50), help: "A longer span in the charts",
            intent: .longerSpan, group: .figures),
        Binding(
            keys: [.character("+")], label: "+", help: "Poll less often", intent: .slower, group: .figures,
            replayHelp: "Faster"),
        Binding(
            keys: [.character("-")], label: "-", help: "Poll more often", intent: .faster, group: .figures,
            replayHelp: "Slower"),
        Binding(
            keys: [.character("r")], label: "r", hint: Hint("retry now", weight: .max - 1),
            help: "Reconnect now; ask again what was denied",
            intent: .reconnect, group: .figures),
    ]

    private static let replay = [
        Binding(
            keys: [.character(".")], label: ".", hint: Hint("step", weight: 118), help: "A snapshot on",
            intent: .replay(.step(1)), group: .replay, isOfReplay: true),
        Binding(
            keys: [.character(",")], label: ",", hint: Hint("back", weight: 116), help: "A snapshot back",
            intent: .replay(.step(-1)), group: .replay, isOfReplay: true),
        Binding(
            keys: [.character(">")], label: ">", hint: Hint("+1 min", weight: 114), help: "A minute on",
            intent: .replay(.skip(.seconds(60))), group: .replay, isOfReplay: true),
        Binding(
            keys: [.character("<")], label: "<", hint: Hint("-1 min", weight: 112), help: "A minute back",
            intent: .replay(.skip(.seconds(-60))), group: .replay, isOfReplay: true),
        Binding(
            keys: [.character("}")], label: "}", hint: Hint("next alert", weight: 119),
            help: "Next alert: new, worse or explained",
            intent: .replay(.alert(isNext: true)), group: .replay, isOfReplay: true),
        Binding(
            keys: [.character("{")], label: "{", hint: Hint("alert before", weight: 117),
            help: "Alert before: new, worse, explained",
            intent: .replay(.alert(isNext: false)), group: .replay, isOfReplay: true),
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

    static func intent(of key: Key, on screen: Screen, isReplay: Bool = false) -> Intent? {
        bindings.first { $0.keys.contains(key) && $0.works(on: screen) && (isReplay || !$0.isOfReplay) }?.intent
    }

    /// What a key does elsewhere that does nothing on a screen: `m mends a namespace: choose one on 2`; nil for a key that
    /// does nothing anywhere.
    static func elsewhere(_ key: Key, on screen: Screen) -> String? {
        guard let binding = bindings.first(where: { $0.keys.contains(key) }) else { return nil }
        if binding.isOfReplay { return "\(binding.label) is for recordings: cachewatch replay PATH" }
        guard !binding.works(on: screen) else { return nil }
        return "\(binding.label) \(binding.deed) on \(binding.places)"
    }

    /// What the footer offers on a screen.
    ///
    /// - Parameters:
    ///   - columns: the room that there is for it.
    ///   - without: what is not possible now.
    ///   - words: what a key does with the line under the cursor; nil where that needs no words.
    ///   - isMeant: whether the line is there for that: such words come before what is always possible, and others where
    ///     there is room for them.
    static func hints(
        on screen: Screen, columns: Int = .max, without: (Intent) -> Bool = { _ in false },
        words: (Intent) -> String? = { _ in nil }, isMeant: (Intent) -> Bool = { _ in false }
    ) -> [(label: String, hint: String)] {
        var offered = bindings.compactMap { binding -> Offer? in
            guard let hint = binding.hint, binding.works(on: screen), !without(binding.intent) else { return nil }
            let (plain, named) = (hint.words(on: screen), words(binding.intent))
            guard isMeant(binding.intent), let named else {
                return Offer(label: binding.label, words: plain, weight: hint.weight, named: named)
            }
            let weight = binding.intent.isActing && hint.weight < meantWeight ? meantWeight : hint.weight
            return Offer(label: binding.label, words: named, weight: weight, named: nil)
        }
        while width(of: offered) > columns,
            let least = offered.indices.min(by: { offered[$0].weight < offered[$1].weight }),
            offered[least].weight < .max
        {
            offered.remove(at: least)
        }
        for index in offered.indices.sorted(by: { offered[$0].weight > offered[$1].weight }) {
            guard let named = offered[index].named else { continue }
            let plain = offered[index].words
            offered[index].words = named
            if width(of: offered) > columns { offered[index].words = plain }
        }
        return offered.map { ($0.label, $0.words) }
    }

    private struct Offer {
        let label: String
        var words: String
        let weight: Int
        let named: String?
    }

    private static let meantWeight = 195

    /// A blank after each label, two between hints.
    private static func width(of hints: [Offer]) -> Int {
        hints.reduce(0) { $0 + CharacterWidth.of($1.label) + CharacterWidth.of($1.words) + 3 } - 2
    }
}
