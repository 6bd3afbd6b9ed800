internal import CacheModel
internal import TerminalUI

/// The keys, made from the keymap, what can be typed, and what the signs mean: in two columns where there is room.
///
/// ```
/// ╭─ Help ───────────────────────────────────────────────────╮
/// │ Signs                       Figures                      │
/// │ ✖          critical         p          Hold the figures… │
/// ╰──────────────────────────────────────────── Esc closes ──╯
/// ```
struct Help {
    let state: DashboardState

    /// What stands at the left, and what it means.
    private struct Entry {
        var label: String
        var words: String
        var role = Role.key
    }

    private static let narrow = 64
    private static let wide = 118
    private static let labelColumns = 11

    private var isWide: Bool { state.size.columns >= Self.wide }

    /// Those of the keymap, less what cannot be done now.
    private var groups: [(title: String, entries: [Entry])] {
        let keys = KeyGroup.allCases.filter { state.isReplay || $0 != .replay }.map { group in
            let bindings = Keymap.bindings.filter { $0.group == group }
            if group == .screens {
                return (group.rawValue, screens + bindings.filter { !$0.intent.isScreen }.map(entry))
            }
            let possible = bindings.filter { !state.isReplay || !$0.intent.asksServer }
            guard group == .acting || possible.isEmpty, let words = state.readOnlyWords else {
                return (group.rawValue, possible.map(entry))
            }
            return (group.rawValue, [Entry(label: "", words: "Nothing here: \(words)", role: .dim)])
        }
        let commands = DashboardCommand.table(acting: state.readOnlyWords == nil, isReplay: state.isReplay).map {
            Entry(label: $0.typed, words: $0.help)
        }
        return [("Signs", signs)] + keys + [("Mouse", Self.mouse), ("Commands, after :", commands)]
    }

    /// All in one: their numbers stand in the tabs.
    private var screens: [Entry] {
        let all = Screen.allCases.map { "\($0.rawValue) \($0.title)" }
        return [Entry(label: "1 to \(Screen.allCases.count)", words: all.joined(separator: ", "))]
    }

    private func entry(_ binding: Binding) -> Entry {
        let place = binding.screens.isEmpty ? "" : " (on \(binding.places))"
        let help = state.isReplay ? binding.replayHelp ?? binding.help : binding.help
        return Entry(label: binding.label, words: help + place)
    }

    private var signs: [Entry] {
        Sign.allCases.map { Entry(label: String($0.character(state.charset)), words: $0.meaning, role: $0.role) } + [
            Entry(
                label: "±", words: "so far from it the truth may be: 95 times of a hundred it is within", role: .value),
            Entry(label: "≤ ≥", words: "at most, at least: that is all that is known", role: .value),
            Entry(label: "~", words: "in front of a size: made from a sample of its elements", role: .value),
            Entry(label: "…", words: "cut here: whole in the line's own view", role: .value),
            Entry(label: "grey", words: "old: the frame says of when", role: .stale),
        ]
    }

    private static let mouse = [
        Entry(label: "click", words: "A tab, a line; the same line again opens it"),
        Entry(label: "wheel", words: "Move in a list or a text"),
        Entry(label: "Shift", words: "With it, most terminals select text as usual"),
    ]

    /// The lines of a column so wide: nothing of them is cut.
    private func lines(_ groups: [(title: String, entries: [Entry])], _ columns: Int) -> [[Span]] {
        Array(groups.map { lines($0.title, $0.entries, columns) }.joined(separator: [[]]))
    }

    private func lines(_ title: String, _ entries: [Entry], _ columns: Int) -> [[Span]] {
        let widest = entries.map { state.charset.width(of: $0.label) }.max() ?? 0
        let indent = min(max(Self.labelColumns, widest + 2), max(1, columns / 2))
        let lines = entries.flatMap { entry -> [[Span]] in
            let label = Frame.fitted(
                entry.label, columns: indent - 1, ellipsis: state.charset.ellipsis, charset: state.charset)
            let blank = String(repeating: " ", count: indent - state.charset.width(of: label))
            let words = Paragraph.wrap(entry.words, columns: max(1, columns - indent), charset: state.charset)
            return words.enumerated().map { index, text in
                index == 0
                    ? [Span(label + blank, entry.role), Span(text, .text)]
                    : [Span(String(repeating: " ", count: indent)), Span(text, .text)]
            }
        }
        return [[Span(title, .title)]] + lines
    }

    /// Each group whole in one column; the columns about as long as each other.
    private var columns: [[[Span]]] {
        let inner = max(1, box(rows: 0).columns - 2)
        guard isWide else { return [lines(groups, inner - 2)] }
        let width = inner / 2 - 2
        let splits = (1..<groups.count).map {
            [lines(Array(groups[..<$0]), width), lines(Array(groups[$0...]), width)]
        }
        return splits.min { longest($0) < longest($1) } ?? []
    }

    private func longest(_ columns: [[[Span]]]) -> Int { columns.map(\.count).max() ?? 0 }

    private func box(rows: Int) -> Rect {
        Rect.centred(columns: isWide ? Self.wide : Self.narrow, rows: rows + 2, in: state.size)
    }

    var lastOffset: Int {
        let rows = longest(columns)
        return max(0, rows - max(1, box(rows: rows).rows - 2))
    }

    func render(offset: Int, into frame: inout Frame) {
        let columns = columns
        let rowCount = longest(columns)
        let box = box(rows: rowCount)
        let shown = max(1, box.rows - 2)
        let last = max(0, rowCount - shown)
        let offset = min(offset, last)
        frame.fill(box)
        let note = last > 0 ? [Span("\(offset + 1)-\(min(rowCount, offset + shown)) of \(rowCount)", .dim)] : []
        let inner = Panel(
            [Span("Help", .title)], note: note,
            footer: last > 0 ? [Span("j k", .key), Span(" scroll", .dim)] : [], footerNote: [Span("Esc closes", .dim)],
            border: .borderDialog, charset: state.charset
        )
        .render(in: box, into: &frame)
        let width = inner.columns / max(1, columns.count)
        for (index, lines) in columns.enumerated() {
            for (row, line) in lines.dropFirst(offset).prefix(inner.rows).enumerated() {
                let place = Rect(
                    column: inner.column + index * width, row: inner.row + row, columns: width, rows: 1)
                frame.write(line, at: Point(column: place.column + 1, row: place.row), clip: place)
            }
        }
    }
}
