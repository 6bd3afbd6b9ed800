public import RedisValues

/// A token as an operator hands it over: a JWT, or its id alone. The signature is not checked.
public struct TokenInput: Equatable, Sendable {
    /// Why something cannot be revoked, in words.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
        init(_ description: String) { self.description = description }
    }

    /// `jti`, or what is derived where the JWT has none: see ``TokenID``.
    public var id: String
    /// `sub`.
    public var user: String?
    /// `token_type` or `typ` of the claims, such as `access`.
    public var type: String?
    /// `exp`.
    public var expiresAt: WallTime?
    /// `iat`.
    public var issuedAt: WallTime?
    /// False where an id was given and no JWT.
    public var isJWT: Bool

    /// A JWT is a few hundred bytes; one with many claims a few thousand.
    public static let longest = BearerToken.longest
    public static let longestID = TokenID.longest

    public init(
        id: String, user: String? = nil, type: String? = nil, expiresAt: WallTime? = nil, issuedAt: WallTime? = nil,
        isJWT: Bool = false
    ) {
        self.id = id
        self.user = user
        self.type = type
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.isJWT = isJWT
    }

    /// Reads one token, with what is around it where it comes from: a header, a cookie, a line of a log or of a file.
    ///
    /// - Throws: ``Problem`` that never repeats the token itself, also where something else than one token may be meant.
    public init(parsing text: String) throws(Problem) {
        guard text.utf8.count <= Self.longest else {
            throw Problem("\(Format.bytes(ByteCount(text.utf8.count))) is no token: at most \(Self.longest) bytes")
        }
        let line = TokenLine(text)
        guard !line.text.isEmpty else { throw Problem("there is no token") }
        if let json = line.json {
            self = try TokenJSON.token(in: json)
            return
        }
        let found = line.jwts
        guard found.count < 2 else {
            throw Problem("this holds \(found.count) tokens: give each on a line of its own")
        }
        if let jwt = found.first {
            let parts = jwt.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3 || line.bare == jwt else {
                throw Problem("this holds part of a JWT, and something else; give the whole JWT, or its jti")
            }
            self = try TokenClaims.jwt(parts)
            return
        }
        let parts = line.bare.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 3, !line.bare.contains(where: \.isWhitespace) {
            self = try TokenClaims.jwt(parts)
        } else {
            self.init(id: try line.id())
        }
    }

    /// Reads what names a token that is in the blacklist: a JWT, or the id exactly as it stands there.
    ///
    /// - Throws: ``Problem`` that never repeats the token itself.
    public init(naming text: String) throws(Problem) {
        let line = TokenLine(text)
        if line.bare.utf8.count <= Self.longest, !line.jwts.isEmpty {
            try self.init(parsing: text)
        } else {
            self.init(id: try Self.checked(id: String(line.text)))
        }
    }

    /// - Throws: ``Problem`` for what cannot be a part of a key.
    public static func checked(id: String) throws(Problem) -> String { try checked(id, "the id") }

    /// - Throws: ``Problem`` for what cannot be a part of a key.
    ///
    /// A token is nobody's name: it would become one, in the server, the audit and the ledger.
    public static func checked(user: String) throws(Problem) -> String {
        let user = try checked(user, "the user")
        try KeptWords.check(user, "the user")
        return user
    }

    private static func checked(_ text: String, _ what: String) throws(Problem) -> String {
        if let problem = TokenID.problem(of: text) { throw Problem("\(what) \(problem)") }
        return text
    }
}
