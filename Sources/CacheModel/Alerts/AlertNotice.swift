/// What a program of the operator's own is told of an alert.
public struct AlertNotice: Equatable, Sendable {
    public enum Event: String, CaseIterable, Sendable { case raised, cleared }

    public var event: Event
    public var alert: Alert
}

/// Which changes of alerts somebody is told of: that one is raised, again where it becomes worse, and that it has ended.
/// Nobody hears the end of what they were not told of, nor anything twice.
public struct AlertNotices: Sendable {
    private struct Key: Hashable {
        var id: Alert.ID
        var node: String?

        init(_ alert: Alert) { (id, node) = (alert.id, alert.node) }
    }

    /// The level that was told last, of those that stand.
    private var told: [Key: Alert.Level] = [:]

    public init() {}

    public mutating func take(_ changes: [AlertChange]) -> [AlertNotice] { changes.compactMap { take($0) } }

    private mutating func take(_ change: AlertChange) -> AlertNotice? {
        switch change {
        case .raised(let alert), .changed(let alert):
            let before = told[Key(alert)]
            guard before.map({ alert.level > $0 }) ?? true else { return nil }
            told[Key(alert)] = alert.level
            return AlertNotice(event: .raised, alert: alert)
        case .cleared(let alert), .withdrawn(let alert):
            guard told.removeValue(forKey: Key(alert)) != nil else { return nil }
            return AlertNotice(event: .cleared, alert: alert)
        }
    }

    /// Nobody could be told: what becomes of it is nobody's business either, and it may be told where it comes again.
    public mutating func drop(_ notice: AlertNotice) {
        if notice.event == .raised { told[Key(notice.alert)] = nil }
    }
}
