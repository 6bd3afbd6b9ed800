internal import CacheModel
internal import TerminalUI

extension DashboardState {
    /// Takes in what happened.
    ///
    /// - Returns: what is to be done about it, in order.
    public mutating func update(_ action: Action) -> [Effect] {
        // Within a second time alone brings no other line.
        if case .ticked(let now, _) = action, now.seconds == self.now.seconds {} else { dropOverview() }
        let effects = handle(action)
        // Whatever has changed a list or the screen: the cursor stays on what it was on.
        settle()
        return effects + lookFurther()
    }

    private mutating func handle(_ action: Action) -> [Effect] {
        switch action {
        case .terminal(let event):
            let effects = handle(event)
            // Whatever else comes from the terminal comes where it is ours.
            isAway = effects.contains(.suspend)
            return effects
        case .snapshotArrived(let snapshot):
            let changes = record(snapshot)
            let twin = followTwin()
            // What was recorded is not logged again, and asks nobody.
            guard !isReplay else { return twin }
            return changes.map { .log($0) } + lookAtKeys(snapshot) + lookAtClients() + askAccess(snapshot) + twin
        case .recording(let event):
            handle(event)
            return []
        case .replay(let event): return handle(event)
        case .twin(let event): return handle(event)
        case .connecting:
            if link != .up { link = .connecting }
            return []
        case .retryScheduled(let delay, let attempt):
            link = .retrying(at: elapsed + delay, attempt: attempt)
            return []
        case .ticked(let now, let elapsed):
            uptime = elapsed
            if !isReplay { (self.now, self.elapsed) = (now, elapsed) }
            if let message, message.isOver(at: readingTime) { nextMessage() }
            return isReplay ? [] : lookAtClients()
        case .themeFailed(let name, let reason):
            if theme == name { theme = themeBefore }
            say("Theme \(name): \(reason)", .warning)
            return []
        case .namespaces(let event): return handle(event)
        case .keys(let event):
            record(event)
            return []
        case .clientsSeen(let memory, let study):
            clients.record(memory, study)
            return []
        case .operation(let event, let ticket): return handle(event, ticket)
        case .noticed(let words):
            say(words, .warning)
            return []
        case .kept(let line, let file):
            say("Copied, and written to \(file): \(line)")
            return []
        }
    }

    @discardableResult
    mutating func record(_ snapshot: Snapshot) -> [AlertChange] {
        var snapshot = snapshot
        meet(snapshot)
        if let report = snapshot.namespaces {
            namespaces.adopt(report)
        } else {
            snapshot.namespaces = namespaces.report
        }
        if let look = snapshot.clients {
            clients.adopt(look)
        } else {
            snapshot.clients = clients.look
        }
        let before = latestNode?.address
        latest = snapshot
        failingSince = snapshot.isReachable ? nil : failingSince ?? snapshot.takenAt
        // Another node's counters do not go on where these ended.
        if let before, before != latestNode?.address { commands = CommandRates() }
        elapsed = max(elapsed, snapshot.elapsed)
        now = max(now, snapshot.takenAt)
        slowlog.record(snapshot)
        let changes = alerts.evaluate(snapshot, clients: clients.study)
        for node in snapshot.nodes + [snapshot.sum].compactMap({ $0 }) {
            histories[node.address, default: History()].record(node, at: snapshot.elapsed, every: interval)
            // Who is late was known before as it is shown.
            if node.info != nil, node.late == nil || known[node.address]?.node.answeredAt != node.answeredAt {
                known[node.address] = Known(node: node, takenAt: snapshot.takenAt, elapsed: snapshot.elapsed)
            }
        }
        if let node = latestNode {
            commands.record(node, at: snapshot.elapsed, by: servers(of: node, in: snapshot))
        }
        if snapshot.isReachable { link = .up } else if link == .up { link = .connecting }
        forgetNodes(besides: snapshot)
        dropChosenNode(besides: snapshot)
        move(to: Place(snapshot, before: place))
        return changes
    }

    /// What was counted of one server says nothing of another one.
    private mutating func meet(_ snapshot: Snapshot) {
        let now = snapshot.holders
        let isAnother = now.contains { address, server in
            servers[address].map { server.relation(to: $0) == .another } ?? false
        }
        let addresses = Set(snapshot.dataNodes.map(\.address))
        servers = servers.filter { addresses.contains($0.key) }.merging(now) { $1 }
        guard isAnother else { return }
        closeNamespace()
        namespaces.forget(at: snapshot.elapsed)
        clients.forget()
        if screen == .namespaces { say("Another server answers: its keys are counted anew", .warning) }
    }

