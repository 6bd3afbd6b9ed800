internal import CacheModel
internal import TerminalUI

/// The time to live of one key, or its end; for its end its name is typed.
struct KeyDialog: OperationDialog {
    enum Kind { case lifetime, delete }

    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case failed(String)
    }

    let key: [UInt8]
    let kind: Kind
    /// What is typed must say that it lets revoked tokens in again.
    let isProtected: Bool
    /// Of its namespace; nil for a key of none.
    let rule: NamespaceRule?
    /// What the list said of it; nil where it is not known.
    let row: KeyFacts?
    /// What the server says of it, as far as it was asked.
    private var inspection: KeyInspection?
    /// As it was listed, then as it was measured; nil where that is not known.
    private var bytes: Int?
    var bond = Bond()
    private var phase = Phase.editing
    private var lifetime = TextField()
    private var typed = TextField()
    private var sentence = TextField()
    private var goesForGood = false
    private var focus = FieldFocus()
    private var objection: String?

    init(
        key: [UInt8], kind: Kind, isProtected: Bool, rule: NamespaceRule? = nil, row: KeyFacts? = nil, bytes: Int? = nil
    ) {
        self.bytes = bytes
        self.key = key
        self.kind = kind
        self.isProtected = isProtected
        self.rule = rule
        self.row = row
    }

    private enum Field { case lifetime, name, sentence, forGood }

    private var fields: [Field] {
        (kind == .lifetime ? [.lifetime] : []) + (endsKey ? [.name] : []) + (isProtected ? [.sentence] : [])
            + (endsKey && isLarge ? [.forGood] : [])
    }

    /// No journal can hold it, as far as is known: the server says so again before it goes.
    private var isLarge: Bool { bytes.map { $0 > LargeKeys.largestValue } ?? false }

    /// nil for what is neither a duration nor `never`.
    private var wanted: Duration?? { LifetimeText(lifetime.value).wanted }

    /// A time to live that is over before anybody can look is an end.
    private var endsKey: Bool {
        if kind == .delete { return true }
        guard let duration = wanted ?? nil else { return false }
        return KeyLifetime.isDeletion(duration)
    }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        switch phase {
        case .sending: return key == .escape ? .close : .stay
        case .failed: return key == .escape || key == .enter ? .close : .stay
        case .editing: break
        }
        if key == .escape { return .close }
        if focus.move(key, count: fields.count) { return .stay }
        if key == .enter { return confirm() }
        objection = nil
        switch fields[focus.index] {
        case .lifetime: _ = lifetime.edit(key)
        case .name: _ = typed.edit(key)
        case .sentence: _ = sentence.edit(key)
        case .forGood: if key == .character(" ") { goesForGood.toggle() }
        }
        return .stay
    }

    private mutating func confirm() -> DialogStep {
        if kind == .lifetime, wanted == nil {
            objection = "A time to live looks like \(LifetimeText.formats)"
            focus.move(to: 0)
            return .stay
        }
        for (index, field) in fields.enumerated() {
            let (isTyped, words): (Bool, String?) =
                switch field {
                case .lifetime: (true, nil)
                case .name: (typed.names(key), typed.objection("its name"))
                case .sentence:
                    (
                        TypedWord.isSame(sentence.value, FlushPlan.readmission),
                        sentence.objection("\"\(FlushPlan.readmission)\"")
                    )
                case .forGood: (goesForGood, "No journal can hold it: Space says that it goes for good")
                }
            guard !isTyped else { continue }
            focus.move(to: index)
            objection = words
            return .stay
        }
        phase = .sending
        // What was typed is the second word.
        if endsKey { return .act(.deleteKey(self.key, readmits: isProtected, forGood: isLarge && goesForGood)) }
        return .act(.setLifetime(self.key, wanted ?? nil, readmits: isProtected))
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        objection = nil
        switch fields[focus.index] {
        case .lifetime: lifetime.paste(text)
        case .name: typed.paste(text)
        case .sentence: sentence.paste(text)
        case .forGood: return false
        }
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch event {
        case .failed(.key, let words, _): phase = .failed(words)
        case .keyTooLarge(_, let bytes):
            (phase, self.bytes) = (.editing, bytes)
            focus.move(to: fields.firstIndex(of: .forGood) ?? 0)
            objection = "Nothing was removed: no journal can hold it"
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        let title = kind == .delete ? "Delete a key" : "Time to live"
        var lines = DialogLine.name(state.name(key), columns: columns, state.charset)
        if case .failed(let words) = phase {
            lines += DialogLine.words(words, .warning, in: state)
            return DialogBox(state: state, title: title, lines: lines, footer: "", closing: "Esc closes")
        }
        let subject = phase == .editing ? Array(lines.indices) : []
        if endsKey, isLarge {
            let size = bytes.map { ", \(Format.bytes(ByteCount($0)))" } ?? ""
            lines += DialogLine.words(
                "It is too large for a journal\(size): no undo brings it back", .warning, in: state)
        } else if kind == .delete {
            lines += DialogLine.words(
                "A journal keeps it, so that it can be brought back", .dim, in: state)
        } else if endsKey, let duration = wanted ?? nil {
            lines += DialogLine.words(
                "\(Format.duration(duration)) ends it before long: it is deleted now, and a journal keeps it", .warning,
                in: state)
        }
        if isProtected {
            lines += DialogLine.words(
                "It is protected: without it a revoked token is let in again", .warning, in: state)
        }
        if kind == .lifetime { lines += facts(in: state) }
        lines.append(.blank)
        for (index, field) in fields.enumerated() {
            let isFocused = phase == .editing && index == focus.index
            switch field {
            case .lifetime:
                lines.append(.field(label: "TTL, or never", lifetime, isFocused: isFocused))
                lines += verdict(in: state)
            case .name:
                lines += DialogLine.words("Type its name to go on", .text, in: state)
                lines.append(.field(label: "its name", typed, isFocused: isFocused))
            case .sentence:
                lines += DialogLine.words("Type \"\(FlushPlan.readmission)\" to go on", .text, in: state)
                lines.append(.field(label: "the sentence", sentence, isFocused: isFocused))
            case .forGood:
                lines.append(
                    .choice(
                        label: "for good", value: goesForGood ? "yes, it goes without a journal" : "no, it stays",
                        isFocused: isFocused))
            }
        }
        if let objection { lines += DialogLine.words(objection, .warning, in: state) }
        let verb = endsKey ? "Enter deletes it" : "Enter sets it"
        return DialogBox(
            state: state, title: title, border: endsKey ? .critical : .borderDialog, subject: subject, lines: lines,
            footer: phase == .sending ? "sending" : endsKey && isLarge && !goesForGood ? "" : verb,
            closing: "Esc closes")
    }
}

