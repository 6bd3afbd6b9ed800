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
    /// False where an id was given and no JWT.
    public var isJWT: Bool

    /// A JWT is a few hundred bytes; one with many claims a few thousand.
    public static let longest = 16_384
    public static let longestID = 256
    /// Unix time of 10000-01-01: what lies beyond has more than four digits in its year, and is not the date of a token.
    private static let year10000 = 253_402_300_800

    public init(id: String, user: String? = nil, type: String? = nil, expiresAt: WallTime? = nil, isJWT: Bool = false) {
        self.id = id
        self.user = user
        self.type = type
        self.expiresAt = expiresAt
        self.isJWT = isJWT
    }

    /// Reads a JWT (RFC 7519, RFC 7515 section 3.1) or an id. Blanks around it and `Bearer ` in front are dropped.
    ///
    /// - Throws: ``Problem`` that never repeats the token itself.
    public init(parsing text: String) throws(Problem) {
        guard text.utf8.count <= Self.longest else {
            throw Problem("\(Format.bytes(ByteCount(text.utf8.count))) is no token: at most \(Self.longest) bytes")
        }
        var token = Self.trimmed(text)
        if token.count > 7, token.prefix(7).lowercased() == "bearer " {
            token = Self.trimmed(String(token.dropFirst(7)))
        }
        guard !token.isEmpty else { throw Problem("there is no token") }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        // Two dots make a JWT; so does what begins like an encoded JSON object.
        if parts.count == 3 || token.hasPrefix("eyJ") {
            self = try Self.jwt(parts)
        } else if parts.count > 1, token.contains("eyJ") {
            throw Problem("this holds part of a JWT, and something else; give the whole JWT, or its jti")
        } else {
            self.init(id: try Self.checked(id: token))
        }
    }

    private static func jwt(_ parts: [Substring]) throws(Problem) -> TokenInput {
        guard parts.count == 3 else {
            throw Problem(
                "a JWT has three parts between dots, this has \(parts.count)"
                    + (parts.count < 3 ? ": part of it was cut off" : ""))
        }
        _ = try object(parts[0], "header")
        let claims = try object(parts[1], "payload")
        for name in ["jti", "exp"] where claims.count(of: name) > 1 {
            throw Problem("the JWT has \(name) more than once: servers differ in which one they read")
        }
        let id: String
        switch claims["jti"] {
        // What the platform signs has none: it is told from others by what is signed.
        case nil, .null: id = TokenID.derived(fromSigned: "\(parts[0]).\(parts[1])")
        case .string(let text): id = text
        case .integer(let number): id = String(number)
        default: throw Problem("the JWT's jti is no text")
        }
        var token = TokenInput(id: try checked(id: id), isJWT: true)
        token.user = text(claims, "sub")
        token.type = text(claims, claims["token_type"] == nil ? "typ" : "token_type")
        if let exp = claims["exp"], exp.isKnown {
            guard let seconds = exp.wholeNumber, (0..<Self.year10000).contains(seconds) else {
                throw Problem("the JWT's exp is no Unix time")
            }
            token.expiresAt = WallTime(seconds: Int64(seconds))
        }
        return token
    }

    private static func object(_ part: Substring, _ name: String) throws(Problem) -> JSONValue {
        guard !part.isEmpty, let bytes = Base64URL.decode(part.utf8) else {
            throw Problem("the JWT's \(name) is not base64url")
        }
        do throws(JSONParser.Problem) {
            let value = try JSONParser.parse(bytes)
            if case .object = value { return value }
        } catch { throw Problem("the JWT's \(name) is not JSON: \(error.message) at byte \(error.offset)") }
        throw Problem("the JWT's \(name) is no JSON object")
    }

    /// What cannot be part of a key is left out: the token is revoked by its id, whoever's it is.
    private static func text(_ claims: JSONValue, _ name: String) -> String? {
        switch claims[name] {
        case .string(let text):
            let fits = !text.isEmpty && text.utf8.count <= longestID
            return fits && text.unicodeScalars.allSatisfy(Printable.isPrintable) ? text : nil
        case .integer(let number): return String(number)
        default: return nil
        }
    }

    /// - Throws: ``Problem`` for what cannot be a part of a key.
    public static func checked(id: String) throws(Problem) -> String { try checked(id, "the id") }

    /// - Throws: ``Problem`` for what cannot be a part of a key.
    public static func checked(user: String) throws(Problem) -> String { try checked(user, "the user") }

    private static func checked(_ text: String, _ what: String) throws(Problem) -> String {
        guard !text.isEmpty else { throw Problem("\(what) is empty") }
        guard text.utf8.count <= longestID else {
            throw Problem("\(what) has \(text.utf8.count) bytes: at most \(longestID)")
        }
        guard text.unicodeScalars.allSatisfy(Printable.isPrintable) else {
            throw Problem("\(what) holds control or invisible characters: \(Printable.escape(text, limit: 60))")
        }
        guard !text.contains(where: \.isWhitespace) else { throw Problem("\(what) holds blanks") }
        return text
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

extension JSONValue {
    fileprivate var isKnown: Bool {
        if case .null = self { false } else { true }
    }

    fileprivate func count(of name: String) -> Int {
        if case .object(let members) = self { members.count { $0.name == name } } else { 0 }
    }
}
