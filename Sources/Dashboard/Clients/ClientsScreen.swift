internal import CacheModel
internal import TerminalUI

/// Screen 5: who the clients are.
///
/// ```
/// ╭ Clients ─────── 412 of 10,000 ╮╭ Connections ──────────────────╮
/// │ chart                         ││ figures                       │
/// ╰───────────────────────────────╯╰───────────────────────────────╯
/// ╭ Groups  by name ──────────────── 412 connections in 12, 4 s ago ╮
/// │ name               conn   +/min  busy  idle>10m  …  last command │
/// │ checkout-worker-*    50      25     0         0  …  ping         │
/// │                                                                  │
/// │ rising for 6 looks, all idle: leak                               │
/// ╰──────────────────────────────────────────────────────────────────╯
/// ```
struct ClientsScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let layout = ClientsLayout(body: body)
        if !layout.chart.isEmpty { ClientsPanel(state: state).render(in: layout.chart, into: &frame) }
        if !layout.figures.isEmpty { ConnectionsPanel(state: state).render(in: layout.figures, into: &frame) }
        list(layout, &frame)
    }

    private func list(_ layout: ClientsLayout, _ frame: inout Frame) {
        let board = state.shownClients
        let lines = state.clientLines
        let inner = state.panel(
            title(board), hint: board.opened == nil ? "by \(board.grouping.rawValue)" : "", note: note(board, lines),
            footer: footer(board), footerNote: board.opened == nil ? nil : "Esc closes", border: .borderClients,
            columns: layout.list.columns
        ).render(in: layout.list, into: &frame).inset(columns: 1, rows: 0)
        guard lines.count > 0 else {
            frame.write(empty(board, inner.columns), in: inner, ellipsis: state.charset.ellipsis)
            return
        }
        let table = Rect(
            column: inner.column, row: inner.row, columns: inner.columns, rows: inner.rows - layout.wordRows)
        draw(lines, board, table, &frame)
        let words = Rect(
            column: inner.column, row: table.endRow, columns: inner.columns, rows: layout.wordRows)
        frame.write(self.words(lines, inner.columns), in: words, ellipsis: state.charset.ellipsis)
    }

    private func draw(_ lines: ClientLines, _ board: ClientBoard, _ rect: Rect, _ frame: inout Frame) {
        let place = state.lists[.clients] ?? ListState()
        let nodes = state.clientNode == nil ? board.look?.entries.count ?? 1 : 1
        let cells = ClientCells(state: state, width: rect.columns, nodes: nodes)
        let shown = place.offset..<min(lines.count, place.offset + max(0, rect.rows - 1))
        let (columns, rows): ([Table.Column], [[Span]]) =
            switch lines {
            case .groups(let groups): (cells.groupColumns, groups[shown].map(cells.cells))
            case .members(let members): (cells.memberColumns, members[shown].map(cells.cells))
            }
        Table(
            columns: columns, rows: rows, offset: place.offset, selection: state.selection(of: .clients),
            charset: state.charset
        ).render(in: rect, into: &frame)
    }

    private func title(_ board: ClientBoard) -> String {
        board.opened.map { Printable.shortened(ClientGroup(id: $0).name, to: 40) } ?? "Groups"
    }

    private func note(_ board: ClientBoard, _ lines: ClientLines) -> [Span] {
        guard let look = board.look, look.isKnown else { return [] }
        let age = "\(Format.age(max(.zero, state.elapsed - look.elapsed))) ago"
        let words =
            switch lines {
            case .groups(let groups): "\(Format.count(groups.reduce(0) { $0 + $1.connections })) in \(groups.count)"
            case .members(let members): Format.count(members.count)
            }
        return [Span("\(words), \(age)", .dim)]
    }

    /// What is missing, and how often it is looked at.
    private func footer(_ board: ClientBoard) -> [Span] {
        guard let look = board.look else { return [] }
        if look.isKnown, let refusal = look.firstRefusal {
            let all = look.refused.count + look.entries.count
            return [
                Span(
                    "\(look.refused.count) of \(Format.count(all, "node")) not known: \(Self.words(refusal))", .warning)
            ]
        }
        if look.leftOut > 0 {
            return [Span("lines that were not understood: \(Format.count(look.leftOut))", .warning)]
        }
        let count = state.connectedClients ?? look.count
        if count > ClientCadence.most {
            return [Span("over \(Format.count(ClientCadence.most, "client")): only e looks", .warning)]
        }
        if count > ClientCadence.many {
            return [Span("over \(Format.count(ClientCadence.many, "client")): every 30 s", .dim)]
        }
        return []
    }

    private static func words(_ refusal: Refusal) -> String {
        refusal.detail.isEmpty ? refusal.reason : refusal.detail
    }

    private func empty(_ board: ClientBoard, _ columns: Int) -> [TextLine] {
        func wrapped(_ words: String, _ role: Role) -> [TextLine] {
            TextLine.wrapped(words, columns: columns, state.charset, role)
        }
        if let look = board.look, !look.isKnown, let refusal = look.firstRefusal {
            let head = wrapped("Who the clients are is not known: \(Self.words(refusal))", .warning)
            guard refusal.kind == .noPermission else { return head + wrapped(refusal.remedy, .dim) }
            return head + wrapped("ACL SETUSER \(state.figures?.user ?? "USER") +client|list", .text)
                + wrapped("`cachewatch acl --for diagnose` prints the whole line; r asks again.", .dim)
        }
        if board.look?.isKnown == true {
            if state.filters[.clients] != nil { return wrapped("None that match the filter", .dim) }
            return wrapped(board.opened == nil ? "No connections" : "None of its connections is there now", .dim)
        }
        if board.isLooking { return [TextLine("Looking", .dim)] }
        if (state.connectedClients ?? 0) > ClientCadence.most {
            return wrapped(
                "\(Format.count(state.connectedClients, "client")): to list them holds the server. e looks once.", .dim)
        }
        return wrapped("Nobody has looked yet who the clients are: e looks.", .dim)
    }

    /// What is said of the line under the cursor.
    private func words(_ lines: ClientLines, _ columns: Int) -> [TextLine] {
        guard let row = state.selection(of: .clients), row < lines.count else { return [] }
        switch lines {
        case .groups(let groups):
            let group = groups[row]
            let role: Role = group.isConspicuous ? .warning : .text
            return group.remarks.flatMap { TextLine.wrapped($0, columns: columns, state.charset, role) }
                + TextLine.wrapped(ClientWords.facts(group), columns: columns, state.charset, .dim)
        case .members(let members):
            return TextLine.wrapped(ClientWords.facts(members[row]), columns: columns, state.charset, .dim)
        }
    }
}

