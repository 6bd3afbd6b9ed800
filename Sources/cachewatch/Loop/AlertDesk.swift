internal import CacheWatch
internal import Reports

/// Tells the program of `on_alert` what is raised and cleared, where the settings name one.
struct AlertDesk {
    let messenger: AlertMessenger
    private let settings: Settings
    private var notices = AlertNotices()

    /// nil where nobody is to be told.
    init?(_ settings: Settings) {
        guard let messenger = AlertMessenger.start(settings.onAlert, environment: Environment.all) else { return nil }
        (self.messenger, self.settings) = (messenger, settings)
    }

    /// - Parameter changes: of the alerts, that the snapshot has made.
    mutating func note(_ snapshot: Snapshot, _ changes: [AlertChange]) {
        for notice in notices.take(changes)
        where !messenger.put(JSONReport.notice(notice, in: snapshot, settings.invocation)) {
            notices.drop(notice)
        }
    }
}
