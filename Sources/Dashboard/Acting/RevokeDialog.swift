internal import CacheModel
internal import TerminalUI

/// Revokes tokens: what they say of themselves as they are typed or pasted, and the truth about what was written.
struct RevokeDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case editing
        case sending
        case ended([RevocationResult])
        case failed(String)
    }

    private enum Field: Int, CaseIterable { case tokens, user, reason, lifetime, go }

    var bond = Bond()
    var phase = Phase.editing
    private var typed: TextField
    private var pasted = PastedTokens()
    private var user = TextField()
    private var reason = TextField()
    private var lifetime = TextField()
    private var focus = FieldFocus()
    private var layout: String?
    private var objection: String?

    private static let mostTokens = 10_000
    private static let mostShown = 6
    private static let longestText = 200
    /// Of an id that can be read in its field, in bytes.
    private static let longestShown = 64

    init(_ token: String = "") {
        typed = TextField()
        if token.isEmpty { return }
        addTokens(from: token)
    }

    // MARK: what was given

    private var parsed: PastedTokens {
        var given = pasted
        if !typed.value.isEmpty, typed.leftOut == nil { given.add(typed.value) }
        return given
    }

    /// nil inside for a field that is empty; nil where it makes no sense.
    private var wantedLifetime: Duration?? {
        if lifetime.value.isEmpty { return .some(nil) }
        guard let duration = DurationText.parse(lifetime.value), duration >= .seconds(1),
            duration <= RevocationRequest.longest
        else { return nil }
        return .some(duration)
    }

    private static func text(_ field: TextField) -> String? { field.value.isEmpty ? nil : field.value }

    private var request: RevocationRequest? {
        guard let wantedLifetime else { return nil }
        return RevocationRequest(
            tokens: parsed.tokens, reason: Self.text(reason), user: Self.text(user), lifetime: wantedLifetime)
    }

    /// Why it cannot go; nil where it can.
    private func hindrance(at now: WallTime) -> String? {
        if let words = Self.words(ofLeftOut: typed, "id") { return words }
        let given = parsed
        if let problem = given.problems.first { return problem }
        guard !given.tokens.isEmpty else { return "There is no token" }
        guard given.tokens.count <= Self.mostTokens else { return "At most \(Format.count(Self.mostTokens)) at once" }
        if let hindrance = hindranceOfTexts { return hindrance }
        guard let request else { return "A TTL looks like 90s, 10m, 2h or 7d" }
        for token in given.tokens {
            do throws(TokenInput.Problem) { _ = try request.order(of: token, at: now) } catch {
                return "\(SecretFilter.redact(Printable.escape(token.id, limit: 60))) \(error.description)"
            }
        }
        return nil
    }

    /// Why user and reason cannot be written; nil where they can.
    private var hindranceOfTexts: String? {
        if reason.value.utf8.count > Self.longestText { return "The reason has more than \(Self.longestText) bytes" }
        if user.value.utf8.count > Self.longestText { return "The user has more than \(Self.longestText) bytes" }
        if reason.mask != nil || user.mask != nil { return "Reason and user are written as they are: no token there" }
        return Self.words(ofLeftOut: user, "user")
    }

    /// What is not drawn makes another id of it.
    private static func words(ofLeftOut field: TextField, _ name: String) -> String? {
        field.leftOut.map {
            "The \(name) was pasted with \(Printable.escape(String($0))), which is not seen: another \(name) is left; Ctrl-U clears it"
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard phase == .editing else { return false }
        objection = nil
        switch Field.allCases[focus.index] {
        case .user: user.paste(text)
        case .reason: reason.paste(text)
        case .lifetime: lifetime.paste(text)
        case .tokens, .go: addTokens(from: text, continues: continues)
        }
        return true
    }

    /// Whatever the command reads from a file: a token a line, JSON, columns with a heading.
    ///
    /// Each paste is a text of its own beside what is there already, unless it continues the last one.
    private mutating func addTokens(from text: String, continues: Bool = false) {
        guard typed.leftOut == nil else {
            objection = Self.words(ofLeftOut: typed, "id")
            return
        }
        if continues, !pasted.isEmpty { return pasted.goOn(text) }
        let whole = continues ? typed.value + text : text
        let lines = whole.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard let line = lines.first else { return }
        // An id that is short enough to be read stays where it can be changed.
        let isShort = line.utf8.count <= Self.longestShown && !line.hasPrefix("eyJ") && !line.hasPrefix("#")
        // What the field would not show is refused where it is read.
        let isShown = whole.unicodeScalars.allSatisfy { Printable.isHarmless($0) || $0.properties.isWhitespace }
        if isShort, isShown, lines.count == 1, pasted.isEmpty {
            if continues, !text.contains(where: \.isNewline) { return typed.insert(text) }
            if !continues, typed.value.isEmpty { return typed.insert(String(line)) }
        }
        if !continues, !typed.value.isEmpty { pasted.add(typed.value) }
        typed = TextField()
        pasted.add(whole)
    }

    // MARK: keys

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        if key == .escape { return .close }
        pasted.read()
        guard phase == .editing else {
            if key == .character("c"), let user = renewable { return .turn(CutOffDialog(user: user)) }
            return phase != .sending && (key == .enter || key == .character("q")) ? .close : .stay
        }
        if focus.move(key, count: Field.allCases.count) { return .stay }
        let field = Field.allCases[focus.index]
        if key == .enter {
            guard field == .go else {
                focus.move(to: focus.index + 1)
                return .stay
            }
            return go(at: state.now)
        }
        objection = nil
        switch field {
        case .tokens: editTokens(key)
        case .user: _ = user.edit(key)
        case .reason: _ = reason.edit(key)
        case .lifetime: _ = lifetime.edit(key)
        case .go: break
        }
        return .stay
    }

    private mutating func editTokens(_ key: Key) {
        guard !pasted.isEmpty else {
            _ = typed.edit(key)
            return
        }
        switch key {
        case .backspace, .delete, .control("u"), .control("w"): pasted = PastedTokens()
        default: break
        }
    }

    /// Whose access tokens were revoked, where that is one user: the refresh token is not revoked with them.
    private var renewable: String? {
        guard case .ended(let results) = phase else { return nil }
        let users = RevocationWords.renewable(results.filter(\.holds).map(\.token))
        return users.count == 1 ? users[0] : nil
    }

    /// A user without a token: all tokens of it are meant.
    private var isCutOff: Bool { pasted.isEmpty && typed.value.isEmpty && !user.value.isEmpty }

    private mutating func go(at now: WallTime) -> DialogStep {
        if isCutOff {
            objection = hindranceOfTexts
            return objection == nil ? .turn(CutOffDialog(user: user.value, reason: Self.text(reason))) : .stay
        }
        if let hindrance = hindrance(at: now) {
            objection = hindrance
            return .stay
        }
        guard let request else { return .stay }
        phase = .sending
        return .act(.revoke(request))
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch event {
        case .layout(let words): layout = words
        case .failed(.layout, let words, _): layout = "not found: \(words)"
        case .revoked(let results, _) where phase == .sending: phase = .ended(results)
        case .failed(.revoke, let words, _) where phase == .sending: phase = .failed(words)
        default: return false
        }
        return true
    }

    // MARK: how it looks

    func box(in state: DashboardState) -> DialogBox {
        switch phase {
        case .ended(let results): return ended(results, state)
        case .failed(let words): return DialogBox(state: state, title: "Revoke", words: [words], role: .warning)
        case .editing, .sending: break
        }
        func focused(_ field: Field) -> Bool { phase == .editing && focus.index == field.rawValue }
        let given = parsed
        var lines: [DialogLine] = [
            .field(label: "JWT or id", typed, isFocused: focused(.tokens), mask: mask),
            .field(label: "user", user, isFocused: focused(.user)),
            .field(label: "reason", reason, isFocused: focused(.reason)),
            .field(label: "TTL", lifetime, isFocused: focused(.lifetime)),
            .blank,
        ]
        var subject: [Int] = []
        for token in given.tokens.prefix(Self.mostShown) {
            let head = DialogLine.words(words(of: token, state)[0].text, in: state).count
            if focused(.go) { subject += lines.count..<lines.count + head }
            lines += words(of: token, state).flatMap { DialogLine.words($0.text, $0.role, in: state) }
        }
        if given.tokens.count > Self.mostShown {
            lines += DialogLine.words(
                "and \(Format.count(given.tokens.count - Self.mostShown)) more", .dim, in: state)
        }
        for problem in given.problems.prefix(Self.mostShown) {
            lines += DialogLine.words(problem, .warning, in: state)
        }
        if given.tokens.contains(where: \.isJWT) {
            lines += DialogLine.words("The signature is not checked.", .dim, in: state)
        }
        lines += DialogLine.words("layout \(layout ?? "being looked for")", .dim, in: state)
        if let objection, objection != given.problems.first {
            lines += DialogLine.words(objection, .warning, in: state)
        }
        let count = given.tokens.count
        lines += [.blank]
        lines.append(
            .button(
                isCutOff
                    ? "Cut the user off"
                    : count == 0 ? "Revoke" : "Revoke \(count == 1 ? "it" : Format.count(count, "token"))",
                isFocused: focused(.go)))
        return DialogBox(
            state: state, title: "Revoke", subject: subject, lines: lines,
            footer: phase == .sending
                ? "sending" : focused(.go) ? (isCutOff ? "Enter goes on" : "Enter revokes") : "Tab, Enter: next",
            closing: "Esc closes")
    }

    /// Instead of a token, which is a secret; an id is not.
    private var mask: String? {
        guard !pasted.isEmpty else { return nil }
        if let unread = pasted.unread { return "*** \(Format.bytes(ByteCount(unread))) pasted; any key reads them" }
        let count = pasted.count
        return "*** \(Format.count(count, "token")) pasted; Backspace drops"
    }

    private func words(of token: TokenInput, _ state: DashboardState) -> [TextLine] {
        let clock = state.options.clock
        let name = !token.isJWT ? "id" : TokenID.isDerived(token.id) ? "no jti, known as" : "jti"
        var head = "\(name) \(SecretFilter.redact(Printable.escape(token.id)))"
        if let user = token.user { head += "  sub \(Printable.escape(user, limit: 60))" }
        if let type = token.type { head += "  \(Printable.escape(type, limit: 30))" }
        var lines = [TextLine(head, .value)]
        if let expiry = token.expiresAt {
            let when = clock.dateAndClock(expiry)
            if expiry > state.now {
                lines.append(TextLine("exp \(when), in \(Format.duration(expiry - state.now))", .text))
            } else {
                let anyway =
                    lifetime.value.isEmpty ? ": nothing to revoke; a TTL revokes it anyway" : ""
                lines.append(TextLine("expired \(Format.age(state.now - expiry)) ago\(anyway)", .warning))
            }
        } else if lifetime.value.isEmpty {
            let time = Format.duration(RevocationRequest.defaultLifetime)
            lines.append(TextLine("no exp: it is remembered for \(time), or the TTL above", .text))
        }
        return lines
    }

    private func ended(_ results: [RevocationResult], _ state: DashboardState) -> DialogBox {
        let failed = results.filter { !$0.holds }
        var lines = DialogLine.words(
            RevocationWords.head(results), failed.isEmpty ? .good : .critical, in: state)
        for result in (failed + results.filter(\.holds)).prefix(Self.mostShown * 2) {
            lines += DialogLine.words(Printable.escape(result.token.id), .value, in: state)
            lines += DialogLine.words(
                "  \(Printable.escape(result.words))", result.holds ? .good : .critical, in: state)
        }
        if let layout { lines += DialogLine.words("layout \(layout)", .dim, in: state) }
        if failed.count < results.count {
            let risk = EvictionRisk.worst(of: results.filter(\.holds).map(\.risk))
            lines += risk.words.map { DialogLine.words($0, .warning, in: state) } ?? []
            lines += DialogLine.words(RevocationWords.barrier, .dim, in: state)
            lines += DialogLine.words("Each poll looks whether they still hold.", .dim, in: state)
        }
        if renewable != nil {
            lines += DialogLine.words(
                "Whoever holds the refresh token gets a new access token.", .warning, in: state)
        }
        return DialogBox(
            state: state, title: "Revoke", border: failed.isEmpty ? .borderDialog : .critical, lines: lines,
            footer: renewable == nil ? "" : "c cuts the user off", closing: "Esc closes")
    }
}
