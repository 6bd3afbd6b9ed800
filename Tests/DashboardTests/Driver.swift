import CacheModel
import Support
import TerminalUI

@testable import Dashboard

/// A dashboard with a scripted clock.
struct Driver {
    var state: DashboardState
    /// All but the log lines and the question who may write; without tickets, which ``sent`` has.
    var effects: [Effect] = []
    private(set) var sent: [(act: Act, ticket: Ticket)] = []
    private var ended: Set<Ticket> = []
    private(set) var logged: [AlertChange] = []
    private(set) var accessQuestions = 0
    private(set) var lastInspection = 0
    /// False while what happens comes too fast to be drawn.
    var isDrawn = true
    private(set) var elapsed = Sample.elapsed

    init(
        columns: Int = 120, rows: Int = 36, charset: Charset = .unicode, estimateEvery: Duration? = nil,
        readOnly: Bool = false, looksAtClients: Bool = false
    ) {
        state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark", "light", "nord"], charset: charset,
                readOnly: readOnly, estimateEvery: estimateEvery, looksAtClients: looksAtClients,
                journals: "/home/ops/journals"),
            interval: .seconds(1), theme: "dark", now: Sample.takenAt)
        send(.terminal(.resize(Size(columns: columns, rows: rows))))
    }

    mutating func send(_ action: Action) {
        for effect in state.update(Self.ticketed(action, lastInspection)) {
            switch effect {
            case .inspect(let key, let cursor, let ticket):
                lastInspection = ticket
                effects.append(.inspect(key, from: cursor))
            case .log(let change): logged.append(change)
            case .act(let act, let ticket, _):
                sent.append((act, ticket))
                if act == .findAccess { accessQuestions += 1 } else { effects.append(.act(act)) }
            case .stop: effects.append(.cancelOperation)
            case .hurry: effects.append(.hurryOperation)
            case .drop: effects.append(.dropOperation)
            default: effects.append(effect)
            }
        }
        if isDrawn { state.noteDrawn(state.render(), at: elapsed) }
    }

    /// An answer without a ticket is one to the last question.
    private static func ticketed(_ action: Action, _ last: Int) -> Action {
        switch action {
        case .keys(.inspected(let inspection, ticket: -1)): .keys(.inspected(inspection, ticket: last))
        case .keys(.notInspected(let key, let words, ticket: -1)): .keys(.notInspected(key, words, ticket: last))
        default: action
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

    /// What comes of the last act that it may come of, a failure of the first one that nothing has come of yet; or of
    /// an act that nobody here knows.
    mutating func operate(_ event: OperationEvent) {
        let fitting = sent.filter { event.fits($0.act) }.map(\.ticket)
        var ticket = fitting.last
        if case .failed = event { ticket = fitting.first { !ended.contains($0) } ?? ticket }
        operate(event, of: ticket ?? Ticket(0))
    }

    mutating func operate(_ event: OperationEvent, of ticket: Ticket) {
        if event.isLast { ended.insert(ticket) }
        send(.operation(event, ticket))
    }

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
        case .browse(let scope, let narrowing, let cursor, _, let ticket):
            let begin = cursor.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            send(.keys(.page(Sample.keyPage(scope, matching: narrowing, from: begin, count: count), ticket: ticket)))
        case .inspect(let key, _, _): send(.keys(.inspected(Sample.inspection(key))))
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

/// Effects as they are compared: without ticket and place.
extension Effect {
    static func act(_ act: Act) -> Effect { .act(act, Ticket(0), shownOn: nil) }
    static func inspect(_ key: [UInt8], from cursor: KeyCursor) -> Effect { .inspect(key, from: cursor, ticket: 0) }
    static let cancelOperation = Effect.stop(Ticket(0))
    static let hurryOperation = Effect.hurry(Ticket(0))
    static let dropOperation = Effect.drop(Ticket(0))
    static func planFlush(_ name: String, _ pace: SweepPace) -> Effect { .act(.planFlush(.namespace(name), pace)) }
    static func flush(
        _ plan: FlushPlan, _ confirmation: FlushConfirmation, journals: Bool, _ pace: SweepPace
    ) -> Effect { .act(.flush(plan, confirmation, journals: journals, pace)) }
    static func planRepair(_ name: String, _ pace: SweepPace) -> Effect {
        .act(.planRepair(.namespace(name), ttl: nil, pace))
    }
    static func repair(_ plan: RepairPlan, _ confirmation: FlushConfirmation, _ pace: SweepPace) -> Effect {
        .act(.repair(plan, confirmation, pace))
    }
    static func undo(_ path: String, isDryRun: Bool, _ pace: SweepPace) -> Effect {
        .act(.undo(path, isDryRun: isDryRun, pace))
    }
    static let listRevoked = Effect.act(.listRevoked)
    static let rewriteLost = Effect.act(.rewriteLost)
    static func unrevoke(_ id: String, typed: String, claims: TokenInput? = nil) -> Effect {
        .act(.unrevoke(id, typed: typed, claims: claims))
    }
    static func setLifetime(_ key: [UInt8], _ lifetime: Duration?, readmits: Bool) -> Effect {
        .act(.setLifetime(key, lifetime, readmits: readmits))
    }
    static func deleteKey(_ key: [UInt8], readmits: Bool) -> Effect { .act(.deleteKey(key, readmits: readmits)) }

    /// What is to be revoked, where that is what is to be done.
    var revocation: RevocationRequest? {
        if case .act(.revoke(let request), _, _) = self { request } else { nil }
    }
}

extension KeyEvent {
    static func inspected(_ inspection: KeyInspection) -> KeyEvent { .inspected(inspection, ticket: -1) }
    static func notInspected(_ key: [UInt8], _ words: String) -> KeyEvent { .notInspected(key, words, ticket: -1) }
}

extension OperationEvent {
    /// Whether it may come of the act.
    func fits(_ act: Act) -> Bool {
        switch (self, act) {
        case (.flushPlanned(let plan), .planFlush(let scope, _)): plan.scope == scope
        case (.flushed(let receipt), .flush(let plan, _, _, _)): receipt.scope == plan.scope
        case (.repairPlanned(let plan), .planRepair(let scope, _, _)): plan.scope == scope
        case (.repaired(let receipt), .repair(let plan, _, _)): receipt.scope == plan.scope
        case (.revoked(let results, _), .revoke(let request)):
            Set(results.map(\.token.id)).isSubset(of: request.tokens.map(\.id))
        case (.unrevoked(let id, _, _), .unrevoke(let meant, _, _)): id == meant
        case (.keyChanged(let key, _), .setLifetime(let meant, _, _)),
            (.keyMissing(let key), .setLifetime(let meant, _, _)),
            (.keyDeleted(let key, _, _), .deleteKey(let meant, _, _)),
            (.keyGone(let key, _), .deleteKey(let meant, _, _)),
            (.keyTooLarge(let key, _), .deleteKey(let meant, _, _)):
            key == meant
        case (.access, .findAccess), (.accessUnknown, .findAccess), (.layout, .findLayout), (.listed, .listRevoked),
            (.revoked, .rewriteLost), (.listed, .searchRevoked), (.journals, .listJournals):
            true
        case (.cutOff(let result), .cutOff(let request, _)): result.cutOff.user == request.user
        case (.unrevokedUser(let user, _), .unrevokeUser(let meant, _)): user == meant
        case (.undone(_, let isDryRun), .undo(_, let wasDryRun, _)): isDryRun == wasDryRun
        case (.progress, .planFlush), (.progress, .flush), (.progress, .planRepair), (.progress, .repair),
            (.progress, .undo), (.progress, .listRevoked), (.progress, .searchRevoked):
            true
        case (.failed(.flush, _, _), .planFlush), (.failed(.flush, _, _), .flush),
            (.failed(.repair, _, _), .planRepair),
            (.failed(.repair, _, _), .repair), (.failed(.undo, _, _), .undo), (.failed(.layout, _, _), .findLayout),
            (.failed(.revoke, _, _), .revoke), (.failed(.rewrite, _, _), .rewriteLost),
            (.failed(.list, _, _), .listRevoked), (.failed(.list, _, _), .listJournals),
            (.failed(.unrevoke, _, _), .unrevoke), (.failed(.unrevoke, _, _), .unrevokeUser),
            (.failed(.cutOff, _, _), .cutOff), (.failed(.list, _, _), .searchRevoked),
            (.failed(.key, _, _), .setLifetime),
            (.failed(.key, _, _), .deleteKey):
            true
        default: false
        }
    }
}

extension [Effect] {
    /// What is to be done to the server, without its tickets.
    var acts: [Act] { compactMap { if case .act(let act, _, _) = $0 { act } else { nil } } }
}
