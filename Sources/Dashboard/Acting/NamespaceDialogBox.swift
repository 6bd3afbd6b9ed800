internal import CacheModel
internal import TerminalUI

/// How it looks.
extension NamespaceDialog {
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
