internal import CacheModel

/// What can be done now.
extension DashboardState {
    /// Why nothing may be changed; nil where it may.
    var readOnlyWords: String? {
        options.readOnly ? "read-only: switched on by --read-only or read_only" : denial
    }

    /// Whether revocations of this program are missing in the server.
    var hasLostRevocations: Bool { alerts.raised.contains { $0.id == .revocationLost } }

    /// True for keys that would do nothing now.
    func isIdle(_ intent: Intent) -> Bool {
        if intent == .rewriteLost, !hasLostRevocations { return true }
        return intent.isActing && readOnlyWords != nil
    }

    /// The command, where this user may not use it or the server does not know it.
    func denied(_ command: String) -> DeniedCommand? { figures?.denied.first { $0.command == command } }
}
