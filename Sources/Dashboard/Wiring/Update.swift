internal import CacheModel
internal import TerminalUI

extension DashboardState {
    /// Takes in what happened.
    ///
    /// - Returns: what is to be done about it, in order.
    public mutating func update(_ action: Action) -> [Effect] {
        switch action {
        case .terminal(let event): return handle(event)
        case .snapshotArrived(let snapshot):
            return record(snapshot).map { .log($0) } + lookAtKeys(snapshot) + askAccess(snapshot) + lookFurther()
        case .connecting:
            if link != .up { link = .connecting }
            return []
        case .retryScheduled(let delay, let attempt):
            link = .retrying(at: elapsed + delay, attempt: attempt)
            return []
        case .ticked(let now, let elapsed):
            self.now = now
            self.elapsed = elapsed
            if let message, message.until < elapsed { self.message = nil }
            return []
        case .themeFailed(let name, let reason):
            if theme == name { theme = themeBefore }
            say("Theme \(name): \(reason)", .warning)
            return []
        case .namespaces(let event): return handle(event)
        case .keys(let event): return handle(event)
        case .operation(let event): return handle(event)
        case .noticed(let words):
            say(words, .warning)
            return []
        }
    }

    private mutating func record(_ snapshot: Snapshot) -> [AlertChange] {
        let anchors = anchors
        var snapshot = snapshot
        if let report = snapshot.namespaces {
            namespaces.adopt(report)
        } else {
            snapshot.namespaces = namespaces.report
        }
        let before = latestNode?.address
        latest = snapshot
        // Another node's counters do not go on where these ended.
        if let before, before != latestNode?.address { commands = CommandRates() }
        elapsed = max(elapsed, snapshot.elapsed)
        now = max(now, snapshot.takenAt)
        slowlog.record(snapshot)
        let changes = alerts.evaluate(snapshot)
        for node in snapshot.nodes + [snapshot.sum].compactMap({ $0 }) {
            histories[node.address, default: History()].record(node, at: snapshot.elapsed)
            if node.info != nil {
                known[node.address] = Known(node: node, takenAt: snapshot.takenAt, elapsed: snapshot.elapsed)
            }
        }
        if let node = latestNode { commands.record(node, at: snapshot.elapsed) }
        if snapshot.isReachable { link = .up } else if link == .up { link = .connecting }
        forgetNodes(besides: snapshot)
        follow(anchors)
        return changes
    }

    /// What left the deployment needs no memory.
    private mutating func forgetNodes(besides snapshot: Snapshot) {
        let addresses = Set((snapshot.nodes + [snapshot.sum].compactMap { $0 }).map(\.address))
        guard known.count > addresses.count || histories.count > addresses.count else { return }
        known = known.filter { addresses.contains($0.key) }
        histories = histories.filter { addresses.contains($0.key) }
    }

    mutating func say(_ text: String, _ role: Role = .info) {
        message = Message(text: text, role: role, until: elapsed + .seconds(5))
    }

    private mutating func handle(_ event: TerminalEvent) -> [Effect] {
        switch event {
        case .key(let key): return dialog == nil ? press(key) : pressInDialog(key)
        case .paste(let text): paste(text)
        case .click(let point): return click(point)
        case .wheel(_, let rows): return scroll(by: rows)
        case .resize(let size):
            self.size = size
            for screen in Screen.allCases { clampList(screen) }
            return lookFurther()
        case .hangUp, .terminate: return [.quit]
        case .resumed: break
        }
        return []
    }

    private mutating func press(_ key: Key) -> [Effect] {
        guard let intent = Keymap.intent(of: key, on: screen) else { return [] }
        return perform(intent)
    }

    mutating func perform(_ intent: Intent) -> [Effect] {
        if let effects = moveInValue(intent) { return effects }
        return performAnywhere(intent) + lookFurther()
    }

    private mutating func performAnywhere(_ intent: Intent) -> [Effect] {
        switch intent {
        case .screen(let screen): self.screen = screen
        case .nextScreen: screen = Screen(rawValue: screen.rawValue % Screen.allCases.count + 1) ?? .overview
        case .previousScreen:
            screen =
                Screen(rawValue: (screen.rawValue + Screen.allCases.count - 2) % Screen.allCases.count + 1) ?? .overview
        case .up: move(by: -1)
        case .down: move(by: 1)
        case .pageUp: move(by: -pageRows)
        case .pageDown: move(by: pageRows)
        case .first: move(by: -rowCount(of: screen))
        case .last: move(by: rowCount(of: screen))
        case .open: openSelection()
        case .back: goBack()
        case .filter: dialog = .filter(TextField(filters[screen] ?? ""), before: filters[screen] ?? "")
        case .sort: changeOrder()
        case .pause: togglePause()
        case .longerSpan: spanIndex = min(Self.spans.count - 1, spanIndex + 1)
        case .shorterSpan: spanIndex = max(0, spanIndex - 1)
        case .slower: return setInterval(Self.intervals.first { $0 > interval } ?? interval)
        case .faster: return setInterval(Self.intervals.last { $0 < interval } ?? interval)
        case .themes: dialog = .themes(selection: options.themes.firstIndex(of: theme) ?? 0, before: theme)
        case .command: dialog = .command(TextField())
        case .reconnect:
            namespaces.retry()
            keys.retry()
            askedAccess = AskedAccess()
            say("Reconnecting")
            return [.reconnect]
        case .copy: return copySelection()
        case .estimate, .sweep, .fullSweep, .stopSweep: return performOnKeys(intent)
        case .browse: return browseSelection()
        case .valueView, .editLifetime, .deleteKey: return performOnKey(intent)
        case .flush, .repair, .revoke, .rewriteLost: return act(intent)
        case .help: dialog = .help(offset: 0)
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return [.quit]
        }
        return []
    }

