/// What fills the space between tabs and footer.
public enum Screen: Int, CaseIterable, Sendable {
    case overview = 1, namespaces, keys, slowlog, clients, commands, nodes, alerts

    public var title: String {
        switch self {
        case .overview: "Overview"
        case .namespaces: "Namespaces"
        case .keys: "Keys"
        case .slowlog: "Slowlog"
        case .clients: "Clients"
        case .commands: "Commands"
        case .nodes: "Nodes"
        case .alerts: "Alerts"
        }
    }

    /// For tabs on a screen of 80 columns.
    var shortTitle: String {
        switch self {
        case .namespaces: "Names"
        case .slowlog: "Slow"
        case .commands: "Cmds"
        case .overview, .keys, .clients, .nodes, .alerts: title
        }
    }

    /// Screens with a cursor.
    var isList: Bool {
        switch self {
        case .overview, .namespaces, .keys, .slowlog, .clients, .alerts, .commands, .nodes: true
        }
    }
}
