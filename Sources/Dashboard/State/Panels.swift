internal import CacheModel
internal import TerminalUI

/// What panels share.
extension DashboardState {
    /// The style of a figure: grey when it is old.
    func valueStyle(_ role: Role = .value) -> Role { isStale ? .stale : role }

    /// What is said of old figures, in many words and in few.
    private var staleNotes: [[Span]] {
        guard isStale, let node, let known = known[node.address], let age else { return [] }
        let clock = options.clock.clock(known.takenAt)
        return ["as of \(clock), \(CacheAge.words(age))", CacheAge.words(age)].map { [Span($0, .stale)] }
    }

    /// What is said of a sum that lacks a part, in many words and in few.
    private var partNotes: [[Span]] {
        guard let parts = figures?.missingParts else { return [] }
        return ["\(charset.alert) \(parts.words)", "\(charset.alert) \(parts.short)", String(charset.alert)].map {
            [Span($0, .warning)]
        }
    }

    /// A panel of so many columns. Where they do not suffice for title, hint and note, the figure in the note stays
    /// longest.
    ///
    /// - Parameter isSum: its figures are those of the node as it is now, which may be a sum that lacks a part.
    func panel(
        _ title: String, hint: String = "", note: [Span] = [], footer: [Span] = [], footerNote: String? = nil,
        border: Role, columns: Int, isSum: Bool = false
    ) -> Panel {
        let room = columns - charset.width(of: title) - 8
        let gap = note.isEmpty ? [] : [Span("  ")]
        let notes = (isStale ? staleNotes : isSum ? partNotes : []).map { note + gap + $0 } + ([note])
        let fitting = notes.first { $0.width(charset) <= room } ?? note
        let hasHint = !hint.isEmpty && fitting.width(charset) + charset.width(of: hint) + 2 <= room
        let titles = [Span(title, isStale ? .stale : .title)] + (hasHint ? [Span("  \(hint)", .dim)] : [])
        return Panel(
            titles, note: fitting, footer: footer, footerNote: footerNote.map { [Span($0, .dim)] } ?? [],
            border: isStale ? .border : border, charset: charset)
    }

    /// A table's head, with a mark where the table is sorted by it.
    func sortTitle(_ words: String, isSorted: Bool, isReversed: Bool = false) -> String {
        isSorted ? words + String(isReversed ? charset.ascending : charset.descending) : words
    }

    /// A label and its figure.
    func labelled(_ label: String, _ figure: String, _ role: Role = .value) -> [Span] {
        [Span("\(label) ", .dim), Span(figure, valueStyle(role))]
    }
}
