internal import CacheModel
internal import TerminalUI

/// What can be done now.
extension DashboardState {
    /// Why nothing may be changed; nil where it may.
    var readOnlyWords: String? {
        if isReplay { return Self.noServer }
        return options.readOnly ? "read-only: switched on by --read-only or read_only" : denial
    }

    /// True where there is nothing to choose from on screen 7.
    var hasOneNode: Bool { (latest?.nodes.count ?? 0) < 2 }

    /// Whether revocations of this program are missing in the server.
    var hasLostRevocations: Bool { alerts.raised.contains { $0.id == .revocationLost } }

    /// What the footer offers.
    func hints(columns: Int) -> [(label: String, hint: String)] {
        Keymap.hints(
            on: screen, columns: columns, without: isIdle, words: hintWords,
            isMeant: {
                (screen == .overview || screen == .alerts)
                    && [.open, isAboutMemory ? .flush : .repair, .kill].contains($0)
            })
    }

    /// Whether the line is an alert that ends where keys go.
    private var isAboutMemory: Bool {
        guard let alert = subject.flatMap({ alert(of: $0) }) else { return false }
        return [.memoryHigh, .evicting, .refusingWrites].contains(alert.id) && aboutKeys != nil
    }

    /// What a key does with the line under the cursor; nil where that is what it always does.
    private func hintWords(_ intent: Intent) -> String? {
        func named(_ deed: String, _ name: String?) -> String? {
            name.map { "\(deed) \(Printable.shortened($0, to: 20))" }
        }
        switch intent {
        case .open where screen == .nodes:
            return subject.map { $0 == chosenNode.map(Subject.node) } == true ? "show all again" : "show on all screens"
        case .pause where replay?.isPaused == true: return "go on"
        case .open: return lead?.words
        case .flush: return named("flush", subjectScope?.name)
        case .repair: return named("mend", subjectScope?.name)
        case .kill where screen != .clients: return named("kill", aboutClients)
        default: return nil
        }
    }

    /// True for keys that need a line which is not there.
    private func lacksLine(_ intent: Intent) -> Bool {
        guard screen == .overview || screen == .alerts else { return false }
        switch intent {
        case .open, .copy: return subject == nil
        case .browse, .repair: return subjectScope == nil
        case .flush: return screen == .alerts && subjectScope == nil
        case .kill: return killSelection == nil
        default: return false
        }
    }

    /// True for keys that would do nothing now.
    func isIdle(_ intent: Intent) -> Bool {
        if lacksLine(intent) { return true }
        if case .replay = intent { return !isReplay }
        if isReplay, intent.asksServer { return true }
        if intent == .open, screen == .keys && keys.isOpen || screen == .nodes && hasOneNode { return true }
        if intent == .rewriteLost, !hasLostRevocations { return true }
        if intent == .reconnect { return !isCutOff }
        return intent.isActing && readOnlyWords != nil || intent.needsServer && isCutOff
    }

    /// The command, where this user may not use it or the server does not know it.
    func denied(_ command: String) -> DeniedCommand? { figures?.denied.first { $0.command == command } }

    /// Why nobody knows whether there are slow queries, and on how many of how many nodes; nil where all have told.
    var slowlogGap: (words: String, silent: Int, all: Int)? {
        let nodes =
            node?.address == shown?.sum?.address && shown?.sum != nil
            ? shown?.dataNodes ?? [] : [figures].compactMap { $0 }
        let silent = nodes.filter { $0.slowlog == nil }
        guard let first = silent.first else { return nil }
        let refusal = first.refusal.map { [$0.reason, $0.detail].filter { !$0.isEmpty }.joined(separator: ": ") }
        let words = first.why("SLOWLOG GET")?.sentence ?? refusal ?? "SLOWLOG GET was not answered"
        return (words, silent.count, nodes.count)
    }

    /// What stands where there is no slow query to list.
    func noSlowQueries(columns: Int) -> [TextLine] {
        if let gap = slowlogGap {
            let place = gap.all > 1 ? " on \(gap.silent) of \(gap.all) nodes" : ""
            return TextLine.wrapped("The slow log is not known\(place)", columns: columns, charset, .warning)
                + TextLine.wrapped(gap.words, columns: columns, charset, .dim)
        }
        if let words = figures?.slowlogSilence { return [TextLine("The slow log is \(words)", .warning)] }
        return [TextLine("None in the server's slow log", .dim)]
    }
}
