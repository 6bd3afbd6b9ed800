internal import CacheModel

/// What can be named in commands.
struct CommandVocabulary {
    var themes: [String] = []
    var namespaces: [String] = []
    /// Of the last look, those that no rule covers.
    var prefixes: [[UInt8]] = []
    /// The one that takes the last change back.
    var journal: String?
    /// Why nothing takes the last change back, in words; nil where there is nothing to say of it.
    var undoObstacle: String?
    /// The last one that was written, of a change before that.
    var olderJournal: String?
    /// Those that all screens can show, as screen 7 lists them.
    var nodes: [String] = []
}

extension CommandVocabulary {
    /// A namespace, a prefix that was discovered or ends with a separator, or a pattern; nil for any other word.
    func scope(_ word: String) -> KeyScope? {
        if namespaces.contains(word) { return .namespace(word) }
        if let prefix = prefixes.first(where: { Printable.name($0) == word }) { return .prefix(prefix) }
        if word.utf8.contains(where: { Array("*?[".utf8).contains($0) }) { return .pattern(Glob(word)) }
        guard let last = word.utf8.last, KeyClassifier.isSeparator(last) else { return nil }
        return .prefix(Array(word.utf8))
    }
}

/// What is to be done to the server, before anybody has confirmed it.
enum OperationOrder: Equatable {
    case flush(KeyScope)
    case repair(KeyScope)
    /// A token, or nothing yet.
    case revoke(String)
    case unrevoke(TokenInput)
    case listRevoked
    /// Those of all changes that left one.
    case listJournals
    /// The path of a journal.
    case undo(String)
    case kill(KillPlan.Selection)

    /// False for what only looks.
    var acts: Bool {
        switch self {
        case .flush, .repair, .revoke, .unrevoke, .undo, .kill: true
        case .listRevoked, .listJournals: false
        }
    }
}

/// What can be typed after `:`.
enum DashboardCommand: Equatable {
    case nothing
    case perform(Intent)
    case theme(String)
    case interval(Duration)
    /// Index into the spans.
    case span(Int)
    case operate(OperationOrder)
    case replay(ReplayOrder)
    case record(RecordingOrder)
    /// What to compare with, or another time of it.
    case twin(String)
    case keys(KeyScope)
    /// All screens show it; nil shows what they show by themselves.
    case node(String?)
    /// Filters and the message.
    case clear

    struct Problem: Error, Equatable { var message: String }

    /// A command with an argument.
    private enum Verb: String, CaseIterable {
        case at, flush, keys, mark, node, poll, record, repair, revoke, screen, span, speed, theme, twin, undo, unrevoke

        var example: String {
            switch self {
            case .at: "at 14:20"
            case .mark: "mark deployed"
            case .record: "record ~/tonight"
            case .speed: "speed 10"
            case .flush: "flush session"
            case .keys: "keys cart"
            case .node: "node 2"
            case .poll: "poll 2s"
            case .repair: "repair session"
            case .revoke: "revoke 4f3c"
            case .screen: "screen slowlog"
            case .span: "span 15m"
            case .theme: "theme nord"
            case .twin: "twin +1h"
            case .undo: "undo FILE"
            case .unrevoke: "unrevoke 4f3c"
            }
        }

        /// For help.
        var deed: String {
            switch self {
            case .at: "To a time, or so far on or back: -10m"
            case .mark: "Note words at the time that is shown"
            case .record: "Record what is watched; off ends it"
            case .speed: "So many times as fast as it was"
            case .flush: "Remove a namespace's keys, with undo"
            case .keys: "List keys of a namespace or a pattern"
            case .node: "All screens show one node, by its line on 7"
            case .poll: "How often the server is asked, 0.2s to 60s"
            case .repair: "Give keys the TTL of their contract"
            case .revoke: "Revoke a token, by JWT or id"
            case .screen: "Go to a screen, by name or number"
            case .span: "The charts' span: \(DashboardCommand.spans.joined(separator: ", "))"
            case .theme: "Choose a theme"
            case .twin: "Compare: FILE, FILE@14:20, its 14:20, +1h, off"
            case .undo: "Take the last change back, or a journal's"
            case .unrevoke: "Take a token off the blacklist"
            }
        }

        /// True for what changes the server.
        var isActing: Bool {
            switch self {
            case .flush, .repair, .revoke, .undo, .unrevoke: true
            case .at, .keys, .mark, .node, .poll, .record, .screen, .span, .speed, .theme, .twin: false
            }
        }

        /// Whether it is for a recording, or for a server; nil for both.
        var isOfReplay: Bool? {
            switch self {
            case .at, .speed: true
            case .flush, .keys, .poll, .record, .repair, .revoke, .undo, .unrevoke: false
            case .mark, .node, .screen, .span, .theme, .twin: nil
            }
        }

