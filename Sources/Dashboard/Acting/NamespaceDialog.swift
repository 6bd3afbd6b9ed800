internal import CacheModel
internal import TerminalUI

/// Flush or repair of a namespace: counted, confirmed by typing, under way, done.
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
        /// Keys that would be touched.
        var keys: Int {
            switch self {
            case .flush(let plan): plan.keys ?? 0
            case .repair(let plan): plan.breaches
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
        case counting(OperationProgress?)
        case confirming(Plan)
        case running(Plan, OperationProgress?, isStopping: Bool)
        case ended([String], journal: String?, undo: String?, isWhole: Bool)
        case failed(String)
    }

    enum Field { case name, sentence, journal, pace }

    let kind: OperationKind
    let namespace: String
    var bond = Bond()
    var phase = Phase.counting(nil)
    private var name = TextField()
    private var sentence = TextField()
    private var journals = true
    private var pace = SweepPace.gentle
    private var focus = FieldFocus()
    /// Why Enter did nothing.
    private var objection: String?

    /// - Parameter kind: flush or repair.
    init(_ kind: OperationKind, _ namespace: String) {
        self.kind = kind
        self.namespace = namespace
    }

    /// A receipt that came after its dialog had been closed.
    init(_ kind: OperationKind, _ namespace: String, _ ended: Phase) {
        self.init(kind, namespace)
        phase = ended
    }

    var beginning: Act { kind == .flush ? .planFlush(namespace, pace) : .planRepair(namespace, pace) }

    private func fields(_ plan: Plan) -> [Field] {
        [.name] + (plan.isProtected ? [.sentence] : []) + (kind == .flush ? [.journal] : []) + [.pace]
    }

    private var isNamed: Bool { name.names(namespace.utf8) }

    private var confirmation: FlushConfirmation {
        FlushConfirmation(
            typed: isNamed ? namespace : name.value,
            readmits: TypedWord.isSame(sentence.value, FlushPlan.readmission))
    }

    // MARK: keys

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        switch phase {
        case .counting: return pressWhileCounting(key)
        case .confirming(let plan): return pressInFields(key, plan)
        case .running(let plan, let progress, let isStopping):
            if key == .escape, isStopping { return .close }
            if key == .character("f"), pace == .gentle, !isStopping {
                pace = .fast
                return .hurry
            }
            guard key == .escape || key == .character("x"), !isStopping else { return .stay }
            phase = .running(plan, progress, isStopping: true)
            return .stop
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

    private mutating func pressWhileCounting(_ key: Key) -> DialogStep {
        switch key {
        case .escape, .character("x"): return .drop
        case .character("f") where pace == .gentle:
            pace = .fast
            return .hurry
        default: return .stay
        }
    }

    private mutating func pressInFields(_ key: Key, _ plan: Plan) -> DialogStep {
        guard key != .escape else { return .close }
        guard plan.keys > 0 else { return key == .enter ? .close : .stay }
        let fields = fields(plan)
        if focus.move(key, count: fields.count) { return .stay }
        if key == .enter { return confirm(plan, fields) }
        objection = nil
        switch fields[focus.index] {
        case .name: _ = name.edit(key)
        case .sentence: _ = sentence.edit(key)
        case .journal: if key == .character(" ") { journals.toggle() }
        case .pace: if key == .character(" ") { pace = pace == .gentle ? .fast : .gentle }
        }
        return .stay
    }

    private mutating func confirm(_ plan: Plan, _ fields: [Field]) -> DialogStep {
        if !isNamed {
            objection = name.objection("its name")
            focus.move(to: 0)
            return .stay
        }
        if plan.isProtected, !confirmation.readmits {
            objection = sentence.objection("\"\(FlushPlan.readmission)\"")
            focus.move(to: 1)
            return .stay
        }
        phase = .running(plan, nil, isStopping: false)
        switch plan {
        case .flush(let plan): return .act(.flush(plan, confirmation, journals: journals, pace))
        case .repair(let plan): return .act(.repair(plan, confirmation, pace))
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard case .confirming(let plan) = phase, plan.keys > 0 else { return false }
        switch fields(plan)[focus.index] {
        case .name: name.paste(text)
        case .sentence: sentence.paste(text)
        case .journal, .pace: return false
        }
        return true
    }

    // MARK: what comes of it

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.progress(let progress), .counting): phase = .counting(progress)
        case (.progress(let progress), .running(let plan, _, let isStopping)):
            phase = .running(plan, progress, isStopping: isStopping)
        case (.flushPlanned(let plan), .counting) where kind == .flush && plan.namespace == namespace:
            (phase, pace) = (.confirming(.flush(plan)), .gentle)
        case (.repairPlanned(let plan), .counting) where kind == .repair && plan.namespace == namespace:
            (phase, pace) = (.confirming(.repair(plan)), .gentle)
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

    func box(in state: DashboardState) -> DialogBox {
        let title = "\(verb) \(state.name(namespace.utf8))"
        switch phase {
        case .counting(let progress):
            var box = DialogBox(
                state: state, title: title, words: ["Counting its keys; nothing is changed yet"], progress: progress,
                verb: "found", counts: true, isStopping: false)
            box.footer = pace == .gentle ? "f faster" : ""
            box.closing = "Esc closes"
            return box
        case .confirming(let plan): return confirming(plan, title, state)
        case .running(let plan, let progress, let isStopping):
            var box = DialogBox(
                state: state, title: title, words: [plan.words.first ?? ""], progress: progress,
                verb: kind == .flush ? "removed" : "mended", counts: false, isStopping: isStopping)
            if pace == .gentle, !isStopping { box.footer += "  f faster" }
            return box
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

    private func confirming(_ plan: Plan, _ title: String, _ state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.name(state.name(namespace.utf8), columns: columns, state.charset)
        // What, where, and in which database.
        let head = DialogLine.words(plan.words.first ?? "", in: state)
        let subject = Array(0..<lines.count + head.count)
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
                lines += DialogLine.words("Type its name to go on", in: state)
                lines.append(.field(label: "its name", name, isFocused: isFocused))
            case .sentence:
                lines += DialogLine.words(
                    "It is protected: type \"\(FlushPlan.readmission)\" as well", .warning, in: state)
                lines.append(.field(label: "the sentence", sentence, isFocused: isFocused))
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
        let isReady = isNamed && (!plan.isProtected || confirmation.readmits)
        return DialogBox(
            state: state, title: title, border: .critical, subject: subject, lines: lines,
            footer: isReady ? "Enter \(kind == .flush ? "removes" : "mends") \(Format.count(plan.keys)) keys" : "",
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
