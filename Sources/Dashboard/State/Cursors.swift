internal import CacheModel
internal import TerminalUI

/// The lines of a list, by what they are about.
struct ListLines {
    let count: Int
    /// Another one with every change; nil where nobody counts them.
    let version: Int?
    let subject: (Int) -> Subject

    init<Lines: RandomAccessCollection<Line>, Line>(
        _ lines: Lines, version: Int? = nil, _ subject: @escaping (Line) -> Subject
    ) where Lines.Index == Int {
        count = lines.count
        self.version = version
        self.subject = { subject(lines[$0]) }
    }

    /// - Parameter guess: where it probably is.
    func index(of wanted: Subject, near guess: Int) -> Int? {
        if guess >= 0, guess < count, subject(guess) == wanted { return guess }
        return (0..<count).first { subject($0) == wanted }
    }
}

/// Cursors stand on subjects. Whatever changes a list, its cursor finds its subject again here, and nowhere else.
extension DashboardState {
    /// Rows that a list shows at once.
    var pageRows: Int { max(1, Layout.listRows(of: screen, in: size)) }

    /// The row that is marked; nil where the cursor is nowhere.
    func selection(of screen: Screen) -> Int? {
        cursors[screen]?.isGone == true ? nil : lists[screen]?.selection ?? 0
    }

    /// Brings the cursor of the list on the screen to its subject. Other lists have their turn when they are shown.
    mutating func settle() {
        closeWhatIsGone()
        keepLines()
        keepOverview()
        keepValue()
        guard screen.isList else { return }
        // Where an open value closes by itself, its key is what the cursor was on.
        if screen == .keys, let opened = keys.opened { cursors[.keys] = Cursor(subject: .key(opened)) }
        let lines = lines(of: screen)
        var list = lists[screen] ?? ListState()
        if var cursor = cursors[screen], !cursor.followsNews {
            // Where it was not found it is not, as long as the list is the same.
            let isMissed = cursor.missedIn != nil && cursor.missedIn == lines.version
            let index = isMissed ? nil : lines.index(of: cursor.subject, near: list.selection)
            cursor.isGone = index == nil
            cursor.missedIn = cursor.isGone ? lines.version : nil
            cursors[screen] = cursor
            if let index { list = ListState(selection: index, offset: max(0, list.offset + index - list.selection)) }
        } else if lines.count > 0 {
            list.selection = max(0, min(lines.count - 1, list.selection))
            put(on: list.selection, of: lines)
        }
        lists[screen] = fitted(list, count: lines.count)
    }

    /// Moves the cursor by rows. From nowhere a single step leads to the line that is nearest to where it was.
    mutating func move(by rows: Int) {
        guard screen.isList else { return }
        let lines = lines(of: screen)
        var list = lists[screen] ?? ListState()
        let isStep = cursors[screen]?.isGone == true && (rows == 1 || rows == -1)
        let (selection, overflow) = list.selection.addingReportingOverflow(isStep ? 0 : rows)
        list.selection = max(0, min(lines.count - 1, overflow ? (rows < 0 ? 0 : lines.count) : selection))
        lists[screen] = fitted(list, count: lines.count)
        if lines.count > 0 { put(on: list.selection, of: lines) }
    }

    /// Puts the cursor where somebody has pointed.
    ///
    /// - Returns: true where it was there before.
    mutating func pointCursor(at subject: Subject) -> Bool {
        let lines = lines(of: screen)
        guard let row = lines.index(of: subject, near: lists[screen]?.selection ?? 0) else {
            say("\(Printable.shortened(subject.name, to: 60)) is not in this list now", .warning)
            return false
        }
        let wasThere = selection(of: screen) == row
        lists[screen, default: ListState()].selection = row
        put(on: row, of: lines)
        return wasThere
    }

    /// The first line, where the cursor is nowhere and there is one: whoever accepts a filter means what it has found.
    mutating func leaveNowhere() {
        guard cursors[screen]?.isGone == true, rowCount(of: screen) > 0 else { return }
        forgetCursor(of: screen)
    }

    /// Another list begins.
    mutating func forgetCursor(of screen: Screen) {
        (lists[screen], cursors[screen]) = (ListState(), nil)
    }

    /// From now on cursors stay on what they are on, also on the first line of a log.
    mutating func holdCursors() {
        for screen in cursors.keys { cursors[screen]?.followsNews = false }
    }

    private mutating func put(on row: Int, of lines: ListLines) {
        let hasNews = screen == .overview || screen == .slowlog && !sortsByDuration && !reversesSlowlog && held == nil
        cursors[screen] = Cursor(subject: lines.subject(row), followsNews: hasNews && row == 0)
    }

    /// With the first line within the list, and the cursor in sight.
    private func fitted(_ list: ListState, count: Int) -> ListState {
        var list = list
        let page = max(1, Layout.listRows(of: screen, in: size))
        list.selection = max(0, min(count - 1, list.selection))
        list.offset = max(0, min(list.offset, max(0, count - page)))
        if list.selection < list.offset { list.offset = list.selection }
        if list.selection >= list.offset + page { list.offset = list.selection - page + 1 }
        return list
    }

    /// A namespace that is shown in full, and that a newer look does not know.
    private mutating func closeWhatIsGone() {
        guard screen == .namespaces, let scope = namespaces.opened, let report = shownNamespaces.shown,
            !report.rows.contains(where: { $0.scope == scope })
        else { return }
        closeNamespace()
        say("\(Printable.escape(scope.typedBytes, limit: 60)) is not in the last look at the keys", .warning)
    }

    /// Of one that closes by itself the cursor stays on what it was about.
    mutating func closeNamespace() {
        guard let scope = namespaces.opened else { return }
        cursors[.namespaces] = Cursor(subject: Subject(scope))
        namespaces.opened = nil
    }

    func lines(of screen: Screen) -> ListLines {
        switch screen {
        case .slowlog: ListLines(slowlogLines, \.subject)
        case .alerts: ListLines(alertRows) { Subject($0) }
        case .commands: ListLines(commandRows) { .command($0.name) }
        case .nodes: ListLines(nodeRows) { .node($0.address) }
        case .namespaces: ListLines(namespaceRows) { Subject($0.scope) }
        case .keys: ListLines(keyRows, version: keys.version) { .key($0.name) }
        case .clients:
            switch clientLines {
            case .groups(let groups): ListLines(groups) { .clientGroup($0.id) }
            case .members(let members):
                ListLines(members) { .client(node: $0.node, id: $0.entry.id, address: $0.entry.address) }
            }
        case .overview: ListLines(overviewLines.subjects) { $0 }
        }
    }
}

extension SlowlogLine {
    fileprivate var subject: Subject {
        switch self {
        case .entry(let row): Subject(row)
        case .gap(let node, let ids): .lostQueries(node: node, from: ids.lowerBound)
        }
    }
}
