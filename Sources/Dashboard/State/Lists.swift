internal import CacheModel

/// The list of a screen, worked out.
enum ScreenLines: Sendable {
    case slowlog([SlowlogLine])
    case alerts([Alert])
    case commands([CommandRate])
    case namespaces([NamespaceUsage])
    case nodes([NodeRow])
    case clients(ClientLines)

    /// nil for a screen without a list, and for keys: they keep theirs themselves.
    init?(of state: DashboardState) {
        switch state.screen {
        case .slowlog: self = .slowlog(state.slowlogLinesAnew)
        case .alerts: self = .alerts(state.alertRowsAnew)
        case .commands: self = .commands(state.commandRowsAnew)
        case .namespaces: self = .namespaces(state.shownNamespaces.rows(state.search(on: .namespaces)))
        case .nodes: self = .nodes(NodeRow.rows(of: state))
        case .clients: self = .clients(state.clientLinesAnew)
        case .keys, .overview: return nil
        }
    }

    var screen: Screen {
        switch self {
        case .slowlog: .slowlog
        case .alerts: .alerts
        case .commands: .commands
        case .namespaces: .namespaces
        case .nodes: .nodes
        case .clients: .clients
        }
    }
}

/// What the screens with a cursor list, after filter and sort.
extension DashboardState {
    /// Gaps show only where the order is that of time.
    var slowlogLines: [SlowlogLine] { if case .slowlog(let kept) = screenLines { kept } else { slowlogLinesAnew } }
    /// Without gaps.
    var slowlogRows: [SlowlogRow] { slowlogLines.compactMap(\.row) }
    /// Those that stand, one line for what several nodes have alike; then past ones.
    var alertRows: [Alert] { if case .alerts(let kept) = screenLines { kept } else { alertRowsAnew } }
    var commandRows: [CommandRate] { if case .commands(let kept) = screenLines { kept } else { commandRowsAnew } }
    var namespaceRows: [NamespaceUsage] {
        if case .namespaces(let kept) = screenLines { kept } else { shownNamespaces.rows(search(on: .namespaces)) }
    }
    var nodeRows: [NodeRow] { if case .nodes(let kept) = screenLines { kept } else { NodeRow.rows(of: self) } }
    var keyRows: KeyListing { keys.listing }
    /// Groups, or the connections of the one that is open.
    var clientLines: ClientLines { if case .clients(let kept) = screenLines { kept } else { clientLinesAnew } }

    fileprivate func search(on screen: Screen) -> SearchText { SearchText(filters[screen] ?? "") }

    fileprivate var clientLinesAnew: ClientLines { shownClients.lines(search(on: .clients), on: clientNode) }

    fileprivate var slowlogLinesAnew: [SlowlogLine] {
        let search = search(on: .slowlog)
        guard sortsByDuration || !search.isEmpty else {
            return reversesSlowlog ? shownSlowlog.lines.reversed() : shownSlowlog.lines
        }
        var rows = shownSlowlog.rows
        if !search.isEmpty {
            rows = rows.filter {
                search.isFound(
                    in: ($0.entry.command + [$0.entry.client, $0.entry.clientName, $0.node]).joined(separator: " "))
            }
        }
        if sortsByDuration { rows.sort { $0.entry.duration > $1.entry.duration } }
        let lines = rows.map { SlowlogLine.entry($0) }
        return reversesSlowlog ? lines.reversed() : lines
    }

    private var allAlerts: [Alert] { AlertGroup.groups(of: alerts.raised).map(\.summary) + alerts.past }

    fileprivate var alertRowsAnew: [Alert] {
        let search = search(on: .alerts)
        return search.isEmpty ? allAlerts : allAlerts.filter { search.isFound(in: "\($0.id.rawValue) \($0.message)") }
    }

    /// The one that a cursor stands on, wherever it is listed.
    func alert(of subject: Subject) -> Alert? {
        guard case .alert(let id, let node, let since) = subject else { return nil }
        return allAlerts.first { $0.id.rawValue == id && $0.node == node && $0.since == since }
    }

    /// What is to be typed for an alert that stands, by what is known now.
    func commands(for alert: Alert) -> [String] {
        guard alert.clearedAt == nil, let latest else { return [] }
        return RemedyCommand.lines(for: alert, in: latest, options.invocation)
    }

    fileprivate var commandRowsAnew: [CommandRate] {
        let search = search(on: .commands)
        let rows = shownCommands.rows
        let sorted = commandOrder.sorted(search.isEmpty ? rows : rows.filter { search.isFound(in: $0.name) })
        return reversesCommands ? sorted.reversed() : sorted
    }

    func rowCount(of screen: Screen) -> Int {
        switch screen {
        case .slowlog: slowlogLines.count
        case .alerts: alertRows.count
        case .commands: commandRows.count
        case .nodes: nodeRows.count
        case .namespaces: namespaceRows.count
        case .keys: keyRows.count
        case .clients: clientLines.count
        case .overview: overviewLines.subjects.count
        }
    }
}
