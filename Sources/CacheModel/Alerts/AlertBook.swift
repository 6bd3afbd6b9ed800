internal import RedisValues

/// Where the alerts come from: the rules, applied to each snapshot, or somebody who has written down what they said.
public enum AlertBook: Sendable {
    case rules(AlertEngine)
    case recorded(RecordedAlerts)

    /// Critical ones first, then the newest; of the same, by node.
    public var raised: [Alert] {
        switch self {
        case .rules(let engine): engine.raised
        case .recorded(let alerts): alerts.raised
        }
    }

    /// Cleared and withdrawn ones, newest first, 100 at most.
    public var past: [Alert] {
        switch self {
        case .rules(let engine): engine.past
        case .recorded(let alerts): alerts.past
        }
    }

    /// Slow-log entries that came in within the minute before the latest snapshot, of all nodes.
    public var newSlowQueries: Int {
        switch self {
        case .rules(let engine): engine.newSlowQueries
        case .recorded(let alerts): alerts.newSlowQueries
        }
    }

    /// Whether a look at the keyspace now would tell who is behind an alert that was raised within the last minutes.
    public var wantsLook: Bool { if case .rules(let engine) = self { engine.wantsLook } else { false } }

    /// - Returns: what the rules make of it; what was recorded comes by ``take(_:)``.
    public mutating func evaluate(_ snapshot: Snapshot, clients study: ClientStudy?) -> [AlertChange] {
        switch self {
        case .rules(var engine):
            // One engine, not two that share what they hold.
            self = .recorded(RecordedAlerts())
            defer { self = .rules(engine) }
            return engine.evaluate(snapshot, clients: study)
        case .recorded(var alerts):
            alerts.note(snapshot)
            self = .recorded(alerts)
            return []
        }
    }

    /// Takes in what was recorded; rules come to their own result.
    public mutating func take(_ change: AlertChange) {
        guard case .recorded(var alerts) = self else { return }
        alerts.take(change)
        self = .recorded(alerts)
    }

    /// A standing alert has another figure now.
    public mutating func word(_ alert: Alert) {
        guard case .recorded(var alerts) = self else { return }
        alerts.word(alert)
        self = .recorded(alerts)
    }

    /// This program removes keys itself: nobody is warned of what it has taken.
    ///
    /// - Parameters:
    ///   - id: the same for ``endRemoval(_:at:)``.
    ///   - namespaces: their names; nil where it may take keys of any.
    public mutating func beginRemoval(_ id: Int, of namespaces: Set<String>?, at now: Duration) {
        guard case .rules(var engine) = self else { return }
        engine.beginRemoval(id, of: namespaces, at: now)
        self = .rules(engine)
    }

    public mutating func endRemoval(_ id: Int, at now: Duration) {
        guard case .rules(var engine) = self else { return }
        engine.endRemoval(id, at: now)
        self = .rules(engine)
    }
}

/// The alerts as somebody has recorded them, change by change.
public struct RecordedAlerts: Equatable, Sendable {
    private struct Key: Hashable {
        var node: String?
        var id: Alert.ID

        init(_ alert: Alert) { (node, id) = (alert.node, alert.id) }
    }

    private var standing: [Key: Alert] = [:]
    /// Cleared and withdrawn ones, newest first, ``pastKept`` at most.
    public private(set) var past: [Alert] = []
    /// Slow-log entries of the minute before the latest snapshot, of all nodes.
    public private(set) var newSlowQueries = 0

    static let pastKept = 100

    public init() {}

    /// In the order of ``AlertEngine/raised``.
    public var raised: [Alert] { standing.values.sorted(by: Alert.precedes) }

    public mutating func take(_ change: AlertChange) {
        switch change {
        case .raised(let alert), .changed(let alert): standing[Key(alert)] = alert
        case .cleared(let alert), .withdrawn(let alert):
            standing[Key(alert)] = nil
            past.insert(alert, at: 0)
            if past.count > Self.pastKept { past.removeLast() }
        }
    }

    /// Whoever goes on tells what stands: what another run has seen, and not seen the end of, is nobody's any more.
    public mutating func forgetStanding() { standing = [:] }

    /// - Parameter alert: with the message and the value that it has now; nothing else of it counts.
    public mutating func word(_ alert: Alert) {
        let key = Key(alert)
        standing[key]?.message = alert.message
        standing[key]?.value = alert.value
    }

    mutating func note(_ snapshot: Snapshot) {
        newSlowQueries = snapshot.nodes.reduce(0) { count, node in
            let now = snapshot.takenAt
            let ahead = node.clockAhead(of: now)
            let new = node.slowlog?.count { !$0.isOwn && !$0.isOfScript && now - $0.at + ahead < .seconds(60) } ?? 0
            return count +| new
        }
    }
}

extension Alert {
    /// Critical ones first, then the newest; of the same, by node.
    static func precedes(_ left: Alert, _ right: Alert) -> Bool {
        (right.level, right.since, left.id.rawValue, left.node ?? "")
            < (left.level, left.since, right.id.rawValue, right.node ?? "")
    }
}
