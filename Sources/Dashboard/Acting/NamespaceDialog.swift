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
    private var name = TextField()
    private var sentence = TextField()
    private var lifetime = TextField()
    private var forGood = TextField()
    private var journals = true
    private var pace = SweepPace.gentle
    private var focus = FieldFocus()
    /// Why Enter did nothing.
    private var objection: String?
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

    private func fields(_ plan: Plan) -> [Field] {
        let takesLarge = journals && !plan.large.isEmpty
        return [.name] + (plan.isProtected ? [.sentence] : []) + (takesLarge ? [.forGood] : [])
            + (kind == .flush ? [.journal] : []) + [.pace]
    }

    private var isNamed: Bool { name.names(scope.typedBytes) }

    /// Whether those go, too, that no journal can hold.
    private func takesLarge(_ plan: Plan) -> Bool {
        !plan.large.isEmpty && (!journals || forGood.leftOut == nil && plan.large.isNamed(by: forGood.value))
    }

    private func confirmation(_ plan: Plan) -> FlushConfirmation {
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
            if key == .character("f"), pace == .gentle, !act.isStopping {
                pace = .fast
                return .hurry
            }
            let step = act.press(key)
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

    // MARK: how it looks

    private var verb: String { kind == .flush ? "Flush" : "Repair" }
    private var what: String {
        switch scope {
        case .namespace: "its name"
        case .prefix, .pattern: scope.typedWords
        }
    }

    func box(in state: DashboardState) -> DialogBox {
        let title = "\(verb) \(scope.words(state))"
        switch phase {
        case .asking: return asking(title, state)
        case .counting(let progress):
            // What is typed ahead is seen; the letters are its own then.
            let isTyped = !name.value.isEmpty || name.leftOut != nil
            var box = DialogBox(
                state: state, title: title, words: ["Counting its keys; nothing is changed yet"], progress: progress,
                verb: "found", counts: true,
                more: isTyped ? [.blank, .field(label: what, name, isFocused: true)] : [])
            box.footer = pace == .gentle && !isTyped ? "f faster" : ""
            return box
        case .confirming(let plan): return confirming(plan, title, state)
        case .running(let plan, let act):
            return DialogBox(
                state: state, title: title, words: [plan.words.first ?? ""], act,
                verb: kind == .flush ? "removed" : "mended", canHurry: pace == .gentle)
        case .ended(let words, let journal, _, let isWhole):
            var lines = words.flatMap { DialogLine.words($0, in: state) }
            if let first = words.first {
                lines.replaceSubrange(
                    0..<DialogLine.words(first, in: state).count,
                    with: DialogLine.words(first, isWhole ? .good : .warning, in: state))
            }
            return DialogBox(
                state: state, title: title, border: isWhole ? .borderDialog : .warning, lines: lines,
                footer: journal == nil ? "" : "u undo  y copy the undo command", closing: "Esc closes")
        case .failed(let words): return DialogBox(state: state, title: title, words: [words], role: .warning)
        }
    }

    private func asking(_ title: String, _ state: DashboardState) -> DialogBox {
        var lines = DialogLine.name(state.name(scope.typedBytes), columns: DialogBox.columns(state), state.charset)
        let subject = Array(lines.indices)
        lines += DialogLine.words("It has no contract of its own: how long are its keys to live at most?", in: state)
        lines.append(.field(label: "TTL", lifetime, isFocused: true))
        if let objection { lines += DialogLine.words(objection, .warning, in: state) }
        return DialogBox(
            state: state, title: title, subject: subject, lines: lines, footer: "Enter counts them",
            closing: "Esc closes")
    }

    private func confirming(_ plan: Plan, _ title: String, _ state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.name(state.name(scope.typedBytes), columns: columns, state.charset)
        // What, where, and in which database.
        let head = DialogLine.words(plan.words.first ?? "", in: state)
        var subject = Array(0..<lines.count + head.count)
        lines += head + plan.words.dropFirst().flatMap { DialogLine.words($0, .value, in: state) }
        guard plan.keys > 0 else {
            lines += [.blank] + DialogLine.words("There is nothing to do", .dim, in: state)
            return DialogBox(state: state, title: title, lines: lines, footer: "", closing: "Esc closes")
        }
        lines += DialogLine.words(takes(plan), .dim, in: state) + [.blank]
        let fields = fields(plan)
        for (index, field) in fields.enumerated() {
            let isFocused = index == focus.index
            switch field {
            case .name:
                lines += DialogLine.words("Type \(what) to go on", in: state)
                lines.append(.field(label: what, name, isFocused: isFocused))
            case .sentence:
                lines += DialogLine.words(
                    "It is protected: type \"\(FlushPlan.readmission)\" as well", .warning, in: state)
                lines.append(.field(label: "the sentence", sentence, isFocused: isFocused))
            case .forGood:
                let words = DialogLine.words(
                    "To remove for good what no journal can hold, type \"\(plan.large.due)\"", .warning, in: state)
                if takesLarge(plan) { subject += lines.endIndex..<lines.endIndex + words.count }
                lines += words
                lines.append(.field(label: "for good", forGood, isFocused: isFocused))
            case .journal:
                lines.append(
                    .choice(
                        label: "journal", value: journals ? "yes, for undo" : "none: what goes is gone",
                        isFocused: isFocused))
            case .pace:
                lines.append(
                    .choice(
                        label: "pace", value: pace == .gentle ? "gentle" : "as fast as it goes",
                        isFocused: isFocused))
            }
        }
        if kind == .flush, journals {
            lines += DialogLine.words("journal in \(state.options.journals)", .dim, in: state)
        }
        if let objection { lines += DialogLine.words(objection, .warning, in: state) }
        let isReady = isNamed && (!plan.isProtected || confirmation(plan).readmits)
        let stays = !journals ? 0 : takesLarge(plan) ? plan.large.leftOut : plan.large.count
        let count = max(0, plan.keys -| stays)
        return DialogBox(
            state: state, title: title, border: .critical, subject: subject, lines: lines,
            footer: isReady ? "Enter \(kind == .flush ? "removes" : "mends") \(Format.count(count, "key"))" : "",
            closing: "Tab next, Esc closes")
    }

    private func takes(_ plan: Plan) -> String {
        var words = "  counted in \(Format.duration(plan.took))"
        if case .flush(let plan) = plan {
            if journals, let bytes = plan.journalEstimate {
                words += "; the journal takes up to \(Format.bytes(ByteCount(bytes))), the flush twice as long"
            } else {
                words += "; the flush takes about as long"
            }
        }
        return words
    }
}

extension KeyScope {
    /// As this terminal can show it.
    fileprivate func words(_ state: DashboardState) -> String {
        switch self {
        case .namespace: state.name(typedBytes)
        case .prefix: "prefix \(state.name(typedBytes))"
        case .pattern: "pattern \(state.name(typedBytes))"
        }
    }
}