        /// True where the command goes without an argument too.
        var needsNone: Bool {
            switch self {
            case .keys, .node, .revoke, .undo: true
            case .at, .flush, .mark, .poll, .record, .repair, .screen, .span, .speed, .theme, .twin, .unrevoke: false
            }
        }

        /// What the argument is chosen from.
        func choices(_ vocabulary: CommandVocabulary) -> [String] {
            switch self {
            case .theme: vocabulary.themes
            case .flush, .repair, .keys: vocabulary.namespaces + vocabulary.prefixes.map { Printable.name($0) }
            case .node: vocabulary.nodes
            case .screen: Screen.allCases.map { $0.title.lowercased() }
            case .span: DashboardCommand.spans
            case .undo: vocabulary.journal.map { [$0] } ?? []
            case .twin: ["off"]
            case .at, .mark, .poll, .record, .revoke, .speed, .unrevoke: []
            }
        }
    }

    /// A command without an argument that no key does.
    private enum Bare: String, CaseIterable {
        case clear, revoked

        var deed: String {
            switch self {
            case .clear: "Drop the filters and the message"
            case .revoked: "List the tokens that are revoked"
            }
        }
    }

    /// Commands without an argument that are what a key does.
    private static let plain = Keymap.bindings.compactMap { binding -> (name: String, intent: Intent, help: String)? in
        binding.intent.command.map { ($0, binding.intent, binding.help) }
    }

    /// All of them for help, as they are typed: from the tables that they are parsed by.
    ///
    /// - Parameters:
    ///   - acting: with those that change the server.
    ///   - isReplay: those for a recording, and not those that need a server.
    static func table(acting: Bool, isReplay: Bool = false) -> [(typed: String, help: String)] {
        let verbs = Verb.allCases.filter { verb in
            (acting || !verb.isActing) && verb.isOfReplay.map { $0 == isReplay } ?? true
        }.map { (":\($0.example)", $0.deed) }
        return verbs + Bare.allCases.map { (":\($0.rawValue)", $0.deed) } + plain.map { (":\($0.name)", $0.help) }
    }
    private static let spans = ["1m", "5m", "15m", "1h"]
    private static let intervals = Duration.milliseconds(200)...Duration.seconds(60)
    private static let speeds = 0.25...300.0
    private static let bare = Bare.allCases.map(\.rawValue) + plain.map(\.name)

    static func parse(_ text: String, _ vocabulary: CommandVocabulary) -> Result<DashboardCommand, Problem> {
        let (name, rest) = split(text)
        guard !name.isEmpty else { return .success(.nothing) }
        if let verb = Verb(rawValue: name) { return parse(verb, rest, vocabulary) }
        guard rest.isEmpty else {
            return .failure(
                bare.contains(name) || name == "q"
                    ? Problem(message: "\(name) takes no argument") : unknown(name))
        }
        if let command = plain.first(where: { $0.name == name }) { return .success(.perform(command.intent)) }
        if let bare = Bare(rawValue: name) {
            return switch bare {
            case .clear: .success(.clear)
            case .revoked: .success(.operate(.listRevoked))
            }
        }
        if name == "q" { return .success(.perform(.quit)) }
        return .failure(unknown(name))
    }

    private static func unknown(_ name: String) -> Problem {
        let meant = Nearest.of(name, among: bare + Verb.allCases.map(\.rawValue))
        let more = meant.map { "did you mean :\($0)?" } ?? "? lists what there is"
        return Problem(message: "There is no command \"\(name)\"; \(more)")
    }

    /// The first word, and what follows without the blanks around it.
    private static func split(_ text: String) -> (name: String, rest: String) {
        let trimmed = text.drop { $0 == " " }
        let name = trimmed.prefix { $0 != " " }
        var rest = trimmed.dropFirst(name.count).drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return (String(name), String(rest))
    }

