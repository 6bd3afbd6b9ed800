internal import CacheModel
internal import TerminalUI

/// Screen 1: is the cache healthy?
///
/// ```
/// ╭ Memory ──────╮╭ Clients ─────╮
/// │    chart     ││    chart     │
/// ╰──────────────╯╰──────────────╯
/// ╭ Traffic ─────╮╭ Alerts ▲2 ───╮
/// ╰──────────────╯╰──────────────╯
/// ╭ Namespaces ──╮╭ Slow queries ╮
/// ╰──────────────╯╰──────────────╯
/// ```
struct Overview {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let detail = Detail(state.size)
        guard detail != .figures else {
            FiguresOnly(state: state).render(in: body, into: &frame)
            return
        }
        let alerts = AlertsPanel(of: state, body)
        let layout = OverviewLayout(of: state, body, alerts)
        let lines = state.keptOverview ?? OverviewLines(of: state, layout, alerts)
        MemoryPanel(state: state).render(in: layout.memory, into: &frame)
        ClientsPanel(state: state).render(in: layout.clients, into: &frame)
        TrafficPanel(state: state, isOneLine: detail == .compact).render(in: layout.traffic, into: &frame)
        alerts.render(in: layout.alerts, into: &frame)
        NamespacesPanel(state: state).render(
            in: layout.namespaces, firstLine: lines.namespaces.lowerBound, into: &frame)
        guard !layout.slowlog.isEmpty else { return }
        SlowlogPanel(state: state).render(in: layout.slowlog, firstLine: lines.slowQueries.lowerBound, into: &frame)
    }
}
