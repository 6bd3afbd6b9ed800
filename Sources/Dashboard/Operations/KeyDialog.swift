internal import CacheModel
internal import TerminalUI

/// The time to live of one key, or its end.
struct KeyDialog: OperationDialog {
    enum Kind { case lifetime, delete }

    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case failed(String)
    }

    let key: [UInt8]
    /// Escaped.
    let name: String
    let kind: Kind
    /// What is typed must say that it lets revoked tokens in again.
    let isProtected: Bool
    private var phase = Phase.editing
    private var lifetime = TextField()
    private var typed = TextField()
    private var focus = FieldFocus()
    private var objection: String?

    init(key: [UInt8], name: String, kind: Kind, isProtected: Bool) {
        self.key = key
        self.name = name
        self.kind = kind
        self.isProtected = isProtected
    }

    private enum Field { case lifetime, word }

    private var fields: [Field] {
        (kind == .lifetime ? [.lifetime] : []) + (kind == .delete || isProtected ? [.word] : [])
    }

    /// What has to be typed.
    private var word: String { isProtected ? FlushPlan.readmission : "delete" }

    /// nil for what is neither a duration nor `never`.
    private var wanted: Duration?? {
        if lifetime.value == "never" { return .some(nil) }
        guard let duration = DurationText.parse(lifetime.value), duration >= .milliseconds(1) else { return nil }
        return .some(duration)
    }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        switch phase {
        case .sending: return key == .escape ? .close() : .stay
        case .failed: return key == .escape || key == .enter ? .close() : .stay
        case .editing: break
        }
        if key == .escape { return .close() }
        if focus.move(key, count: fields.count) { return .stay }
        if key == .enter { return confirm() }
        objection = nil
        switch fields[focus.index] {
        case .lifetime: _ = lifetime.edit(key)
        case .word: _ = typed.edit(key)
        }
        return .stay
    }

    private mutating func confirm() -> DialogStep {
        if kind == .lifetime, wanted == nil {
            objection = "A time to live looks like 90s, 10m, 2h or 7d; never takes it away"
            return .stay
        }
        if fields.contains(.word), typed.value != word {
            focus.move(to: fields.count - 1)
            objection = typed.value.isEmpty ? nil : "What is typed is not \"\(word)\""
            return .stay
        }
        phase = .sending
        // What was typed is the second word.
        guard kind == .lifetime, let wanted else { return .act(.deleteKey(self.key, readmits: isProtected)) }
        return .act(.setLifetime(self.key, wanted, readmits: isProtected))
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        switch fields[focus.index] {
        case .lifetime: lifetime.paste(text)
        case .word: typed.paste(text)
        }
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        if case .failed(.key, let words) = event {
            phase = .failed(words)
            return true
        }
        return false
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        let title = kind == .delete ? "Delete a key" : "Time to live"
        var lines = DialogLine.words(name, .value, columns: columns)
        if case .failed(let words) = phase {
            lines += DialogLine.words(words, .warning, columns: columns)
            return DialogBox(state: state, title: title, lines: lines, footer: "", closing: "Esc closes")
        }
        if kind == .delete {
            lines += DialogLine.words(
                "A journal keeps it, so that it can be brought back", .dim, columns: columns)
        }
        if isProtected {
            lines += DialogLine.words(
                "It is protected: without it a revoked token is let in again", .warning, columns: columns)
        }
        lines.append(.blank)
        for (index, field) in fields.enumerated() {
            switch field {
            case .lifetime:
                lines.append(.field(label: "TTL, or never", lifetime, isFocused: index == focus.index))
            case .word:
                lines += DialogLine.words("Type \"\(word)\" to go on", .text, columns: columns)
                lines.append(.field(label: "confirm", typed, isFocused: index == focus.index))
            }
        }
        if let objection { lines += DialogLine.words(objection, .warning, columns: columns) }
        let verb = kind == .delete ? "Enter deletes it" : "Enter sets it"
        return DialogBox(
            state: state, title: title, border: kind == .delete ? .critical : .borderDialog, lines: lines,
            footer: phase == .sending ? "sending" : verb, closing: "Esc closes")
    }
}
