/// What a token says of itself: as much as decides whether it is revoked.
///
/// **No signature is verified here.** Whoever asks whether a token is revoked has verified it before, by a library for
/// JWTs and with the issuer's key: what a forged token says of itself is worth nothing.
public struct BearerToken: Equatable, Sendable {
    /// `jti`; where there is none, what ``TokenID/derived(fromSigned:)`` makes of what is signed.
    public var id: String
    /// `sub`.
    public var user: String?
    /// `token_type` or `typ` of the claims, such as `access`.
    public var type: String?
    /// `iat`; nil where it is missing, is no time, or stands there twice.
    public var issuedAt: WallTime?
    /// `exp`.
    public var expiresAt: WallTime?

    /// Of a token that something else has read, or that is no JWT.
    public init(
        id: String, user: String? = nil, type: String? = nil, issuedAt: WallTime? = nil, expiresAt: WallTime? = nil
    ) {
        self.id = id
        self.user = user
        self.type = type
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// Why something is no token that can be looked for; never repeats the token itself.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Bytes at most: a JWT has a few hundred, one with many claims a few thousand.
    public static let longest = 16_384

    /// Reads a JWT (RFC 7519, in the form of RFC 7515 section 3.1), with or without `Bearer` before it (RFC 6750).
    ///
    /// - Throws: ``Problem`` for anything else, and where servers may differ in how they read it.
    public init(parsing text: some StringProtocol) throws(Problem) {
        guard text.utf8.count <= Self.longest else {
            throw Problem(description: "a token has at most \(Self.longest) bytes, this has \(text.utf8.count)")
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        let hasScheme = words.count == 2 && words[0].lowercased() == "bearer"
        guard words.count == 1 || hasScheme, let jwt = words.last else {
            throw Problem(description: words.isEmpty ? "there is no token" : "a JWT holds no blanks")
        }
        try self.init(parts: jwt.split(separator: ".", omittingEmptySubsequences: false))
    }

    /// - Parameter parts: what stands between the dots of a JWT.
    package init(parts: [some StringProtocol]) throws(Problem) {
        guard parts.count == 3 else {
            let why = parts.count < 3 ? ": part of it was cut off" : parts.count == 5 ? ": it is encrypted" : ""
            throw Problem(description: "a JWT has three parts between dots, this has \(parts.count)\(why)")
        }
        _ = try Self.members(parts[0], "header")
        let claims = try Self.members(parts[1], "payload")
        func values(_ name: String) -> [JSONValue] { claims.filter { $0.name == name }.map(\.value) }
        for name in ["jti", "exp"] where values(name).count > 1 {
            throw Problem(description: "the JWT has \(name) more than once: servers differ in which one they read")
        }
        switch values("jti").first {
        case nil, .null:
            // What the platform signs has no jti: it is told from others by what is signed.
            // Padding is not part of a JWT, and the servers never see it.
            id = TokenID.derived(
                fromSigned: parts.prefix(2).map { $0.prefix { $0 != "=" } }.joined(separator: "."))
        case .string(let text): id = text
        case .integer(let number): id = String(number)
        default: throw Problem(description: "the JWT's jti is no text")
        }
        user = Self.text(values("sub").first)
        type = Self.text(values("token_type").first ?? values("typ").first)
        let issues = values("iat")
        issuedAt = issues.count == 1 ? try? TokenTime.read(issues[0], .down) : nil
        guard let expiry = values("exp").first else { return }
        do throws(TokenTime.Problem) { expiresAt = try TokenTime.read(expiry, .up) } catch {
            throw Problem(description: "the JWT's exp \(error)")
        }
    }

    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }

    private static func members(
        _ part: some StringProtocol, _ name: String
    ) throws(Problem) -> [(name: String, value: JSONValue)] {
        guard !part.isEmpty, let bytes = Base64URL.decode(part.utf8) else {
            throw Problem(description: "the JWT's \(name) is not base64url")
        }
        let value: JSONValue
        do throws(JSONParser.Problem) { value = try JSONParser.parse(bytes) } catch {
            throw Problem(description: "the JWT's \(name) is not JSON: \(error.message) at byte \(error.offset)")
        }
        guard case .object(let members) = value else {
            throw Problem(description: "the JWT's \(name) is no JSON object")
        }
        return members
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible {
    /// Its id and its user, escaped: what a log may have.
    public var description: String {
        Printable.escape(id, limit: 80) + (user.map { " of " + Printable.escape($0, limit: 80) } ?? "")
    }
    public var debugDescription: String { description }
}
