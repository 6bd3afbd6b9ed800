internal import CacheModel
internal import TerminalUI

/// What is said around the list of keys: which they are, how many, and how far the walk is.
struct KeyListWords {
    let board: KeyBoard
    let state: DashboardState

    /// The scope, and the pattern that its keys have to match, too.
    var scope: String {
        let scope = shownScope(40)
        guard let narrowing = board.narrowing else { return scope }
        if let mask = TextField(narrowing.text).mask { return "\(scope)  \(mask)" }
        let pattern = Printable.name(narrowing.pattern.bytes, limit: 40)
        return scope == "*" ? pattern : "\(scope)  \(pattern)"
    }

    func note(_ shown: Int) -> [Span] {
        guard board.hasBegun else { return [] }
        let count = Format.count(shown)
        if board.isWhole {
            let words = board.isSelective ? "\(count) of \(Self.keys(board.total))" : "\(Self.keys(shown)), all"
            return [Span(words, .dim)]
        }
        if !board.gone.isEmpty { return [Span("\(Self.keys(shown)), maybe not all", .warning)] }
        let share = board.walkedShare.map { ", \(Format.percent($0, digits: 0)) walked" }
        let words = board.isSelective ? "\(count) found" : Self.keys(shown)
        return [Span(words + (share ?? ""), board.isLoading ? .info : .dim)]
    }

    private static func keys(_ count: Int?) -> String { Format.count(count, "key") }

    var footerRole: Role { board.refusal != nil && !board.rows.isEmpty ? .warning : .dim }

    var footer: String {
        let order = board.order.words
        if let refusal = board.refusal, !board.rows.isEmpty { return "ended: \(refusal.reason); r asks again" }
        if board.isFull { return "\(order); no more are listed: narrow it with / or :keys PATTERN" }
        if !board.gone.isEmpty { return "\(order); \(goneWords)" }
        if board.isHalted { return "\(order); stopped, x goes on" }
        return board.isWalking ? "\(order); x stops" : order
    }

    private var goneWords: String {
        "\(board.gone.joined(separator: ", ")) has left the deployment: keys may be missing"
    }

    /// What keys have to match; nil where all are meant.
    private var pattern: String? {
        if let narrowing = board.narrowing {
            return TextField(narrowing.text).mask ?? Printable.name(narrowing.pattern.bytes, limit: 60)
        }
        return board.isSelective ? shownScope(60) : nil
    }

    /// A token that was typed is not repeated.
    private func shownScope(_ limit: Int) -> String {
        TextField(board.scope.name).mask ?? Printable.name(board.scope.name.utf8, limit: limit)
    }

    /// Instead of a list without lines.
    func empty(_ columns: Int) -> [TextLine] {
        func wrapped(_ words: String, _ role: Role = .dim) -> [TextLine] {
            TextLine.wrapped(words, columns: columns, state.charset, role)
        }
        if let refusal = board.refusal {
            let words = wrapped("\(refusal.reason): \(refusal.detail)", .warning) + wrapped(refusal.remedy, .text)
            guard refusal.kind == .noPermission else { return words }
            return words + wrapped("`cachewatch acl --inspect` prints the line of a user that may; r asks again.")
        }
        if !board.gone.isEmpty, board.cursor == nil { return wrapped(goneWords, .warning) }
        if !board.rows.isEmpty {
            return wrapped("None of the \(Format.count(board.rows.count)) that are listed; Enter asks the server")
        }
        let pattern = pattern
        if board.isWhole {
            guard let pattern else { return wrapped("There are none") }
            return wrapped("None of \(Self.keys(board.total)) matches \(pattern)")
        }
        if state.isReplay { return wrapped("A recording holds no keys: what it knows of them is on 2") }
        if state.held != nil { return wrapped("Paused: p goes on and looks for \(pattern ?? "keys")") }
        guard board.hasBegun else { return wrapped("Looking for keys") }
        if board.isHalted { return wrapped("None found in \(board.walkedWords); x goes on") }
        let stop = pattern == nil ? "" : "; x stops"
        return wrapped("Looking for \(pattern ?? "keys"): \(board.walkedWords) walked\(stop)")
    }
}

/// What is said around a value: which part of it is there, and how it is shown.
struct ValueWords {
    let board: KeyBoard
    let text: ValueText
    let area: Rect

    /// `1-27 of 20,000` elements, or the lines of a string.
    var position: [Span] {
        guard let inspection = board.shown, area.rows > 0 else { return [] }
        let end = min(text.lines.count, board.valueOffset + area.rows)
        guard board.valueOffset < end else { return [] }
        if inspection.type == .string || inspection.note != nil {
            guard text.lines.count > area.rows else { return [] }
            return [Span("lines \(Format.count(board.valueOffset + 1))-\(Format.count(end)) of \(lines)", .dim)]
        }
        if let search = board.search { return [Span(found(search, inspection), board.isSearching ? .info : .dim)] }
        guard let shown = text.elements(in: board.valueOffset..<end) else { return [] }
        let (first, last) = (board.rank + shown.lowerBound + 1, board.rank + shown.upperBound + 1)
        return [Span("\(Format.count(first))-\(Format.count(last)) of \(Format.count(inspection.length))", .dim)]
    }

    private var lines: String { Format.count(text.lines.count) }

    /// `3 found, 34 % of 20,000 walked`.
    private func found(_ search: ValueSearch, _ inspection: KeyInspection) -> String {
        // What is there is of before.
        if search.walked == 0, board.inspecting != nil { return "looking" }
        let count = "\(Format.count(inspection.content.elements.count)) found"
        guard let length = inspection.length, length > 0 else { return count }
        guard inspection.content.next != nil || board.inspecting != nil else {
            return "\(count) of \(Format.count(length))"
        }
        let share = Format.percent(min(1, Double(search.walked) / Double(length)), digits: 0)
        return "\(count), \(share) of \(Format.count(length)) walked"
    }

    var footer: [Span] {
        guard let inspection = board.shown, inspection.note == nil else { return [] }
        var words: [String] = text.name.isEmpty ? [] : [text.name]
        if let search = board.search {
            let mask = TextField(search.text).mask
            words.append("those like \(mask ?? Printable.name(search.pattern.bytes, limit: 40))")
            if board.isSearching {
                words.append("x stops")
            } else if search.isStopped, inspection.content.next != nil {
                words.append("stopped, x goes on")
            } else if inspection.content.next != nil {
                words.append("no more are shown: narrow it with /")
            }
        } else {
            if inspection.type == .string, let size = inspection.length, isPart(inspection) {
                let end = inspection.content.offset +| (inspection.content.elements.first?.value.count ?? 0)
                words.append(
                    "\(Format.bytes(ByteCount(inspection.content.offset))) to \(Format.bytes(ByteCount(end)))"
                        + " of \(Format.bytes(ByteCount(size)))")
            }
            if inspection.content.next != nil { words.append("PgDn at the end: the next part") }
            if !board.trail.isEmpty { words.append("PgUp at the top: the part before") }
            if board.isOpen, inspection.type?.isSearchable == true { words.append("/ looks in it") }
        }
        return words.isEmpty ? [] : [Span(words.joined(separator: ", "), .dim)]
    }

    private func isPart(_ inspection: KeyInspection) -> Bool {
        inspection.content.next != nil || inspection.content.offset > 0
    }
}
