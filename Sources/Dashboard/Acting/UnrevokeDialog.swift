internal import CacheModel
internal import TerminalUI

/// Takes a token off the blacklist, or lets a user in again who was cut off; the name is typed once more.
struct UnrevokeDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case ended([String], CutOffBarrier)
        case failed(String)
    }

    enum Subject: Equatable, Sendable {
        case token(String)
        case user(String)
    }

    let subject: Subject
    /// What the token has said of itself, where it was a JWT.
    private let claims: TokenInput?
    var bond = Bond()
    var phase = Phase.editing
    private var typed = TextField()
    private var objection: String?

    init(_ subject: Subject, claims: TokenInput? = nil) {
        self.subject = subject
        self.claims = claims.flatMap { $0.isJWT ? $0 : nil }
    }

    private var name: String {
        switch subject {
        case .token(let name), .user(let name): name
        }
    }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        if key == .escape { return .close }
        guard phase == .editing else {
            if key == .character("c"), let user = barred { return .turn(UnrevokeDialog(.user(user))) }
            return key == .enter && phase != .sending ? .close : .stay
        }
        guard key == .enter else {
            objection = nil
            _ = typed.edit(key)
            return .stay
        }
        guard typed.names(name.utf8) else {
            objection = typed.objection("the \(label)")
            return .stay
        }
        phase = .sending
        switch subject {
        case .token(let id): return .act(.unrevoke(id, typed: id, claims: claims))
        case .user(let user): return .act(.unrevokeUser(user, typed: user))
        }
    }

    /// Whose cut-off keeps the token out that was taken off.
    private var barred: String? {
        if case .ended(_, let barrier) = phase { barrier.user } else { nil }
    }

    private var label: String {
        switch subject {
        case .token: "id"
        case .user: "user"
        }
    }

    /// What is about to be let in.
    private func title(_ state: DashboardState) -> String {
        switch subject {
        case .token: state.name(name.utf8)
        case .user: "user \(state.name(name.utf8))"
        }
    }

    private var warning: String {
        switch subject {
        case .token: "The token is let in again until it expires. Type its id to take it off."
        case .user: "Tokens of this user are let in again until they expire. Type the user to let them in."
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        typed.paste(text)
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch event {
        case .unrevoked(let id, let keys, let barrier) where phase == .sending && subject == .token(id):
            phase = .ended(keys, barrier)
        case .unrevokedUser(let user, let key) where phase == .sending && subject == .user(user):
            phase = .ended(key.map { [$0] } ?? [], .absent)
        case .failed(.unrevoke, let words, _) where phase == .sending: phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.name(title(state), columns: columns, state.charset)
        let shown = phase == .editing ? Array(lines.indices) : []
        var footer = ""
        switch phase {
        case .editing, .sending:
            lines += DialogLine.words(warning, .warning, in: state)
            lines += [.blank, .field(label: label, typed, isFocused: true)]
            if let objection { lines += DialogLine.words(objection, .warning, in: state) }
            footer = phase == .sending ? "sending" : "Enter takes it off"
        case .ended(let keys, let barrier):
            lines += DialogLine.words(
                keys.isEmpty
                    ? (subject == .token(name) ? "It was not revoked" : "It was not cut off")
                    : "Taken off: \(keys.joined(separator: ", "))",
                keys.isEmpty ? .warning : .good, in: state)
            if let words = barrier.words, !keys.isEmpty || barrier != .userUnknown {
                lines += DialogLine.words(words, .warning, in: state)
            }
            if barred != nil { footer = "c lets the user in" }
        case .failed(let words): lines += DialogLine.words(words, .warning, in: state)
        }
        return DialogBox(
            state: state, title: "Un-revoke", border: .critical, subject: shown, lines: lines, footer: footer,
            closing: "Esc closes")
    }
}