/// What is known of a key's time to live, and what becomes of it.
extension KeyDialog {
    /// The present one, what its namespace promises, and what may be typed.
    private func facts(in state: DashboardState) -> [DialogLine] {
        let contract = rule.map { "\(Printable.name($0.name.utf8)): \($0.contractWords)" }
        return [
            "now: \(present(in: state))", "contract: \(contract ?? "none, it is in no namespace with rules")",
            "formats: \(LifetimeText.formats)",
        ].flatMap { DialogLine.words($0, .dim, in: state) }
    }

    /// Takes what the server has said of a key; of another one it is nothing new.
    mutating func learn(_ new: KeyInspection) { if new.key == key { inspection = new } }

    private func present(in state: DashboardState) -> String {
        if let inspection, !inspection.exists { return "there is no such key (any more)" }
        if let end = inspection?.expiresAt {
            let rest = max(.zero, end - state.now)
            return "expires in \(Format.duration(rest)), at \(state.options.clock.full(end))"
        }
        switch inspection?.lifetime ?? row?.lifetime {
        case .never: return "never expires"
        case .milliseconds(let rest):
            return
                "expires in \(Format.duration(.milliseconds(rest)))\(inspection == nil ? ", when it was listed" : "")"
        case nil: return "not known"
        }
    }

    /// What is said of a time to live while it is typed.
    private func verdict(in state: DashboardState) -> [DialogLine] {
        guard phase == .editing else { return [] }
        let typed = LifetimeText(lifetime.value)
        if case .wrong(let words) = typed {
            return objection == nil ? DialogLine.words(words, .warning, in: state) : []
        }
        // What ends at once has been said.
        guard let wanted = typed.wanted, !endsKey else { return [] }
        let end = wanted.map { "expires at \(state.options.clock.full(state.now.adding($0)))" } ?? "never expires"
        let breach = rule?.breach(wanted).map { "\(end); \($0)" }
        return DialogLine.words(breach ?? end, breach == nil ? .dim : .warning, in: state)
    }
}
