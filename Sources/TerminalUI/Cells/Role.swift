/// What a cell means; the theme gives it a colour. Names in theme files are the raw values.
public enum Role: String, CaseIterable, Sendable {
    /// Ordinary words, and the screen behind them.
    case text
    /// Labels, units, hints: what may be overlooked.
    case dim
    /// Figures that are old.
    case stale
    /// Figures that matter.
    case value
    case title
    /// The program's name and the selected tab.
    case accent
    case tab, tabSelected = "tab-selected"
    case border
    case borderMemory = "border-memory", borderClients = "border-clients", borderTraffic = "border-traffic"
    case borderAlerts = "border-alerts", borderNamespaces = "border-namespaces", borderSlowlog = "border-slowlog"
    case borderDialog = "border-dialog"
    /// The cursor's row in a list.
    case selection
    /// A key's name in the footer, in help and in dialogs.
    case key
    case good, warning, critical, info
    /// Dotted limit lines and axis labels of charts.
    case chartAxis = "chart-axis"
    case chartLimit = "chart-limit"
    /// Gradients, from low to high.
    case chartMemory = "chart-memory", chartClients = "chart-clients", chartTraffic = "chart-traffic"
    case chartHits = "chart-hits", chartLoss = "chart-loss", meter
    case input
}
