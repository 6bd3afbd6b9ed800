internal import CacheModel
internal import TerminalUI

/// What is revoked, with a search; Enter takes the selected one off.
struct RevokedDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case looking(OperationProgress?)
        case listed(RevokedList)
        case failed(String)
    }

    var bond = Bond()
    var phase = Phase.looking(nil) { didSet { findRows() } }
    private var search = TextField() { didSet { if search.value != oldValue.value { findRows() } } }
    /// After the search; kept until it or the list changes.
    private var shown: [Row] = []
    private var selection = 0

    /// What the server was searched for.
    private var searched = ""

    private enum Row: Sendable {
        case token(ListedToken)
        case user(ListedCutOff)

        var subject: UnrevokeDialog.Subject {
            switch self {
            case .token(let item): .token(item.token.id)
            case .user(let item): .user(item.cutOff.user)
            }
        }
    }

    private mutating func findRows() {
        guard case .listed(let list) = phase else { return shown = [] }
        let found = list.matching(RevokedList.Search(search.value))
        shown = found.cutOffs.map(Row.user) + found.tokens.map(Row.token)
    }

    /// Whether there may be matches beyond what is listed.
    private var looksFurther: Bool {
        guard case .listed(let list) = phase else { return false }
        return !list.isWhole && list.obstacle == nil && search.value != searched
    }

    private static func rows(in state: DashboardState) -> Int { max(1, min(20, state.size.rows - 12)) }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        let page = Self.rows(in: state)
        switch key {
        case .escape:
            guard case .looking = phase else { return .close }
            return .drop
        case .up: selection -= 1
        case .down: selection += 1
        case .pageUp: selection -= page
        case .pageDown: selection += page
        case .enter where looksFurther:
            (searched, phase, selection) = (search.value, .looking(nil), 0)
            return .act(.searchRevoked(searched))
        case .enter:
            guard shown.indices.contains(selection) else { return .stay }
            return .turn(UnrevokeDialog(shown[selection].subject))
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
        case (.listed(let list), .looking): phase = .listed(list)
        case (.failed(.list, let words, _), .looking): phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        switch phase {
        case .looking(let progress):
            return DialogBox(
                state: state, title: "Revoked tokens", words: ["Looking for them"], progress: progress, verb: "found",
                counts: true)
        case .failed(let words):
            return DialogBox(state: state, title: "Revoked tokens", words: [words], role: .warning)
        case .listed(let all):
            let tokens = shown
            let rows = Self.rows(in: state)
            let first = max(0, min(selection - rows / 2, tokens.count - rows))
            var lines: [DialogLine] = [.field(label: "search", search, isFocused: true), .blank]
            for (index, item) in tokens.enumerated().dropFirst(first).prefix(rows) {
                lines.append(.row(Self.line(item, columns, state.charset), isSelected: index == selection))
            }
            if tokens.isEmpty {
                let isAll = all.isWhole && all.obstacle == nil
                let none = isAll ? "No token is revoked" : "None was found so far as was looked"
                lines += DialogLine.words(search.value.isEmpty ? none : "None matches", .dim, in: state)
            }
            // The box keeps its height while somebody searches.
            let height = min(rows, max(1, all.count))
            lines += (0..<max(0, height - max(1, tokens.count))).map { _ in .blank }
            if !all.isWhole, all.obstacle == nil {
                let words =
                    looksFurther
                    ? "There are more than are listed: Enter looks for it among all of them"
                    : "There are more than are listed"
                lines += DialogLine.words(words, .warning, in: state)
            }
            for note in RevocationWords.notes(all)
            where rows >= Self.rowsWithEveryNote || note != RevocationWords.barrier {
                lines += DialogLine.words(note, role(of: note, all), in: state)
            }
            return DialogBox(
                state: state, title: "Revoked tokens, \(Format.count(tokens.count))", lines: lines,
                footer: looksFurther ? "Enter looks further" : tokens.isEmpty ? "" : "Enter takes one off",
                closing: "Esc closes")
        }
    }

    /// With fewer of them the list needs the room: what is said of every server is left out.
    private static let rowsWithEveryNote = 8

    private func role(of note: String, _ all: RevokedList) -> Role {
        if note == RevocationWords.barrier { return .dim }
        guard let check = all.check, note == RevocationWords.words(of: check) else { return .warning }
        return check.holds ? .good : .warning
    }

    private static let namesOnly = 60

    /// `4f3c…  user 17  reported stolen  12 min`.
    private static func line(_ row: Row, _ columns: Int, _ charset: Charset) -> String {
        switch row {
        case .token(let item):
            line(
                item.token.id, item.token.user ?? "", item.token.reason ?? "", item.lifetime, columns,
                charset)
        case .user(let item):
            // Where there is room for one thing alone, it is the one that tells the rows apart.
            line(
                columns < namesOnly ? "user \(item.cutOff.user)" : "until \(CutOff.words(item.cutOff.since))",
                item.cutOff.user, "cut off", item.lifetime, columns, charset)
        }
    }

    private static func line(
        _ name: String, _ user: String, _ reason: String, _ lifetime: Duration?, _ columns: Int,
        _ charset: Charset
    ) -> String {
        func cell(_ text: String, _ width: Int) -> String {
            let fitted = Frame.fitted(
                Printable.name(text.utf8, limit: 200, isASCII: charset == .ascii), columns: width,
                ellipsis: charset.ellipsis, charset: charset)
            return fitted + String(repeating: " ", count: max(0, width - charset.width(of: fitted)))
        }
        let time = lifetime.map { Format.age($0) } ?? "for ever"
        let blank = String(repeating: " ", count: max(0, 8 - time.count))
        guard columns >= namesOnly else { return cell(name, max(4, columns - 13)) + " " + blank + time }
        let rest = columns - 2 - 9 - 2
        return [
            cell(name, rest / 2), cell(user, rest / 5), cell(reason, rest - rest / 2 - rest / 5 - 2),
        ].joined(separator: " ") + " " + blank + time
    }
}
