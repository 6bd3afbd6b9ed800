internal import CacheModel
internal import TerminalUI

/// What stands in front of a state: each has a character of its own, so that colour is never the only difference.
enum Sign: CaseIterable {
    case healthy, warning, critical, unknown, info, cleared, withdrawn

    func character(_ charset: Charset) -> Character {
        switch self {
        case .healthy: charset.bullet
        case .warning: charset.alert
        case .critical: charset.critical
        case .unknown: "?"
        case .info: charset.info
        case .cleared: charset.kept
        case .withdrawn: charset.unknown
        }
    }

    var role: Role {
        switch self {
        case .healthy: .good
        case .warning, .unknown: .warning
        case .critical: .critical
        case .info: .info
        case .cleared, .withdrawn: .stale
        }
    }

    /// For help.
    var meaning: String {
        switch self {
        case .healthy: "healthy"
        case .warning: "a warning, or degraded; a contract that is broken; sums that lack a part"
        case .critical: "critical, or no answer; slots out of reach"
        case .unknown: "nobody can say how it is"
        case .info: "worth knowing, nothing to do"
        case .cleared: "over; a contract that is kept"
        case .withdrawn: "not known, or not known any more"
        }
    }

    init(_ status: HealthStatus) {
        self =
            switch status {
            case .ok: .healthy
            case .warning: .warning
            case .critical: .critical
            case .unknown: .unknown
            }
    }

    init(_ level: Alert.Level) {
        self =
            switch level {
            case .critical: .critical
            case .warning: .warning
            case .info: .info
            }
    }

    init(_ alert: Alert) {
        guard alert.clearedAt != nil else {
            self.init(alert.level)
            return
        }
        self = alert.isWithdrawn ? .withdrawn : .cleared
    }
}

extension Alert {
    /// The sign of the worst of them, and how many are worth one: nil where none is.
    static func badge(_ alerts: [Alert]) -> (sign: Sign, count: Int)? {
        let serious = alerts.filter { $0.level > .info }
        return serious.map(\.level).max().map { (Sign($0), serious.count) }
    }
}
