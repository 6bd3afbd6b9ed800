public import CacheModel
public import RedisValues

/// What became of alerts, as text for a ticket, line by line as it came.
public struct AlertAccount: Sendable {
    private struct Key: Hashable {
        var id: Alert.ID
        var node: String?
    }

    private struct Standing {
        var alert: Alert
        /// When its figure was told last.
        var told: WallTime
    }

    private var standing: [Key: Standing] = [:]
    /// How often one was raised.
    public private(set) var raised = 0

    /// A figure changes with each poll.
    static let betweenFigures = Duration.seconds(60)

    public init() {}

    /// Those that stand where the account begins.
    ///
    /// - Returns: lines of text, each with its end.
    public mutating func begin(_ alerts: [Alert], at time: WallTime) -> String {
        alerts.map { take(RecordedAlert(.standing, $0), at: time) }.joined()
    }

    /// Whether it is raised, or becomes worse: that is worth a picture.
    public func isNews(_ change: RecordedAlert) -> Bool {
        switch change.change {
        case .raised: true
        case .changed:
            standing[Key(id: change.alert.id, node: change.alert.node)].map { change.alert.level > $0.alert.level }
                ?? true
        case .standing, .explained, .worded, .cleared, .withdrawn: false
        }
    }

    /// - Parameter picture: where the screen is to be seen that it was raised on.
    /// - Returns: lines of text, each with its end; none for what nobody needs to read twice.
    public mutating func take(_ change: RecordedAlert, at time: WallTime, picture: String? = nil) -> String {
        let alert = change.alert
        let key = Key(id: alert.id, node: alert.node)
        let before = standing[key]
        switch change.change {
        case .raised:
            raised += 1
            standing[key] = Standing(alert: alert, told: time)
            return Self.whole("RAISED", alert, time, picture)
        case .standing:
            // Each file begins with those that stand.
            guard before == nil else { return "" }
            standing[key] = Standing(alert: alert, told: time)
            let since = alert.since < time ? ", since \(Self.clock(alert.since))" : ""
            return Self.whole("STANDS", alert, time, nil, since)
        case .changed:
            standing[key] = Standing(alert: alert, told: time)
            return Self.whole("NOW", alert, time, picture)
        case .explained:
            standing[key] = Standing(alert: alert, told: time)
            return Self.whole("EXPLAINED", alert, time, nil)
        case .worded:
            standing[key]?.alert.message = alert.message
            guard let before, time - before.told >= Self.betweenFigures else { return "" }
            standing[key]?.told = time
            return Self.line("FIGURE", alert, time, ": \(alert.message)")
        case .cleared, .withdrawn:
            standing[key] = nil
            let last = alert.message.isEmpty ? before?.alert.message ?? "" : alert.message
            let length = time - alert.since
            let lasted = length > .zero ? ", after \(Format.duration(length))" : ""
            return Self.line(
                change.change == .cleared ? "CLEARED" : "WITHDRAWN", alert, time,
                lasted + (change.change == .cleared ? "" : ": not known any more") + (last.isEmpty ? "" : "; \(last)"))
        }
    }

    // MARK: lines

    private static func whole(
        _ word: String, _ alert: Alert, _ time: WallTime, _ picture: String?, _ more: String = ""
    ) -> String {
        var lines = [
            line(word, alert, time, ", \(alert.level.rawValue)\(more)"), "    \(alert.message)\n",
        ]
        if let words = alert.culprit?.words { lines.append("    who: \(words)\n") }
        // What was seen when it was raised may be otherwise by now.
        let seen = word == "RAISED" ? "seen" : "seen when it was raised"
        lines += alert.evidence.map { "    \(seen): \($0)\n" } + alert.remedy.map { "    remedy: \($0)\n" }
        if let picture { lines.append("    picture: \(picture)\n") }
        return lines.joined()
    }

    private static func line(_ word: String, _ alert: Alert, _ time: WallTime, _ more: String) -> String {
        "\(clock(time))  \(word) \(alert.id.rawValue)\(alert.node.map { " on \($0)" } ?? "")\(more)\n"
    }

    /// To the second, in UTC: whoever reads it may sit elsewhere.
    private static func clock(_ time: WallTime) -> String { CivilClock.utc.dateAndClock(time) }
}
