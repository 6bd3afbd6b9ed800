internal import CacheModel
internal import Dashboard
internal import Recording
internal import Reports
internal import TerminalUI

/// The Overview of a recording as the dashboard draws it.
struct ReplayPicture {
    let theme: Theme
    let charset: Charset
    let clock: CivilClock

    static func options(
        _ header: RecordHeader, path: String, themes: [String], _ charset: Charset, _ clock: CivilClock
    ) -> DashboardOptions {
        var options = DashboardOptions(
            target: header.target, themes: themes, charset: charset, clock: clock, thresholds: header.thresholds,
            classifier: header.classifier)
        options.replayed = path
        return options
    }

    func draw(_ moment: ReplayMoment, _ snapshot: Snapshot, _ header: RecordHeader, path: String) -> String {
        var state = DashboardState(
            options: Self.options(header, path: path, themes: [], charset, clock), interval: header.interval,
            theme: theme.name, now: snapshot.takenAt)
        _ = state.update(.terminal(.resize(Size(columns: 120, rows: 36))))
        _ = state.update(.replay(.moved(moment)))
        _ = state.update(
            .replay(.placed(ReplayPlace(now: snapshot.takenAt, elapsed: snapshot.elapsed, isPaused: true))))
        return SVGReport.render(state.render(), theme: theme)
    }
}
