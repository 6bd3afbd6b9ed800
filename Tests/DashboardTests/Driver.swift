import CacheModel
import Support
import TerminalUI

@testable import Dashboard

/// A dashboard with a scripted clock.
struct Driver {
    var state: DashboardState
    /// All but the log lines.
    var effects: [Effect] = []
    private(set) var logged: [AlertChange] = []
    private(set) var elapsed = Sample.elapsed

    init(columns: Int = 120, rows: Int = 36, charset: Charset = .unicode, estimateEvery: Duration? = nil) {
        state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark", "light", "nord"], charset: charset,
                estimateEvery: estimateEvery),
            interval: .seconds(1), theme: "dark", now: Sample.takenAt)
        send(.terminal(.resize(Size(columns: columns, rows: rows))))
    }

    mutating func send(_ action: Action) {
        for effect in state.update(action) {
            if case .log(let change) = effect { logged.append(change) } else { effects.append(effect) }
        }
    }
    mutating func press(_ keys: Key...) { for key in keys { send(.terminal(.key(key))) } }
    mutating func type(_ text: String) { for character in text { press(.character(character)) } }

    /// The snapshot as it would come so many seconds later.
    mutating func show(_ snapshot: Snapshot, after seconds: Int = 1, count: Int = 1) {
        for _ in 0..<count {
            wait(seconds)
            var snapshot = snapshot
            snapshot.elapsed = elapsed
            snapshot.takenAt = now
            send(.snapshotArrived(snapshot))
        }
    }

    /// A look at the keyspace that comes now.
    mutating func look(_ kind: String, _ report: NamespaceReport) {
        var report = report
        report.elapsed = elapsed
        report.takenAt = now
        switch kind {
        case "sweeping": send(.namespaces(.sweeping(report)))
        case "swept": send(.namespaces(.swept(report)))
        default: send(.namespaces(.estimated(report)))
        }
    }

    mutating func wait(_ seconds: Int) {
        elapsed += .seconds(seconds)
        send(.ticked(now: now, elapsed: elapsed))
    }

    var now: WallTime {
        WallTime(milliseconds: Sample.takenAt.milliseconds + Int64((elapsed - Sample.elapsed) / .milliseconds(1)))
    }

    var screen: String { state.render().text + "\n" }
}