    /// Whose figures a node's are: its own, or those of all of which it is the sum.
    private func servers(of node: NodeSnapshot, in snapshot: Snapshot) -> [String: ServerIdentity] {
        guard snapshot.nodes.contains(where: { $0.address == node.address }) else {
            return snapshot.holders
        }
        return node.info.map { [node.address: ServerIdentity($0)] } ?? [:]
    }

    /// What left the deployment needs no memory.
    private mutating func forgetNodes(besides snapshot: Snapshot) {
        let addresses = Set((snapshot.nodes + [snapshot.sum].compactMap { $0 }).map(\.address))
        guard known.count > addresses.count || histories.count > addresses.count else { return }
        known = known.filter { addresses.contains($0.key) }
        histories = histories.filter { addresses.contains($0.key) }
    }

    /// A node that was chosen for all screens and has left: they show others now, and do not jump back when it returns.
    private mutating func dropChosenNode(besides snapshot: Snapshot) {
        guard let chosen = chosenNode, !snapshot.nodes.contains(where: { $0.address == chosen }) else { return }
        chosenNode = nil
        commands = CommandRates()
        say("\(chosen) has left the deployment: all screens show \(latestNode?.address ?? "none") now", .warning)
    }

    /// What was listed of other servers is not what these ones hold.
    private mutating func move(to now: Place?) {
        guard let now, now != place else { return }
        let before = place
        place = now
        guard before != nil, keys.hasBegun else { return }
        keys.reopen()
        if screen == .keys { say("Another server answers: its keys are listed anew", .warning) }
    }

    mutating func say(_ text: String, _ role: Role = .info, lasts: Duration = Message.lasts) {
        // A result that is interrupted has its turn again.
        if var message, message.ticket != nil, !message.isOver(at: readingTime) {
            message.isShown = false
            waiting.insert(message, at: 0)
        }
        message = Message(text: SecretFilter.redact(text), role: role, until: readingTime + lasts)
    }

    /// Tells what has come of an act. Each result has its time: another one waits for it.
    mutating func tell(_ text: String, _ role: Role = .info, of ticket: Ticket) {
        let result = Message(
            text: SecretFilter.redact(text), role: role, until: readingTime + Message.lasts, ticket: ticket)
        if let message, message.ticket != nil, !message.isOver(at: readingTime) {
            waiting.append(result)
        } else {
            message = result
        }
    }

    mutating func nextMessage() {
        message = waiting.isEmpty ? nil : waiting.removeFirst()
        let read = readingTime
        message?.until = read + Message.lasts
    }

    private mutating func handle(_ event: TerminalEvent) -> [Effect] {
        switch event {
        case .key(.lineBreak): return breakLine()
        case .key(let key): return dialog == nil ? press(key) : pressInDialog(key)
        case .paste(let text): paste(text, continues: false)
        case .pasteContinues(let text): paste(text, continues: true)
        case .click(let point): return click(point)
        case .wheel(_, let rows): return scroll(by: rows)
        case .resize(let size):
            self.size = size
        case .hangUp, .terminate: return [.quit]
        // What the shell has hidden has its time again.
        case .resumed: message?.isShown = false
        }
        return []
    }

    mutating func press(_ key: Key) -> [Effect] {
        guard let intent = Keymap.intent(of: key, on: screen, isReplay: isReplay) else {
            if let words = Keymap.elsewhere(key, on: screen) { say(words, lasts: Message.briefly) }
            return []
        }
        return perform(intent)
    }

    mutating func perform(_ intent: Intent) -> [Effect] {
        // What changes something is stopped before what is only looked at.
        if intent == .stopSweep, showBackground() { return [] }
        if let effects = moveInValue(intent) { return effects }
        return performInReplay(intent) ?? performAnywhere(intent)
    }