    mutating func setInterval(_ new: Duration) -> [Effect] {
        guard new != interval else { return [] }
        interval = new
        say("Polling every \(intervalLabel)")
        return [.setInterval(new)]
    }

    /// The theme that is shown now stays at hand, in case the new one is broken.
    mutating func apply(theme name: String) -> [Effect] {
        guard name != theme else { return [] }
        themeBefore = theme
        theme = name
        return [.applyTheme(name)]
    }

    private mutating func togglePause() {
        if held == nil, let latest {
            held = Held(
                snapshot: latest, slowlog: slowlog, newSlowQueries: newSlowQueries, commands: commands,
                namespaces: namespaces)
        } else {
            held = nil
        }
        for screen in Screen.allCases { clampList(screen) }
    }

    private mutating func changeOrder() {
        if screen == .commands {
            commandOrder = commandOrder.next
            say("Sorted by \(commandOrder.words)")
        } else if screen == .namespaces {
            namespaces.order = namespaces.order.next
            say("Sorted by \(namespaces.order.words)")
        } else if screen == .keys {
            keys.order = keys.order.next
            say("Sorted \(keys.order.words)")
        } else {
            sortsByDuration.toggle()
            say(sortsByDuration ? "Sorted by duration" : "Sorted by time")
        }
    }

    private mutating func goBack() {
        if screen == .namespaces, namespaces.opened != nil {
            namespaces.opened = nil
        } else if filters[screen]?.isEmpty == false {
            filters[screen] = nil
        } else {
            screen = .overview
        }
    }

    private mutating func openSelection() {
        let selection = lists[screen]?.selection ?? 0
        switch screen {
        case .slowlog:
            guard let row = line(slowlogLines, selection)?.row else { return }
            dialog = .detail(.slowQuery(row), offset: 0)
        case .alerts:
            guard let alert = line(alertRows, selection) else { return }
            dialog = .detail(.alert(alert), offset: 0)
        case .namespaces:
            guard namespaces.opened == nil, let usage = line(namespaceRows, selection) else { return }
            namespaces.opened = usage.name
        case .keys: keys.isOpen = selectedKey != nil
        case .nodes: chooseNode(line(nodeRows, selection))
        case .overview, .clients, .commands: return
        }
    }

    /// All screens show the node, or the primary again.
    private mutating func chooseNode(_ row: NodeRow?) {
        guard let row, let node = row.node, !node.isSentinel, let first = latest?.sum ?? latest?.nodes.first else {
            return
        }
        let isDefault = row.address == first.address || row.address == chosenNode
        let before = latestNode?.address
        chosenNode = isDefault ? nil : row.address
        if before != latestNode?.address { commands = CommandRates() }
        say(
            isDefault
                ? "All screens show \(first.address)" : "All screens show \(row.address); Enter on it again goes back")
    }

    private func line<Line>(_ lines: [Line], _ index: Int) -> Line? {
        lines.indices.contains(index) ? lines[index] : nil
    }

    private mutating func copySelection() -> [Effect] {
        let selection = lists[screen]?.selection ?? 0
        let text: String? =
            switch screen {
            case .slowlog: line(slowlogLines, selection)?.row?.entry.command.joined(separator: " ")
            case .alerts: line(alertRows, selection).map { ([$0.message] + $0.remedy).joined(separator: "; ") }
            case .commands: line(commandRows, selection)?.name
            case .nodes: line(nodeRows, selection)?.address
            case .namespaces: namespaces.opened ?? line(namespaceRows, selection)?.name
            case .keys: selectedKey.map { Printable.escape($0) }
            case .overview, .clients: nil
            }
        guard let text else { return [] }
        say("Copied")
        return [.copy(text)]
    }

    private mutating func click(_ point: Point) -> [Effect] {
        guard let id = render().region(at: point)?.id else { return [] }
        let parts = id.split(separator: ":")
        guard parts.count == 2, let number = Int(parts[1]) else { return [] }
        if parts[0] == "tab", dialog == nil, let screen = Screen(rawValue: number) {
            self.screen = screen
            return lookFurther()
        }
        if parts[0] == "row", dialog == nil {
            let isSelected = lists[screen]?.selection == number
            lists[screen, default: ListState()].selection = number
            clampList(screen)
            if isSelected { openSelection() }
            return lookFurther()
        }
        if parts[0] == "theme" { return chooseTheme(number) }
        return []
    }
}