    private static func parse(
        _ verb: Verb, _ word: String, _ vocabulary: CommandVocabulary
    ) -> Result<DashboardCommand, Problem> {
        // Patterns and paths may hold blanks; nothing else does.
        let takesBlanks = [.at, .keys, .mark, .record, .twin, .undo].contains(verb)
        if verb == .undo, word.isEmpty, let obstacle = vocabulary.undoObstacle {
            let older = vocabulary.olderJournal.map { "; a change before it: :undo \($0)" } ?? ""
            return .failure(Problem(message: obstacle + (older.isEmpty ? "; U lists the journals of others" : older)))
        }
        let isKnown = verb.choices(vocabulary).contains(word)
        if word.isEmpty ? !verb.needsNone : word.contains(" ") && !takesBlanks && !isKnown {
            return .failure(Problem(message: "\(verb.rawValue) takes one word, such as :\(verb.example)"))
        }
        switch verb {
        case .at: return .success(.replay(.at(word)))
        case .mark: return .success(.record(.mark(word)))
        case .twin: return .success(.twin(word))
        case .record: return .success(.record(word == "off" ? .end : .begin(path: word)))
        case .speed:
            let number = word.hasPrefix("x") || word.hasPrefix("×") ? String(word.dropFirst()) : word
            guard let speed = Double(number), speeds.contains(speed) else {
                return .failure(Problem(message: "A recording goes from 0.25 to 300 times as fast as it was"))
            }
            return .success(.replay(.speed(speed)))
        case .flush, .repair:
            guard let scope = vocabulary.scope(word) else { return .failure(noNamespace(word, vocabulary)) }
            if let objection = scope.objection { return .failure(Problem(message: objection)) }
            return .success(.operate(verb == .flush ? .flush(scope) : .repair(scope)))
        case .keys:
            if word.isEmpty { return .success(.keys(.pattern("*"))) }
            return .success(.keys(vocabulary.scope(word) ?? .pattern(Glob(word))))
        case .node:
            if word.isEmpty { return .success(.node(nil)) }
            let index = vocabulary.nodes.firstIndex(of: word) ?? Int(word).map { $0 -| 1 }
            guard let index, vocabulary.nodes.indices.contains(index) else {
                return .failure(Problem(message: "There is no node \"\(word)\"; 7 lists them, the first one is 1"))
            }
            return .success(.node(vocabulary.nodes[index]))
        case .revoke: return .success(.operate(.revoke(word)))
        case .unrevoke:
            do throws(TokenInput.Problem) {
                return .success(.operate(.unrevoke(try TokenInput(naming: word))))
            } catch { return .failure(Problem(message: "\(error)")) }
        case .undo:
            // Where nothing was changed from here, somebody may look for what was changed before.
            let journal = word.isEmpty ? vocabulary.journal : word
            return .success(.operate(journal.map { .undo($0) } ?? .listJournals))
        case .theme:
            return isKnown
                ? .success(.theme(word)) : .failure(Problem(message: "There is no theme \"\(word)\"; T lists them"))
        case .screen:
            let screen = Screen.allCases.first {
                $0.title.lowercased() == word.lowercased() || String($0.rawValue) == word
            }
            return screen.map { .success(.perform(.screen($0))) }
                ?? .failure(Problem(message: "There is no screen \"\(word)\""))
        case .span:
            return spans.firstIndex(of: word).map { .success(.span($0)) }
                ?? .failure(Problem(message: "The spans are \(spans.joined(separator: ", "))"))
        case .poll:
            guard let interval = DurationText.parse(word), intervals.contains(interval) else {
                return .failure(Problem(message: "Polling goes from 0.2s to 60s"))
            }
            return .success(.interval(interval))
        }
    }

    private static func noNamespace(_ word: String, _ vocabulary: CommandVocabulary) -> Problem {
        Problem(
            message:
                "There is no namespace \"\(word)\"; \(word): takes all keys that begin so, \(word)* all that match; "
                + "there are \(vocabulary.namespaces.joined(separator: ", "))")
    }

    /// Extends what is typed as far as it is clear.
    static func complete(_ text: String, _ vocabulary: CommandVocabulary) -> String {
        guard let blank = text.firstIndex(of: " ") else {
            let all = bare + Verb.allCases.map { $0.rawValue + " " }
            return commonPrefix(all.filter { $0.hasPrefix(text) }) ?? text
        }
        let word = String(text[text.index(after: blank)...])
        let completed = commonPrefix(candidates(text, vocabulary)) ?? word
        return "\(text[..<blank]) \(completed)"
    }

    /// What completion has to choose from, for the hint beside the field.
    static func candidates(_ text: String, _ vocabulary: CommandVocabulary) -> [String] {
        guard let blank = text.firstIndex(of: " ") else {
            return (bare + Verb.allCases.map(\.rawValue)).filter { $0.hasPrefix(text) }.sorted()
        }
        let word = text[text.index(after: blank)...]
        let choices = Verb(rawValue: String(text[..<blank]))?.choices(vocabulary) ?? []
        return choices.filter { $0.hasPrefix(word) }
    }

    private static func commonPrefix(_ words: [String]) -> String? {
        guard var prefix = words.first else { return nil }
        for word in words.dropFirst() { while !word.hasPrefix(prefix) { prefix.removeLast() } }
        return prefix
    }
}
