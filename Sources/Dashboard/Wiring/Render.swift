internal import CacheModel
public import TerminalUI

extension DashboardState {
    /// The screen as it is now; drawing changes nothing.
    public func render() -> Frame {
        var frame = Frame(size: size, charset: charset)
        guard size.columns > 0, size.rows > 0 else { return frame }
        let layout = Layout(size)
        if Detail(size) == .line {
            StateLine(state: self).render(in: layout.header, into: &frame)
            renderField(in: layout.header, into: &frame)
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
        case .namespaces: NamespacesScreen(state: self).render(in: body, into: &frame)
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
        case .help(let offset): Help(state: self).render(offset: offset, into: &frame)
        case .themes(let selection, _): ThemePicker(state: self, selection: selection).render(into: &frame)
        case .command, .filter: renderField(in: layout.footer, into: &frame)
        case .detail(let opened, let offset):
            DetailBox(state: self, opened: opened).render(offset: offset, into: &frame)
        case .operation(let dialog): dialog.box(in: self).render(into: &frame)
        case nil: break
        }
    }

    private func renderField(in line: Rect, into frame: inout Frame) {
        switch dialog {
        case .command(let field): CommandLineField(state: self, field: field).render(in: line, into: &frame)
        case .filter(let field, _): FilterField(state: self, field: field).render(in: line, into: &frame)
        case .operation: OperationTooSmall(state: self).render(in: line, into: &frame)
        case .help, .themes, .detail, nil: break
        }
    }
}
