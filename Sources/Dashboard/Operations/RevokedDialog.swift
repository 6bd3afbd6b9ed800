internal import CacheModel
internal import TerminalUI

/// The tokens that are revoked, with a search; Enter takes the selected one off.
struct RevokedDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case looking(OperationProgress?)
        case listed([ListedToken], isWhole: Bool)
        case failed(String)
    }

    var phase = Phase.looking(nil)
    private var search = TextField()
    private var selection = 0

    /// After the search.
    private var shown: [ListedToken] {
        guard case .listed(let tokens, _) = phase else { return [] }
        let text = search.value.lowercased()
        guard !text.isEmpty else { return tokens }
        return tokens.filter { item in
            [item.token.id, item.token.user, item.token.reason].contains { $0?.lowercased().contains(text) == true }
        }
    }

    private static func rows(in state: DashboardState) -> Int { max(1, min(20, state.size.rows - 9)) }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        let page = Self.rows(in: state)
        switch key {
        case .escape:
            guard case .looking = phase else { return .close() }
            return .close(.dropOperation)
        case .up: selection -= 1
        case .down: selection += 1
        case .pageUp: selection -= page
        case .pageDown: selection += page
        case .enter:
            guard shown.indices.contains(selection) else { return .stay }
            return .turn(UnrevokeDialog(id: shown[selection].token.id))
        default:
            guard search.edit(key) else { return .stay }
            selection = 0
        }
        selection = max(0, min(shown.count - 1, selection))
        return .stay
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard case .listed = phase else { return false }
        search.paste(text)
        selection = 0
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.progress(let progress), .looking): phase = .looking(progress)
        case (.listed(let tokens, let isWhole), .looking): phase = .listed(tokens, isWhole: isWhole)
        case (.failed(.list, let words), .looking): phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        switch phase {
        case .looking(let progress):
            var box = DialogBox(
                state: state, title: "Revoked tokens", words: ["Looking for them"], progress: progress, verb: "found",
                counts: true, isStopping: false)
            (box.footer, box.closing) = ("", "Esc closes")
            return box
        case .failed(let words):
            return DialogBox(state: state, title: "Revoked tokens", words: [words], role: .warning)
        case .listed(let all, let isWhole):
            let tokens = shown
            let rows = Self.rows(in: state)
            let first = max(0, min(selection - rows / 2, tokens.count - rows))
            var lines: [DialogLine] = [.field(label: "search", search, isFocused: true), .blank]
            for (index, item) in tokens.enumerated().dropFirst(first).prefix(rows) {
                lines.append(.row(Self.line(item, columns), isSelected: index == selection))
            }
            if tokens.isEmpty {
                lines += DialogLine.words(
                    search.value.isEmpty ? "No token is revoked" : "None matches", .dim, columns: columns)
            }
            // The box keeps its height while somebody searches.
            let height = min(rows, max(1, all.count))
            lines += (0..<max(0, height - max(1, tokens.count))).map { _ in .blank }
            if !isWhole { lines += DialogLine.words("There are more than are listed", .warning, columns: columns) }
            return DialogBox(
                state: state, title: "Revoked tokens, \(Format.count(tokens.count))", lines: lines,
                footer: tokens.isEmpty ? "" : "Enter takes one off", closing: "Esc closes")
        }
    }

    /// `4f3c…  user 17  reported stolen  12 min`.
    private static func line(_ item: ListedToken, _ columns: Int) -> String {
        func cell(_ text: String, _ width: Int) -> String {
            let fitted = Frame.fitted(Printable.escape(text, limit: 200), columns: width)
            return fitted + String(repeating: " ", count: max(0, width - CharacterWidth.of(fitted)))
        }
        let time = item.lifetime.map { Format.age($0) } ?? "for ever"
        let blank = String(repeating: " ", count: max(0, 8 - time.count))
        guard columns >= 60 else { return cell(item.token.id, max(4, columns - 13)) + " " + blank + time }
        let rest = columns - 2 - 9 - 2
        return [
            cell(item.token.id, rest / 2), cell(item.token.user ?? "", rest / 5),
            cell(item.token.reason ?? "", rest - rest / 2 - rest / 5 - 2),
        ].joined(separator: " ") + " " + blank + time
    }
}

/// Takes one token off the blacklist; its id is typed once more.
struct UnrevokeDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case ended([String])
        case failed(String)
    }

    let id: String
    var phase = Phase.editing
    private var typed = TextField()
    private var objection: String?

    init(id: String) { self.id = id }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        if key == .escape { return .close() }
        guard phase == .editing else { return key == .enter && phase != .sending ? .close() : .stay }
        guard key == .enter else {
            objection = nil
            _ = typed.edit(key)
            return .stay
        }
        guard typed.value == id else {
            objection = typed.value.isEmpty ? nil : "What is typed is not the id"
            return .stay
        }
        phase = .sending
        return .act(.unrevoke(id, typed: typed.value))
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        typed.paste(text)
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch event {
        case .unrevoked(id, let keys): phase = .ended(keys)
        case .failed(.unrevoke, let words): phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.words(Printable.escape(id), .value, columns: columns)
        var footer = ""
        switch phase {
        case .editing, .sending:
            lines += DialogLine.words(
                "The token is let in again until it expires. Type its id to take it off.", .warning, columns: columns)
            lines += [.blank, .field(label: "id", typed, isFocused: true)]
            if let objection { lines += DialogLine.words(objection, .warning, columns: columns) }
            footer = phase == .sending ? "sending" : "Enter takes it off"
        case .ended(let keys):
            lines += DialogLine.words(
                keys.isEmpty ? "It was not revoked" : "Taken off: \(keys.joined(separator: ", "))",
                keys.isEmpty ? .warning : .good, columns: columns)
        case .failed(let words): lines += DialogLine.words(words, .warning, columns: columns)
        }
        return DialogBox(
            state: state, title: "Un-revoke", border: .critical, lines: lines, footer: footer, closing: "Esc closes")
    }
}