    private mutating func performAnywhere(_ intent: Intent) -> [Effect] {
        switch intent {
        case .screen(let screen): go(to: screen)
        case .nextScreen: go(to: Screen(rawValue: screen.rawValue % Screen.allCases.count + 1) ?? .overview)
        case .previousScreen:
            go(
                to: Screen(rawValue: (screen.rawValue + Screen.allCases.count - 2) % Screen.allCases.count + 1)
                    ?? .overview)
        case .up: move(by: -1)
        case .down: move(by: 1)
        case .pageUp: move(by: -pageRows)
        case .pageDown: move(by: pageRows)
        case .first: move(by: -rowCount(of: screen))
        case .last: move(by: rowCount(of: screen))
        case .open: openSelection()
        case .back: goBack()
        case .filter: dialog = .filter(TextField(filterText), before: filters[screen] ?? "")
        case .sort: changeOrder()
        case .reverse: reverseOrder()
        case .pause: togglePause()
        case .longerSpan: spanIndex = min(Self.spans.count - 1, spanIndex + 1)
        case .shorterSpan: spanIndex = max(0, spanIndex - 1)
        case .slower: return step(to: Self.intervals.first { $0 > interval })
        case .faster: return step(to: Self.intervals.last { $0 < interval })
        case .themes: dialog = .themes(selection: options.themes.firstIndex(of: theme) ?? 0, before: theme)
        case .command: dialog = .command(TextField())
        case .reconnect:
            namespaces.retry()
            clients.retry()
            keys.retry()
            askedAccess = AskedAccess()
            say("Reconnecting")
            return [.reconnect]
        case .copy: return copySelection()
        case .stopSweep where screen == .keys && keys.toggleWalk(): break
        case .estimate where screen == .clients: return lookAtClientsNow()
        case .estimate, .sweep, .fullSweep, .stopSweep: return performOnKeys(intent)
        case .browse: browseSelection()
        case .valueView, .editLifetime, .deleteKey: return performOnKey(intent)
        case .flush, .repair, .revoke, .rewriteLost, .kill: return act(intent)
        case .journals: return operate(.listJournals)
        case .help: dialog = .help(offset: 0)
        case .replay(let order): return ask(order)
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return [.quit]
        }
        return []
    }

    /// - Parameter next: nil at an end.
    private mutating func step(to next: Duration?) -> [Effect] {
        if let next { return setInterval(next) }
        say("Polling every \(intervalLabel), which is as far as it goes")
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
                namespaces: namespaces, clients: clients, twin: twin, chosenNode: chosenNode)
            holdCursors()
        } else {
            held = nil
        }
    }

    private mutating func changeOrder() {
        holdCursors()
        if screen == .clients {
            regroupClients()
        } else if screen == .commands {
            commandOrder = commandOrder.next
            say("Sorted by \(commandOrder.words)")
        } else if screen == .namespaces {
            namespaces.order = namespaces.order.next
            say("Sorted by \(namespaces.order.words)")
        } else if screen == .keys {
            let order = keys.order.next
            keys.sort(by: order)
            say("Sorted \(keys.order.words)")
        } else {
            sortsByDuration.toggle()
            say(sortsByDuration ? "Sorted by duration" : "Sorted by time")
        }
    }

    private mutating func reverseOrder() {
        holdCursors()
        let isReversed: Bool
        switch screen {
        case .commands:
            reversesCommands.toggle()
            isReversed = reversesCommands
        case .slowlog:
            reversesSlowlog.toggle()
            isReversed = reversesSlowlog
        case .keys:
            keys.reverse()
            isReversed = keys.isReversed
        default:
            namespaces.isReversed.toggle()
            isReversed = namespaces.isReversed
        }
        say(isReversed ? "Sorted the other way round" : "Sorted as usual")
    }

    private mutating func click(_ point: Point) -> [Effect] {
        let drawn = drawn ?? Drawn(render(), of: self)
        guard let id = drawn.frame.region(at: point)?.id else { return [] }
        if let theme = Drawn.number(in: id, of: "theme") { return chooseTheme(theme) }
        guard dialog == nil else { return [] }
        if let tab = Drawn.number(in: id, of: "tab"), let screen = Screen(rawValue: tab) {
            go(to: screen)
        } else if let row = Drawn.number(in: id, of: "row"), let subject = drawn.subjects[row], drawn.screen == screen {
            // Whoever points at the list has left the value.
            if screen == .keys { keys.closeValue() }
            if pointCursor(at: subject) { screen == .keys ? openPointedValue() : openSelection() }
        }
        return []
    }
}
