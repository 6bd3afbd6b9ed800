internal import CacheModel
internal import TerminalUI

/// What can be taken back; Enter shows what the selected journal would bring, before anything is changed.
struct JournalsDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case looking
        case listed(JournalList)
        case failed(String)
    }

    var bond = Bond()
    var phase = Phase.looking
    private var selection = 0

    private static let most = 16

    private static func rows(in state: DashboardState) -> Int { max(1, min(most, state.size.rows - 12)) }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        guard case .listed(let list) = phase else {
            return [.escape, .character("q")].contains(key) ? .close : .stay
        }
        let page = Self.rows(in: state)
        switch key {
        case .escape, .character("q"): return .close
        case .up, .character("k"): selection -= 1
        case .down, .character("j"): selection += 1
        case .pageUp: selection -= page
        case .pageDown: selection += page
        case .home, .character("g"): selection = 0
        case .end, .character("G"): selection = list.journals.count - 1
        case .enter:
            guard list.journals.indices.contains(selection), list.journals[selection].canBeTried else { return .stay }
            let next = UndoDialog(path: list.journals[selection].path)
            return .turn(next, next.beginning)
        default: break
        }
        selection = max(0, min(list.journals.count - 1, selection))
        return .stay
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.journals(let list), .looking): phase = .listed(list)
        case (.failed(.list, let words, _), .looking): phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        switch phase {
        case .looking: return DialogBox(state: state, title: "Journals", words: ["Reading them"])
        case .failed(let words): return DialogBox(state: state, title: "Journals", words: [words], role: .warning)
        case .listed(let list): return listed(list, state)
        }
    }

    private func listed(_ list: JournalList, _ state: DashboardState) -> DialogBox {
        let (columns, rows) = (DialogBox.columns(state), Self.rows(in: state))
        let first = max(0, min(selection - rows / 2, list.journals.count - rows))
        var lines: [DialogLine] = list.journals.enumerated().dropFirst(first).prefix(rows).map { index, journal in
            .row(Self.line(journal, columns, state), isSelected: index == selection)
        }
        var footer = ""
        if list.journals.indices.contains(selection) {
            let chosen = list.journals[selection]
            lines.append(.blank)
            lines += DialogLine.name(Printable.escape(chosen.path), columns: columns, state.charset)
            let from = chosen.header.map { "from \($0.target)" } ?? ""
            if let note = chosen.note {
                lines += DialogLine.words(note, .warning, in: state)
            } else {
                lines += DialogLine.words(from, .dim, in: state)
            }
            footer = chosen.canBeTried ? "Enter shows what comes back" : ""
        }
        lines += DialogLine.words(list.words, .dim, in: state)
        return DialogBox(state: state, title: "Journals", lines: lines, footer: footer, closing: "Esc closes")
    }

    /// What it brings back has so many columns at least: before that its size gives way, then its keys.
    private static let leastOfSubject = 18

    /// `2026-11-26 21:46:37  keys of session            100,004 keys  15.3 MiB`.
    private static func line(_ journal: ListedJournal, _ columns: Int, _ state: DashboardState) -> String {
        let charset = state.charset
        func fitted(_ text: String, _ width: Int) -> String {
            let text = Frame.fitted(text, columns: width, ellipsis: charset.ellipsis, charset: charset)
            return text + String(repeating: " ", count: max(0, width - charset.width(of: text)))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - charset.width(of: text))) + text
        }
        let when = state.options.clock.dateAndClock(journal.begun) + "  "
        let figures = [
            right(journal.keys.map { "\(Format.shortCount($0)) \($0 == 1 ? "key" : "keys")" } ?? Format.unknown, 12),
            right(Format.bytes(ByteCount(journal.bytes)), 11),
        ]
        // Before a line of a list stands a mark.
        let room = columns - 2 - charset.width(of: when)
        let shown = (0...figures.count).reversed().map { figures.prefix($0).joined() }
        let rest = shown.first { room - charset.width(of: $0) >= leastOfSubject } ?? ""
        return when + fitted(journal.subject, max(1, room - charset.width(of: rest))) + rest
    }
}
