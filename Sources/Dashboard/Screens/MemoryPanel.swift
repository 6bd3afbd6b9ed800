internal import CacheModel
internal import TerminalUI

/// Memory used over time, against its limit.
struct MemoryPanel {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let memory = state.figures?.info?.memory
        let inner = state.panel(
            "Memory", hint: state.spanLabel, note: note(memory) + state.twinNote(.memory),
            footer: figures(memory, rect.columns),
            border: .borderMemory, columns: rect.columns, isSum: true
        )
        .render(in: rect, into: &frame)
        let limit = memory?.maximum.flatMap { $0.bytes > 0 ? Double($0.bytes) : nil }
        LineChart(
            state.history(.memory, samples: LineChart.samples(for: inner)),
            beside: state.twinHistory(.memory, samples: LineChart.samples(for: inner)), limit: limit,
            limitLabel: "maxmemory",
            endsAtLimit: true, role: state.isStale ? .stale : .chartMemory, base: .bytes, charset: state.charset
        ).render(in: inner, into: &frame)
    }

    private func note(_ memory: ServerInfo.Memory?) -> [Span] {
        let role = state.valueStyle(pressureRole)
        guard let maximum = memory?.maximum else {
            return [Span(Format.bytes(memory?.used), role), Span(" limit \(Format.unknown)", .dim)]
        }
        guard maximum.bytes > 0 else {
            return [Span(Format.bytes(memory?.used), role), Span(" no maxmemory", .dim)]
        }
        let (used, limit) = Format.bytes(memory?.used, of: maximum)
        return [Span(used, role), Span(" of \(limit)", .dim)]
    }

    private var pressureRole: Role {
        guard let pressure = state.figures?.pressure else { return .value }
        let thresholds = state.options.thresholds
        return pressure > thresholds.memoryCritical
            ? .critical : pressure > thresholds.memoryWarning ? .warning : .value
    }

    private func figures(_ memory: ServerInfo.Memory?, _ columns: Int) -> [Span] {
        var spans = state.labelled("rss", Format.bytes(memory?.rss))
        if columns >= 44 { spans += [Span("  ")] + state.labelled("peak", Format.bytes(memory?.peak)) }
        if columns >= 52 { spans += [Span("  ")] + state.labelled("frag", Format.number(memory?.fragmentationRatio)) }
        if columns >= 58, let policy = memory?.policy { spans += [Span("  ")] + [Span(policy, state.valueStyle())] }
        return spans
    }
}

/// Connected clients over time.
struct ClientsPanel {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let clients = state.figures?.info?.clients
        let note =
            [
                Span(Format.count(clients?.connected), state.valueStyle()),
                Span(" of \(Format.count(clients?.maximum))", .dim),
            ] + state.twinNote(.clients)
        let inner = state.panel(
            "Clients", hint: state.spanLabel, note: note, footer: figures(rect.columns),
            border: .borderClients, columns: rect.columns, isSum: true
        )
        .render(in: rect, into: &frame)
        LineChart(
            state.history(.clients, samples: LineChart.samples(for: inner)),
            beside: state.twinHistory(.clients, samples: LineChart.samples(for: inner)),
            limit: clients?.maximum.map(Double.init),
            limitLabel: "maxclients", role: state.isStale ? .stale : .chartClients, charset: state.charset
        ).render(in: inner, into: &frame)
    }

    private func figures(_ columns: Int) -> [Span] {
        let info = state.figures?.info
        let rates = state.figures?.rates
        let blocked = info?.clients.blocked ?? 0
        var spans = state.labelled("blocked", Format.count(info?.clients.blocked), blocked > 0 ? .warning : .value)
        spans += [Span("  ")] + state.labelled("new", "\(Format.rate(rates?.connections))/s")
        if columns >= 50 {
            let rejected = info?.stats.rejectedConnections ?? 0
            spans +=
                [Span("  ")]
                + state.labelled(
                    "rejected", Format.count(info?.stats.rejectedConnections), rejected > 0 ? .warning : .value)
        }
        if columns >= 58 { spans += [Span("  ")] + state.labelled("buffers", Format.bytes(info?.memory.clients)) }
        return spans
    }
}
