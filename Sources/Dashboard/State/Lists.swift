internal import CacheModel

/// What the screens with a cursor list, and where their cursors go.
extension DashboardState {
    /// After filter and sort; gaps show only where the order is that of time.
    var slowlogLines: [SlowlogLine] {
        guard sortsByDuration || !filter(of: .slowlog).isEmpty else { return shownSlowlog.lines }
        return slowlogRows.map { .entry($0) }
    }

    /// After filter and sort.
    var slowlogRows: [SlowlogRow] {
        let filter = filter(of: .slowlog)
        var rows = shownSlowlog.rows
        if !filter.isEmpty {
            rows = rows.filter {
                ($0.entry.command + [$0.entry.client, $0.entry.clientName, $0.node]).joined(separator: " ")
                    .lowercased().contains(filter)
            }
        }
        return sortsByDuration ? rows.sorted { $0.entry.duration > $1.entry.duration } : rows
    }

    /// Those that stand, then past ones.
    var alertRows: [Alert] {
        let filter = filter(of: .alerts)
        let all = alerts.raised + alerts.past
        return filter.isEmpty ? all : all.filter { "\($0.id.rawValue) \($0.message)".lowercased().contains(filter) }
    }

    var commandRows: [CommandRate] {
        let filter = filter(of: .commands)
        let rows = filter.isEmpty ? shownCommands.rows : shownCommands.rows.filter { $0.name.contains(filter) }
        return commandOrder.sorted(rows)
    }

    var namespaceRows: [NamespaceUsage] { shownNamespaces.rows(filter: filter(of: .namespaces)) }

    var nodeRows: [NodeRow] { NodeRow.rows(of: self) }

    var keyRows: [KeyRow] { keys.shown(filter: filter(of: .keys)) }

    var selectedKey: [UInt8]? {
        let rows = keyRows
        let selection = lists[.keys]?.selection ?? 0
        return rows.indices.contains(selection) ? rows[selection].name : nil
    }

    private func filter(of screen: Screen) -> String { (filters[screen] ?? "").lowercased() }

    func rowCount(of screen: Screen) -> Int {
        switch screen {
        case .slowlog: slowlogLines.count
        case .alerts: alertRows.count
        case .commands: commandRows.count
        case .nodes: nodeRows.count
        case .namespaces: namespaceRows.count
        case .keys: keyRows.count
        case .overview, .clients: 0
        }
    }

    /// Rows that a list shows at once.
    var pageRows: Int { max(1, Layout.listRows(of: screen, in: size)) }

    mutating func move(by rows: Int) {
        guard screen.isList else { return }
        var list = lists[screen] ?? ListState()
        let (selection, overflow) = list.selection.addingReportingOverflow(rows)
        list.selection = overflow ? (rows < 0 ? 0 : rowCount(of: screen)) : selection
        lists[screen] = list
        clampList(screen)
    }

    /// Keeps cursor and first line within the list, and the cursor in sight.
    mutating func clampList(_ screen: Screen) {
        guard screen.isList, var list = lists[screen] else { return }
        let count = rowCount(of: screen)
        let page = max(1, Layout.listRows(of: screen, in: size))
        list.selection = max(0, min(count - 1, list.selection))
        list.offset = max(0, min(list.offset, max(0, count - page)))
        if list.selection < list.offset { list.offset = list.selection }
        if list.selection >= list.offset + page { list.offset = list.selection - page + 1 }
        lists[screen] = list
    }

    // MARK: cursors stay on their lines

    /// What cursors below the first line stand on, by screen. A cursor on the first line stays there.
    var anchors: [Screen: String] {
        var anchors: [Screen: String] = [:]
        for (screen, list) in lists where list.selection > 0 {
            let names = identities(of: screen)
            if names.indices.contains(list.selection) { anchors[screen] = names[list.selection] }
        }
        return anchors
    }

    /// Moves cursors along with their lines.
    mutating func follow(_ anchors: [Screen: String]) {
        for (screen, list) in lists {
            if let name = anchors[screen], let index = identities(of: screen).firstIndex(of: name) {
                lists[screen] = ListState(selection: index, offset: max(0, list.offset + index - list.selection))
            }
            clampList(screen)
        }
    }

    private func identities(of screen: Screen) -> [String] {
        switch screen {
        case .slowlog: slowlogLines.map(\.identity)
        case .alerts: alertRows.map { "\($0.id.rawValue) \($0.node ?? "") \($0.since.milliseconds)" }
        case .commands: commandRows.map(\.name)
        case .nodes: nodeRows.map(\.address)
        case .namespaces: namespaceRows.map(\.name)
        case .keys: keyRows.map { Printable.escape($0.name) }
        case .overview, .clients: []
        }
    }
}

extension SlowlogLine {
    fileprivate var identity: String {
        switch self {
        case .entry(let row): "\(row.node) \(row.generation) \(row.entry.id)"
        case .gap(let node, let ids): "\(node) \(ids)"
        }
    }
}
