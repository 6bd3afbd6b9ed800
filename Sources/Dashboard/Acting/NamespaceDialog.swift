internal import CacheModel
internal import TerminalUI

/// Flush or repair of a namespace, a prefix or a pattern: counted, confirmed by typing, under way, done.
struct NamespaceDialog: OperationDialog {
    enum Plan: Equatable, Sendable {
        case flush(FlushPlan)
        case repair(RepairPlan)

        var words: [String] {
            switch self {
            case .flush(let plan): OperationWords.plan(plan)
            case .repair(let plan): OperationWords.plan(plan)
            }
        }
        var isProtected: Bool {
            switch self {
            case .flush(let plan): plan.protected
            case .repair(let plan): plan.protected
            }
        }
        /// Keys that are concerned.
        var keys: Int {
            switch self {
            case .flush(let plan): plan.keys ?? 0
            case .repair(let plan): plan.breaches
            }
        }
        /// Those that no journal can hold.
        var large: LargeKeys {
            switch self {
            case .flush(let plan): plan.large
            case .repair: LargeKeys()
            }
        }
        var took: Duration {
            switch self {
            case .flush(let plan): plan.took
            case .repair(let plan): plan.took
            }
        }
    }

    enum Phase: Equatable, Sendable {
        /// How long the keys of what has no contract are to live.
        case asking
        case counting(OperationProgress?)
        case confirming(Plan)
        case running(Plan, RunningAct)
        case ended([String], journal: String?, undo: String?, isWhole: Bool)
        case failed(String)
    }

    enum Field { case name, sentence, journal, forGood, pace }

    let kind: OperationKind
    let scope: KeyScope
    var bond = Bond()
    var phase = Phase.counting(nil)
    private(set) var name = TextField()
    private(set) var sentence = TextField()
    private(set) var lifetime = TextField()
    private(set) var forGood = TextField()
    private(set) var journals = true
    private(set) var pace = SweepPace.gentle
    private(set) var focus = FieldFocus()
    /// Why Enter did nothing.
    private(set) var objection: String?
    /// Whether the name was typed before the count was there.
    private var isAhead = false

    /// - Parameter kind: flush or repair.
    init(_ kind: OperationKind, _ scope: KeyScope) {
        self.kind = kind
        self.scope = scope
        if kind == .repair, scope.glob != nil { phase = .asking }
    }

    /// A receipt that came after its dialog had been closed.
    init(_ kind: OperationKind, _ scope: KeyScope, _ ended: Phase) {
        self.init(kind, scope)
        phase = ended
    }

    /// nil where something has to be asked before.
    var beginning: Act? {
        if case .asking = phase { return nil }
        return kind == .flush ? .planFlush(scope, pace) : .planRepair(scope, ttl: wanted, pace)
    }

    private var wanted: Duration? { DurationText.parse(lifetime.value) }

    func fields(_ plan: Plan) -> [Field] {
        let takesLarge = journals && !plan.large.isEmpty
        return [.name] + (plan.isProtected ? [.sentence] : []) + (takesLarge ? [.forGood] : [])
            + (kind == .flush ? [.journal] : []) + [.pace]
    }

    var isNamed: Bool { name.names(scope.typedBytes) }

    /// Whether those go, too, that no journal can hold.
    func takesLarge(_ plan: Plan) -> Bool {
        !plan.large.isEmpty && (!journals || forGood.leftOut == nil && plan.large.isNamed(by: forGood.value))
    }

    func confirmation(_ plan: Plan) -> FlushConfirmation {
        FlushConfirmation(
            typed: isNamed ? scope.name : name.value,
            readmits: TypedWord.isSame(sentence.value, FlushPlan.readmission),
            forGood: journals && takesLarge(plan) ? plan.large.due : nil)
    }