/// Facts that no column has.
enum ClientWords {
    /// `50 from 1 address on 3 nodes; 48 subscribers; 2 blocked; memory 1.10 MiB`.
    static func facts(_ group: ClientGroup) -> String {
        let places = "from \(Format.count(group.addresses, "address"))"
        let nodes = group.nodes.count > 1 ? " on \(group.nodes.count) nodes" : ""
        let kinds = group.kinds.filter { $0.key != .client }.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            Format.count($0.value, $0.key.rawValue)
        }
        let blocked = group.blocked > 0 ? ["\(Format.count(group.blocked)) blocked"] : []
        let memory = group.memory.map { "memory \(Format.bytes(ByteCount($0)))" }
        let more = [memory, unknown(group)].compactMap { $0 }
        return (["\(Format.count(group.connections)) \(places)\(nodes)"] + kinds + blocked + more)
            .joined(separator: "; ")
    }

    /// Why there are no rates.
    private static func unknown(_ group: ClientGroup) -> String? {
        if group.newPerMinute == nil { return "rates come with the next look" }
        return group.commands == nil ? "this server counts no commands by connection" : nil
    }

    /// `id 17 on cache-1:6379; user shop; jedis 5.1; db 0; flags N; memory 22.0 KiB`.
    static func facts(_ member: ClientMember) -> String {
        let entry = member.entry
        let library = entry.library.map { [$0, entry.libraryVersion].compactMap { $0 }.joined(separator: " ") }
        return [
            "id \(entry.id) on \(member.node)", entry.user.map { "user \($0)" }, library,
            entry.database.map { "db \($0)" }, entry.flags.isEmpty ? nil : "flags \(entry.flags)",
            entry.isBlocked ? "blocked" : nil,
            entry.totalCommands.map { Format.count($0, "command") },
            entry.memory.map { "memory \(Format.bytes(ByteCount($0)))" },
        ].compactMap { $0 }.joined(separator: "; ")
    }
}
