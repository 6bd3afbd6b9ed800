internal import CacheModel
internal import TerminalUI

/// Revokes every token of a user up to an instant; the user is typed once more.
struct CutOffDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case ended(CutOffResult)
        case failed(String)
    }

    private enum Field: Int, CaseIterable { case since, typed }

    let user: String
    let reason: String?
    var bond = Bond()
    var phase = Phase.editing
    private var since = TextField("now")
    private var typed = TextField()
    private var focus = FieldFocus()
    private var objection: String?

    init(user: String, reason: String? = nil) {
        self.user = user
        self.reason = reason
        focus.move(to: Field.typed.rawValue)
    }

    private func request() throws(TokenInput.Problem) -> CutOffRequest {
        CutOffRequest(user: user, since: try CutOffRequest.since(parsing: since.value), reason: reason)
    }

    private func doubt(at now: WallTime) -> String? {
        guard case .time(let time) = try? CutOffRequest.since(parsing: since.value) else { return nil }
        return CutOff(user: user, since: time).doubt(at: now)
    }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        if key == .escape { return .close }
        guard phase == .editing else { return key == .enter && phase != .sending ? .close : .stay }
        if focus.move(key, count: Field.allCases.count) { return .stay }
        let field = Field.allCases[focus.index]
        guard key == .enter else {
            objection = nil
            _ = field == .since ? since.edit(key) : typed.edit(key)
            return .stay
        }
        guard field == .typed else {
            focus.move(to: Field.typed.rawValue)
            return .stay
        }
        return go(at: state.now)
    }

    private mutating func go(at now: WallTime) -> DialogStep {
        do throws(TokenInput.Problem) {
            let request = try request()
            _ = try request.cutOff(at: now)
            guard typed.names(user.utf8) else {
                objection = typed.objection("the user")
                return .stay
            }
            phase = .sending
            return .act(.cutOff(request, typed: user))
        } catch {
            objection = error.description
            return .stay
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        if Field.allCases[focus.index] == .since { since.paste(text) } else { typed.paste(text) }
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch event {
        case .cutOff(let result) where phase == .sending: phase = .ended(result)
        case .failed(.cutOff, let words, _) where phase == .sending: phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.name("user \(state.name(user.utf8))", columns: columns, state.charset)
        let subject = phase == .editing ? Array(lines.indices) : []
        var footer = ""
        switch phase {
        case .editing, .sending:
            let isEditing = phase == .editing
            lines += DialogLine.words(
                "Every token that was issued until then is revoked, refresh tokens included, for "
                    + "\(Format.duration(CutOff.lifetime)). Type the user to cut it off.",
                .warning, in: state)
            lines += [
                .blank,
                .field(label: "until", since, isFocused: isEditing && focus.index == Field.since.rawValue),
                .field(label: "user", typed, isFocused: isEditing && focus.index == Field.typed.rawValue),
            ]
            if isEditing, let doubt = doubt(at: state.now) {
                lines += DialogLine.words(doubt, .warning, in: state)
            }
            if let objection { lines += DialogLine.words(objection, .warning, in: state) }
            footer = isEditing ? "Enter cuts off" : "sending"
        case .ended(let result):
            lines += DialogLine.words(
                Printable.escape(result.words), result.holds ? .good : .critical, in: state)
            for note in RevocationWords.notes(result) {
                lines += DialogLine.words(
                    note, note == RevocationWords.barrier ? .dim : .warning, in: state)
            }
        case .failed(let words): lines += DialogLine.words(words, .warning, in: state)
        }
        return DialogBox(
            state: state, title: "Cut off", border: .critical, subject: subject, lines: lines, footer: footer,
            closing: "Esc closes")
    }
}
