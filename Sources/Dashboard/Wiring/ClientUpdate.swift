internal import CacheModel

/// Looks at the clients, and the way through their list.
extension DashboardState {
    /// A look begins by itself, as often as the number of clients allows.
    mutating func lookAtClients() -> [Effect] {
        guard options.looksAtClients, latest?.isReachable == true,
            clients.isDue(at: elapsed, clients: connectedClients, isWatched: screen == .clients)
        else { return [] }
        return [.lookAtClients]
    }

    mutating func lookAtClientsNow() -> [Effect] {
        guard clients.begin(at: elapsed) else {
            say("A look at the clients is under way")
            return []
        }
        return [.lookAtClients]
    }

    mutating func regroupClients() {
        clients.regroup()
        forgetCursor(of: .clients)
        say("Grouped by \(clients.grouping.rawValue)")
    }

    /// What was looked for among the groups is not what is looked for among the connections of one.
    mutating func openClients(_ id: ClientGroup.ID) {
        clients.opened = id
        filters[.clients] = nil
        forgetCursor(of: .clients)
    }

    /// The cursor is on the group again.
    mutating func closeClients() {
        guard let id = clients.opened else { return }
        clients.opened = nil
        forgetCursor(of: .clients)
        cursors[.clients] = Cursor(subject: .clientGroup(id))
    }
}

extension DashboardState {
    /// The group, or the connection, that the cursor is on; nil where there is none.
    var killSelection: KillPlan.Selection? {
        switch subject {
        case .clientGroup(let id): .group(id.label, id.grouping)
        case .client(let node, let id, _): .id(id, node: node)
        case .alert: aboutClients.map { .group($0, .name) }
        default: nil
        }
    }

    /// Of all nodes, as they say; nil where one of them does not.
    var connectedClients: Int? {
        let counts = latest?.dataNodes.filter(\.reachable).map { $0.info?.clients.connected } ?? []
        return counts.isEmpty || counts.contains(nil) ? nil : counts.reduce(0) { $0 +| ($1 ?? 0) }
    }
}
