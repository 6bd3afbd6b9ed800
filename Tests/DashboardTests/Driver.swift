import CacheModel
import Support
import TerminalUI

@testable import Dashboard

/// A dashboard with a scripted clock.
struct Driver {
    var state: DashboardState
    /// All but the log lines and the question who may write.
    var effects: [Effect] = []
    private(set) var logged: [AlertChange] = []
    private(set) var accessQuestions = 0
    private(set) var elapsed = Sample.elapsed

    init(
        columns: Int = 120, rows: Int = 36, charset: Charset = .unicode, estimateEvery: Duration? = nil,
        readOnly: Bool = false
    ) {
        state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark", "light", "nord"], charset: charset,
                readOnly: readOnly, estimateEvery: estimateEvery, journals: "/home/ops/journals"),
            interval: .seconds(1), theme: "dark", now: Sample.takenAt)
        send(.terminal(.resize(Size(columns: columns, rows: rows))))
    }

    mutating func send(_ action: Action) {
        for effect in state.update(action) {
            switch effect {
            case .log(let change): logged.append(change)
            case .findAccess: accessQuestions += 1
            default: effects.append(effect)
            }
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

    mutating func operate(_ event: OperationEvent) { send(.operation(event)) }

    /// Takes out what was to be done.
    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    /// Answers what was asked about keys, and what is asked then, from samples.
    mutating func answerKeys(_ count: Int = 60) {
        for _ in 0..<20 {
            let asked = effects.filter(\.isAboutKeys)
            if asked.isEmpty { return }
            effects.removeAll(where: \.isAboutKeys)
            for effect in asked { answer(effect, count) }
        }
    }

    private mutating func answer(_ effect: Effect, _ count: Int) {
        switch effect {
        case .browse(let scope, let cursor, _, let ticket):
            let begin = cursor.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            send(.keys(.page(Sample.keyPage(scope, from: begin, count: count), ticket: ticket)))
        case .inspect(let key, _): send(.keys(.inspected(Sample.inspection(key))))
        default: break
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

extension Effect {
    fileprivate var isAboutKeys: Bool {
        switch self {
        case .browse, .inspect: true
        default: false
        }
    }
}
