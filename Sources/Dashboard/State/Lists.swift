internal import CacheModel

/// What the screens with a cursor list.
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
}
