internal import RedisValues

/// The same alert of one node or of several: what to do about it needs saying once.
public struct AlertGroup: Equatable, Sendable {
    /// The first one stands for all.
    public let alerts: [Alert]

    public var first: Alert { alerts[0] }

    /// In the order of their first ones.
    public static func groups(of alerts: [Alert]) -> [AlertGroup] {
        struct Kind: Hashable {
            let id: Alert.ID
            let level: Alert.Level
            let remedy: [String]
        }
        var order: [Kind] = []
        var groups: [Kind: [Alert]] = [:]
        for alert in alerts {
            let kind = Kind(id: alert.id, level: alert.level, remedy: alert.remedy)
            if groups[kind] == nil { order.append(kind) }
            groups[kind, default: []].append(alert)
        }
        return order.compactMap { groups[$0].map(AlertGroup.init) }
    }

    private init(alerts: [Alert]) { self.alerts = alerts }

    /// One alert for all, which says how many more nodes have it, and with what figures.
    public var summary: Alert {
        var alert = first
        if alerts.count > 1 {
            alert.message += " (and \(alerts.count - 1) more \(alerts.count == 2 ? "node" : "nodes"))"
            alert.evidence = alerts.dropFirst().map { "\($0.node ?? ""): \($0.message)" } + alert.evidence
        }
        return alert
    }

    /// What is the same on several nodes, once, with the nodes that say so.
    public var lines: [(nodes: [String], message: String)] {
        var order: [String] = []
        var nodes: [String: [String]] = [:]
        for alert in alerts {
            if nodes[alert.message] == nil { order.append(alert.message) }
            nodes[alert.message, default: []] += [alert.node].compactMap { $0 }
        }
        return order.map { (nodes[$0] ?? [], $0) }
    }
}
