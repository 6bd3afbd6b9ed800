internal import CacheModel

/// What can be typed after `:`.
enum DashboardCommand: Equatable {
    case nothing
    case perform(Intent)
    case theme(String)
    case interval(Duration)
    /// Index into the spans.
    case span(Int)
    /// Filters and the message.
    case clear

    struct Problem: Error, Equatable { var message: String }

    private static let plain: [(name: String, intent: Intent)] = [
        ("estimate", .estimate), ("help", .help), ("pause", .pause), ("quit", .quit), ("reconnect", .reconnect),
        ("sort", .sort), ("stop", .stopSweep), ("sweep-counts", .sweep), ("sweep-full", .fullSweep),
        ("themes", .themes),
    ]
    private static let spans = ["1m", "5m", "15m", "1h"]
    private static let bare = ["clear"] + plain.map(\.name)
    private static let arguments = ["poll", "screen", "span", "theme"]

    static func parse(_ text: String, themes: [String]) -> Result<DashboardCommand, Problem> {
        let words = text.split(separator: " ").map(String.init)
        guard let name = words.first else { return .success(.nothing) }
        if let command = plain.first(where: { $0.name == name }) { return .success(.perform(command.intent)) }
        if name == "clear" { return .success(.clear) }
        if name == "q" { return .success(.perform(.quit)) }
        guard arguments.contains(name) else {
            return .failure(Problem(message: "There is no command \"\(name)\"; ? lists what there is"))
        }
        guard words.count == 2 else {
            return .failure(Problem(message: "\(name) takes one word, such as :\(example(name))"))
        }
        return parse(name, words[1], themes)
    }

    private static func parse(_ name: String, _ word: String, _ themes: [String]) -> Result<DashboardCommand, Problem> {
        switch name {
        case "theme":
            return themes.contains(word)
                ? .success(.theme(word)) : .failure(Problem(message: "There is no theme \"\(word)\"; T lists them"))
        case "screen":
            let screen = Screen.allCases.first {
                $0.title.lowercased() == word.lowercased() || String($0.rawValue) == word
            }
            return screen.map { .success(.perform(.screen($0))) }
                ?? .failure(Problem(message: "There is no screen \"\(word)\""))
        case "span":
            return spans.firstIndex(of: word).map { .success(.span($0)) }
                ?? .failure(Problem(message: "The spans are \(spans.joined(separator: ", "))"))
        default:
            guard let seconds = Double(word.hasSuffix("s") ? String(word.dropLast()) : word),
                (0.2...60).contains(seconds)
            else {
                return .failure(Problem(message: "Polling goes from 0.2s to 60s"))
            }
            return .success(.interval(.seconds(seconds)))
        }
    }

    private static func example(_ name: String) -> String {
        switch name {
        case "theme": "theme nord"
        case "screen": "screen slowlog"
        case "span": "span 15m"
        default: "poll 2s"
        }
    }

    /// Extends what is typed as far as it is clear.
    static func complete(_ text: String, themes: [String]) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 1 else {
            let all = bare + arguments.map { $0 + " " }
            return commonPrefix(all.filter { $0.hasPrefix(text) }) ?? text
        }
        let candidates =
            switch words[0] {
            case "theme": themes
            case "screen": Screen.allCases.map { $0.title.lowercased() }
            case "span": spans
            default: [String]()
            }
        let completed = commonPrefix(candidates.filter { $0.hasPrefix(words[1]) }) ?? words[1]
        return "\(words[0]) \(completed)"
    }

    /// What completion has to choose from, for the hint beside the field.
    static func candidates(_ text: String, themes: [String]) -> [String] {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 1 else { return (bare + arguments).filter { $0.hasPrefix(text) }.sorted() }
        switch words[0] {
        case "theme": return themes.filter { $0.hasPrefix(words[1]) }
        case "screen": return Screen.allCases.map { $0.title.lowercased() }.filter { $0.hasPrefix(words[1]) }
        case "span": return spans.filter { $0.hasPrefix(words[1]) }
        default: return []
        }
    }

    private static func commonPrefix(_ words: [String]) -> String? {
        guard var prefix = words.first else { return nil }
        for word in words.dropFirst() { while !word.hasPrefix(prefix) { prefix.removeLast() } }
        return prefix
    }
}
