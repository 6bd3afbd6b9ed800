internal import CacheModel
public import TerminalUI

extension DashboardState {
    /// The screen as it is now; drawing changes nothing.
    public func render() -> Frame {
        var frame = Frame(size: size)
        guard size.columns > 0, size.rows > 0 else { return frame }
        let layout = Layout(size)
        if Detail(size) == .line {
            StateLine(state: self).render(in: layout.header, into: &frame)
        } else {
            Header(state: self).render(in: layout.header, into: &frame)
            TabLine(state: self).render(in: layout.tabs, into: &frame)
            renderBody(in: layout.body, into: &frame)
            Footer(state: self).render(in: layout.footer, into: &frame)
            renderDialog(into: &frame, layout)
        }
        return charset == .ascii ? frame.asciified() : frame
    }

    private func renderBody(in body: Rect, into frame: inout Frame) {
        guard figures != nil else {
            Waiting(state: self).render(in: body, into: &frame)
            return
        }
        switch screen {
        case .overview: Overview(state: self).render(in: body, into: &frame)
        case .namespaces: KeyspaceScreen(state: self).render(in: body, into: &frame)
        case .keys: KeysScreen(state: self).render(in: body, into: &frame)
        case .slowlog: SlowlogScreen(state: self).render(in: body, into: &frame)
        case .clients: ClientsScreen(state: self).render(in: body, into: &frame)
        case .commands: CommandsScreen(state: self).render(in: body, into: &frame)
        case .nodes: NodesScreen(state: self).render(in: body, into: &frame)
        case .alerts: AlertsScreen(state: self).render(in: body, into: &frame)
        }
    }

    private func renderDialog(into frame: inout Frame, _ layout: Layout) {
        switch dialog {
        case .help(let offset): Help(state: self, offset: offset).render(into: &frame)
        case .themes(let selection, _): ThemePicker(state: self, selection: selection).render(into: &frame)
        case .command(let field): CommandLineField(state: self, field: field).render(in: layout.footer, into: &frame)
        case .filter(let field, _): FilterField(field: field).render(in: layout.footer, into: &frame)
        case .detail(let row): SlowlogDetail(state: self, row: row).render(into: &frame)
        case nil: break
        }
    }

    // MARK: what panels share

    /// The style of a figure: grey when it is old.
    func valueStyle(_ role: Role = .value) -> Role { isStale ? .stale : role }

    /// What the note of a panel with old figures says.
    var staleNote: [Span] {
        guard isStale, let node, let known = known[node.address], let age else { return [] }
        return [Span("as of \(known.takenAt.clock(offset: options.utcOffset)), \(CacheAge.words(age))", .stale)]
    }

    func panel(_ title: String, hint: String = "", note: [Span] = [], footer: [Span] = [], border: Role) -> Panel {
        let titles = [Span(title, isStale ? .stale : .title)] + (hint.isEmpty ? [] : [Span("  \(hint)", .dim)])
        return Panel(
            titles, note: isStale && !staleNote.isEmpty ? staleNote : note, footer: footer,
            border: isStale ? .border : border, charset: charset)
    }

    /// A label and its figure.
    func labelled(_ label: String, _ figure: String, _ role: Role = .value) -> [Span] {
        [Span("\(label) ", .dim), Span(figure, valueStyle(role))]
    }
}