    // MARK: keys

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        switch phase {
        case .asking: return pressWhileAsking(key)
        case .counting: return pressWhileCounting(key)
        case .confirming(let plan): return pressInFields(key, plan)
        case .running(let plan, var act):
            let step = act.press(key, &pace)
            phase = .running(plan, act)
            return step
        case .ended(_, let journal, let undo, _):
            switch (key, journal) {
            case (.escape, _), (.enter, _), (.character("q"), _): return .close
            case (.character("y"), .some): return .copy(undo ?? "")
            case (.character("u"), .some(let journal)):
                let dialog = UndoDialog(path: journal)
                return .turn(dialog, dialog.beginning)
            default: return .stay
            }
        case .failed: return key == .escape || key == .enter || key == .character("q") ? .close : .stay
        }
    }

    private mutating func pressWhileAsking(_ key: Key) -> DialogStep {
        if key == .escape { return .close }
        guard key == .enter else {
            objection = nil
            _ = lifetime.edit(key)
            return .stay
        }
        guard lifetime.leftOut == nil, let wanted, !KeyLifetime.isDeletion(wanted) else {
            objection = "A time to live looks like 10m, 2h or 7d, and is a minute at least"
            return .stay
        }
        phase = .counting(nil)
        return .act(.planRepair(scope, ttl: wanted, pace))
    }

    private mutating func pressWhileCounting(_ key: Key) -> DialogStep {
        switch key {
        case .escape: return .drop
        case .character("x") where name.value.isEmpty && !scope.name.hasPrefix("x"): return .drop
        case .character("f") where name.value.isEmpty && pace == .gentle && !scope.name.hasPrefix("f"):
            pace = .fast
            return .hurry
        // What is typed ahead is the name; nothing is confirmed before the count is there.
        case .enter, .tab, .backTab, .up, .down: return .stay
        default:
            _ = name.edit(key)
            return .stay
        }
    }

    private mutating func pressInFields(_ key: Key, _ plan: Plan) -> DialogStep {
        guard key != .escape else { return .close }
        guard plan.keys > 0 else { return key == .enter ? .close : .stay }
        let fields = fields(plan)
        if focus.move(key, count: fields.count) { return .stay }
        if key == .enter, isAhead {
            isAhead = false
            objection = "It is counted now: Enter again does it"
            return .stay
        }
        if key == .enter { return confirm(plan, fields) }
        isAhead = false
        objection = nil
        switch fields[focus.index] {
        case .name: _ = name.edit(key)
        case .sentence: _ = sentence.edit(key)
        case .forGood: _ = forGood.edit(key)
        case .journal: if key == .character(" ") { journals.toggle() }
        case .pace: if key == .character(" ") { pace = pace == .gentle ? .fast : .gentle }
        }
        return .stay
    }

    private mutating func confirm(_ plan: Plan, _ fields: [Field]) -> DialogStep {
        if !isNamed {
            objection = name.objection(scope.glob == nil ? "its name" : scope.typedWords)
            focus.move(to: 0)
            return .stay
        }
        let confirmation = confirmation(plan)
        if plan.isProtected, !confirmation.readmits {
            objection = sentence.objection("\"\(FlushPlan.readmission)\"")
            focus.move(to: 1)
            return .stay
        }
        if let index = fields.firstIndex(of: .forGood), !forGood.value.isEmpty || forGood.leftOut != nil,
            !takesLarge(plan)
        {
            objection = forGood.objection("\"\(plan.large.due)\"; where it is empty, what is too large stays")
            focus.move(to: index)
            return .stay
        }
        phase = .running(plan, RunningAct())
        switch plan {
        case .flush(let plan): return .act(.flush(plan, confirmation, journals: journals, pace))
        case .repair(let plan): return .act(.repair(plan, confirmation, pace))
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        if case .asking = phase {
            lifetime.paste(text)
            return true
        }
        if case .counting = phase {
            name.paste(text)
            return true
        }
        guard case .confirming(let plan) = phase, plan.keys > 0 else { return false }
        switch fields(plan)[focus.index] {
        case .name: name.paste(text)
        case .sentence: sentence.paste(text)
        case .forGood: forGood.paste(text)
        case .journal, .pace: return false
        }
        return true
    }

    var running: RunningAct? { if case .running(_, let act) = phase { act } else { nil } }

    mutating func askToStop() {
        guard case .running(let plan, var act) = phase else { return }
        act.ask()
        phase = .running(plan, act)
    }

    /// What was typed ahead confirms nothing: an Enter that was meant for the count says that it is there.
    private mutating func begin(_ plan: Plan) {
        (phase, pace) = (.confirming(plan), .gentle)
        isAhead = !name.value.isEmpty
    }

    // MARK: what comes of it

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.progress(let progress), .counting): phase = .counting(progress)
        case (.progress(let progress), .running(let plan, var act)):
            act.note(progress)
            phase = .running(plan, act)
        case (.flushPlanned(let plan), .counting) where kind == .flush && plan.scope == scope: begin(.flush(plan))
        case (.repairPlanned(let plan), .counting) where kind == .repair && plan.scope == scope: begin(.repair(plan))
        case (.flushed(let receipt), .running) where kind == .flush: phase = Self.ended(receipt)
        case (.repaired(let receipt), .running) where kind == .repair: phase = Self.ended(receipt)
        case (.failed(kind, let words, _), .counting), (.failed(kind, let words, _), .running): phase = .failed(words)
        default: return false
        }
        return true
    }

    static func ended(_ receipt: FlushReceipt) -> Phase {
        .ended(OperationWords.receipt(receipt), journal: receipt.journal, undo: receipt.undo, isWhole: receipt.isWhole)
    }

    static func ended(_ receipt: RepairReceipt) -> Phase {
        .ended(
            OperationWords.receipt(receipt), journal: receipt.journal, undo: receipt.undo,
            isWhole: receipt.outcome.isDone)
    }
}
