public import RedisValues

/// What has come of taking a token off the blacklist.
public struct Readmission: Equatable, Sendable {
    /// Those that were removed, escaped; none where the token was not revoked.
    public var keys: [String]
    public var barrier: CutOffBarrier

    public init(keys: [String], barrier: CutOffBarrier) {
        self.keys = keys
        self.barrier = barrier
    }
}

/// Whether a token stays refused since its user is cut off, whatever the blacklist says of the token itself.
public enum CutOffBarrier: Equatable, Sendable {
    /// Its user is not cut off.
    case absent
    /// It was issued after that.
    case issuedLater(CutOff)
    case refuses(CutOff)
    /// It refuses the token where that was issued until then; when it was is not known.
    case mayRefuse(CutOff)
    /// Nobody has said whose token it is.
    case userUnknown
    /// The server has not said whether its user is cut off; the words say why.
    case unanswered(user: String, words: String)

    /// - Parameters:
    ///   - cutOff: of the token's user; nil where there is none.
    ///   - token: what the token says of itself; nil where only its id is known.
    ///   - revokedAt: when it was revoked: it was issued before that.
    public init(_ cutOff: CutOff?, token: TokenInput?, revokedAt: WallTime?) {
        guard let cutOff else {
            self = .absent
            return
        }
        if let token, token.isJWT {
            // One that does not say when it was issued is refused like those that were issued before.
            self = token.issuedAt.map { $0 <= cutOff.since } ?? true ? .refuses(cutOff) : .issuedLater(cutOff)
        } else {
            self = revokedAt.map { $0 <= cutOff.since } ?? false ? .refuses(cutOff) : .mayRefuse(cutOff)
        }
    }

    /// Who has to be let in again so that the token is; nil where that is nobody.
    public var user: String? {
        switch self {
        case .refuses(let cutOff), .mayRefuse(let cutOff): cutOff.user
        case .absent, .issuedLater, .userUnknown, .unanswered: nil
        }
    }

    /// nil where there is nothing to say.
    public var words: String? {
        switch self {
        case .absent: nil
        case .issuedLater(let cutOff): "\(Self.name(cutOff)), and this token was issued later"
        case .refuses(let cutOff): "the token is still refused: \(Self.name(cutOff))"
        case .mayRefuse(let cutOff):
            "the token is still refused where it was issued until then, and when it was is not known: \(Self.name(cutOff))"
        case .userUnknown:
            "whose token it is is not known: where its user is cut off, it is still refused; revoked lists who is"
        case .unanswered(let user, let words):
            "whether user \(Printable.escape(user, limit: 400)) is cut off, and the token with it, is not known: "
                + Printable.escape(words, limit: 200)
        }
    }

    private static func name(_ cutOff: CutOff) -> String {
        "user \(Printable.escape(cutOff.user, limit: 400)) is cut off for tokens issued until \(CutOff.words(cutOff.since))"
    }

    /// For programs.
    public var name: String {
        switch self {
        case .absent: "none"
        case .issuedLater: "issued_later"
        case .refuses: "refuses"
        case .mayRefuse: "may_refuse"
        case .userUnknown: "user_unknown"
        case .unanswered: "unanswered"
        }
    }

    /// The one that stands there.
    public var cutOff: CutOff? {
        switch self {
        case .issuedLater(let cutOff), .refuses(let cutOff), .mayRefuse(let cutOff): cutOff
        case .absent, .userUnknown, .unanswered: nil
        }
    }

    /// - Parameter letIn: the command that lets a user in again.
    public func notes(letIn: (String) -> String) -> [String] {
        guard let words else { return [] }
        return user.map { [words, "this lets the user in again, with all tokens:", "  " + letIn($0)] } ?? [words]
    }
}
