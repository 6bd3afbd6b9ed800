internal import CacheModel

/// What the screens with a cursor list, and where their cursors go.
extension DashboardState {
    /// After filter and sort.
    var slowlogRows: [SlowlogRow] {
        let filter = (filters[.slowlog] ?? "").lowercased()
        var rows = slowlog.rows
        if !filter.isEmpty {
            rows = rows.filter {
                ($0.entry.command + [$0.entry.client, $0.entry.clientName]).joined(separator: " ").lowercased()
                    .contains(filter)
            }
        }
        return sortsByDuration ? rows.sorted { $0.entry.duration > $1.entry.duration } : rows
    }

    /// Those that stand, then past ones.
    var alertRows: [Alert] {
        let filter = (filters[.alerts] ?? "").lowercased()
        let all = alerts.raised + alerts.past
        return filter.isEmpty ? all : all.filter { "\($0.id.rawValue) \($0.message)".lowercased().contains(filter) }
    }

    var commandRows: [CommandRate] {
        let filter = (filters[.commands] ?? "").lowercased()
        return filter.isEmpty ? commands.rows : commands.rows.filter { $0.name.contains(filter) }
    }

    func rowCount(of screen: Screen) -> Int {
        switch screen {
        case .slowlog: slowlogRows.count
        case .alerts: alertRows.count
        case .commands: commandRows.count
        case .nodes: shown?.nodes.count ?? 0
        case .overview, .namespaces, .keys, .clients: 0
        }
    }

    /// Rows that a list shows at once.
    var pageRows: Int { max(1, Layout.listRows(of: screen, in: size)) }

    mutating func move(by rows: Int) {
        guard screen.isList else { return }
        var list = lists[screen] ?? ListState()
        list.selection += rows
        lists[screen] = list
        clampList(screen)
    }

    mutating func scroll(by rows: Int) {
        if case .help(let offset) = dialog {
            dialog = .help(offset: max(0, offset + rows))
        } else if dialog == nil {
            move(by: rows)
        }
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
}
