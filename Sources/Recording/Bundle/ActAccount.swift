public import RedisValues

/// What was done, marked and missed, as text for a ticket.
public enum ActAccount {
    /// - Returns: lines of text, each with its end; none for what is no such thing.
    public static func text(_ entry: RecordEntry, at time: WallTime) -> String {
        let clock = CivilClock.utc.dateAndClock(time)
        switch entry {
        case .action(let action):
            let told = action.details.filter { !$0.value.isEmpty }
            let details = told.sorted { $0.key < $1.key }.map { name, value in
                "    \(RecordedAction.spoken(name)): \(value)\n"
            }
            return "\(clock)  \(action.action)\(action.scope.isEmpty ? "" : " \(action.scope)") \(action.outcome)\n"
                + details.joined()
        case .mark(let words): return "\(clock)  MARK \(words)\n"
        case .gap(let gap): return "\(clock)  GAP \(RecordedStretch(from: gap.since, to: time, why: gap.why).words)\n"
        case .end: return "\(clock)  the recorder was ended\n"
        case .header, .snapshot, .namespaces, .clients, .counters, .slow, .alert: return ""
        }
    }
}
