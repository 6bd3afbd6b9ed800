internal import CacheModel
internal import TerminalUI

/// What is done with the line under the cursor that changes nothing: it is opened, left and copied.
extension DashboardState {
    mutating func goBack() {
        if screen == .namespaces, namespaces.opened != nil {
            namespaces.opened = nil
        } else if filters[screen]?.isEmpty == false {
            filters[screen] = nil
        } else if screen == .keys, keys.narrowing != nil {
            keys.open(keys.scope)
            forgetCursor(of: .keys)
        } else if screen == .clients, let opened = clients.opened, trail.last?.ledInto != opened {
            closeClients()
        } else {
            comeBack()
        }
    }

    mutating func openSelection() {
        if let goneWords { say(goneWords) }
        guard let subject, let row = selection(of: screen), !(screen == .keys && keys.isOpen) else { return }
        if let lead { return follow(lead) }
        switch (screen, subject) {
        case (.slowlog, _):
            if let row = line(slowlogLines, row)?.row { dialog = .detail(.slowQuery(row), offset: 0) }
        case (.alerts, _): if let alert = line(alertRows, row) { dialog = .detail(.alert(alert), offset: 0) }
        case (.namespaces, .namespace(let name)): namespaces.opened = .namespace(name)
        case (.namespaces, .prefix(let prefix)): namespaces.opened = .prefix(prefix)
        case (.keys, _): openValue()
        case (.nodes, _): chooseNode(line(nodeRows, row))
        case (.clients, .clientGroup(let id)): openClients(id)
        default: break
        }
    }

    /// All screens show the node, or the primary again.
    private mutating func chooseNode(_ row: NodeRow?) {
        guard let row else { return }
        guard let node = row.node, !node.isSentinel else {
            return say("It is not watched itself: its primary tells of it")
        }
        if hasOneNode { return say("It is the only node: all screens show it") }
        show(node: row.address == chosenNode ? nil : row.address)
    }

    /// - Parameter address: nil for the one that is shown by itself.
    mutating func show(node address: String?) {
        guard let first = latest?.sum ?? latest?.nodes.first else { return }
        let isDefault = address == nil || address == first.address
        let before = latestNode?.address
        let chosen = isDefault ? nil : address
        chosenNode = chosen
        held?.chosenNode = chosen
        if before != latestNode?.address { commands = CommandRates() }
        say(
            isDefault
                ? "All screens show \(first.address)"
                : "All screens show \(address ?? ""); Enter on it again, or :node, goes back")
    }

    private func line<Line>(_ lines: [Line], _ index: Int) -> Line? {
        lines.indices.contains(index) ? lines[index] : nil
    }

    mutating func copySelection() -> [Effect] {
        if let goneWords { say(goneWords) }
        guard let subject else { return [] }
        let row = selection(of: screen) ?? -1
        if let command = nextCommand(of: subject) {
            copiedCommand = command
            say("Copied: \(command)")
            return [.copy(command), .keep(command)]
        }
        let text: String? =
            switch subject {
            case .slowQuery: line(slowlogLines, row)?.row?.entry.command.joined(separator: " ")
            case .lostQueries: nil
            case .alert: alert(of: subject).map { ([$0.message] + $0.remedy).joined(separator: "; ") }
            case .command(let name), .node(let name), .namespace(let name): name
            case .key(let key), .prefix(let key): Printable.escape(key)
            case .clientGroup(let id): id.label
            case .client(_, _, let address): address
            }
        guard let text else { return [] }
        say("Copied")
        return [.copy(text)]
    }

    /// The first of an alert's commands, and then the next one; nil for what has none.
    private func nextCommand(of subject: Subject) -> String? {
        guard let alert = alert(of: subject) else { return nil }
        let commands = commands(for: alert)
        let before = copiedCommand.flatMap { commands.firstIndex(of: $0) } ?? -1
        return commands.isEmpty ? nil : commands[(before + 1) % commands.count]
    }
}
