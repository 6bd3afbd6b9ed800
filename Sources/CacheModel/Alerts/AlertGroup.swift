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

    /// One alert for all, which says how many more nodes have it.
    public var summary: Alert {
        var alert = first
        if alerts.count > 1 {
            alert.message += " (and \(alerts.count - 1) more \(alerts.count == 2 ? "node" : "nodes"))"
        }
        return alert
    }
}
