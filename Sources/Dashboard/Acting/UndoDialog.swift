internal import CacheModel
internal import TerminalUI

/// What a journal would bring back; then Enter, and it is back.
struct UndoDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case checking(OperationProgress?)
        case confirming(UndoReceipt)
        case running(RunningAct)
        case ended(UndoReceipt)
        case failed(String)
    }

    let path: String
    var bond = Bond()
    var phase = Phase.checking(nil)
    private var pace = SweepPace.gentle

    var beginning: Act { .undo(path, isDryRun: true, .fast) }

    init(path: String) { self.path = path }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        switch phase {
        case .checking: return key == .escape || key == .character("x") ? .drop : .stay
        case .confirming(let receipt):
            if key == .escape { return .close }
            if key == .character(" ") { pace = pace == .gentle ? .fast : .gentle }
            guard key == .enter else { return .stay }
            guard receipt.canRestore else { return .close }
            phase = .running(RunningAct())
            return .act(.undo(path, isDryRun: false, pace))
        case .running(var act):
            let step = act.press(key, &pace)
            phase = .running(act)
            return step
        case .ended, .failed: return [.escape, .enter, .character("q")].contains(key) ? .close : .stay
        }
    }

    var running: RunningAct? { if case .running(let act) = phase { act } else { nil } }

    mutating func askToStop() {
        guard case .running(var act) = phase else { return }
        act.ask()
        phase = .running(act)
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.progress(let progress), .checking): phase = .checking(progress)
        case (.progress(let progress), .running(var act)):
            act.note(progress)
            phase = .running(act)
        case (.undone(let receipt, isDryRun: true), .checking): phase = .confirming(receipt)
        case (.undone(let receipt, isDryRun: false), .running): phase = .ended(receipt)
        case (.failed(.undo, let words, _), .checking), (.failed(.undo, let words, _), .running): phase = .failed(words)
        default: return false
        }
        return true
    }

    /// There is no field for it here.
    private var replacing: String { "cachewatch undo --replace overwrites them" }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        let name = Printable.escape(path)
        switch phase {
        case .checking(let progress):
            return DialogBox(
                state: state, title: "Undo", words: [name, "Reading the journal; nothing is changed yet"],
                progress: progress, verb: "looked for", counts: true)
        case .confirming(let receipt):
            var lines = DialogLine.name(name, columns: columns, state.charset)
            // What, how much and where to are confirmed together.
            var subject = Array(lines.indices)
            for (index, words) in OperationWords.receipt(
                receipt, isDryRun: true, replacing: nil
            ).enumerated() {
                let line = DialogLine.words(words, in: state)
                if index == 0 { subject += lines.count..<lines.count + line.count }
                lines += line
            }
            lines += DialogLine.words(
                "Taken at \(state.options.clock.dateAndClock(receipt.header.startedAt)) "
                    + "from \(receipt.header.target)",
                .dim, in: state)
            if let place = receipt.place, !place.isWhere(receipt.header) {
                let warning = DialogLine.words(
                    "This is another server: \(place.words(of: receipt.header))", .warning, in: state)
                subject += lines.count..<lines.count + warning.count
                lines += warning
            }
            if receipt.canRestore {
                let words = pace == .gentle ? "gentle" : "as fast as it goes"
                lines += [.blank, .choice(label: "pace", value: words, isFocused: true)]
            }
            return DialogBox(
                state: state, title: "Undo", subject: receipt.restored > 0 ? subject : [], lines: lines,
                footer: receipt.canRestore ? "Enter restores \(Format.count(receipt.restored))" : "",
                closing: "Esc closes")
        case .running(let act):
            return DialogBox(
                state: state, title: "Undo", words: [name], act, verb: "restored", canHurry: pace == .gentle)
        case .ended(let receipt):
            let words = OperationWords.receipt(receipt, isDryRun: false, replacing: replacing)
            let lines = words.enumerated().flatMap { index, line in
                DialogLine.words(
                    line, index == 0 ? (receipt.isWhole ? .good : .warning) : .text, in: state)
            }
            return DialogBox(state: state, title: "Undo", lines: lines, footer: "", closing: "Esc closes")
        case .failed(let words):
            return DialogBox(state: state, title: "Undo", words: [words], role: .warning)
        }
    }
}
