internal import RedisValues

/// What a token says of itself, in a JWT or in what was exported of one.
enum TokenClaims {
    typealias Problem = TokenInput.Problem

    /// Which members say it, the first one that is there; compared as ``TokenNames/plain(_:)``.
    private struct Names {
        var id: [String]
        var user: [String]
        var type: [String]
        var expiry: [String]
        var issue: [String]
    }

    /// RFC 7519, and `token_type` of the platform.
    private static let ofAJWT = Names(
        id: ["jti"], user: ["sub"], type: ["token_type", "typ"], expiry: ["exp"], issue: ["iat"])
    private static let ofAnExport = Names(
        id: TokenNames.ids, user: ["sub", "userid", "user"], type: ["tokentype", "typ"],
        expiry: ["exp", "expiresat", "expires", "expiry", "expiration"], issue: ["iat", "issuedat"])

    /// Reads a JWT (RFC 7519, RFC 7515 section 3.1).
    static func jwt(_ parts: [Substring]) throws(Problem) -> TokenInput {
        guard parts.count == 3 else {
            let why = parts.count < 3 ? ": part of it was cut off" : parts.count == 5 ? ": it is encrypted" : ""
            throw Problem("a JWT has three parts between dots, this has \(parts.count)\(why)")
        }
        _ = try object(parts[0], "header")
        let claims = try object(parts[1], "payload")
        // What the platform signs has no jti: it is told from others by what is signed.
        // Padding is not part of a JWT, and the servers never see it.
        let signed = parts.prefix(2).map { part in part.prefix { $0 != "=" } }
        let derived = TokenID.derived(fromSigned: signed.joined(separator: "."))
        return try token(claims, ofAJWT, "the JWT", isJWT: true, otherwise: derived) { $0 }
    }

    /// Reads a record that holds an id, and maybe whose token it is, what it is for, and until when it holds.
    static func record(_ members: JSONValue) throws(Problem) -> TokenInput {
        try token(members, ofAnExport, "the record", isJWT: false, TokenNames.plain)
    }

    private static func token(
        _ claims: JSONValue, _ names: Names, _ what: String, isJWT: Bool, otherwise derived: String? = nil,
        _ plain: (String) -> String
    ) throws(Problem) -> TokenInput {
        guard case .object(let members) = claims else { throw Problem("\(what) is no JSON object") }
        func values(_ names: [String]) -> [JSONValue] {
            names.flatMap { name in members.filter { plain($0.name) == name }.map(\.value) }
        }
        for name in [names.id, names.expiry].flatMap({ $0 }) where values([name]).count > 1 {
            throw Problem("\(what) has \(name) more than once: servers differ in which one they read")
        }
        let id: String
        switch values(names.id).first {
        case nil, .null:
            guard let derived else {
                throw Problem("\(what) has no jti: without an id it cannot be told from other tokens")
            }
            id = derived
        case .string(let text): id = text
        case .integer(let number): id = String(number)
        default: throw Problem("\(what)'s jti is no text")
        }
        var token = TokenInput(id: try TokenInput.checked(id: id), isJWT: isJWT)
        token.user = text(values(names.user).first)
        token.type = text(values(names.type).first)
        let issues = values(names.issue)
        // What cannot be read, or may be read in two ways, is not known.
        if issues.count == 1 { token.issuedAt = try? TokenExpiry.time(issues[0]) }
        if let expiry = values(names.expiry).first {
            do throws(Problem) { token.expiresAt = try TokenExpiry.time(expiry) } catch {
                throw Problem("\(what)'s exp \(error)")
            }
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
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text):
            let fits = !text.isEmpty && text.utf8.count <= TokenInput.longestID
            return fits && text.unicodeScalars.allSatisfy(Printable.isHarmless) && !KeptWords.holdSecret(text)
                ? text : nil
        case .integer(let number): return String(number)
        default: return nil
        }
    }
}

/// When a token expires, however it was written.
enum TokenExpiry {
    /// Unix time of 10000-01-01: what lies beyond has more than four digits in its year, and is not the date of a token.
    private static let year10000 = 253_402_300_800.0

    /// Seconds since 1970, also as text or with a fraction, milliseconds, or a date with its zone (RFC 3339).
    ///
    /// Rounded up: a revocation must not end before its token.
    ///
    /// - Returns: nil for null: it does not say.
    static func time(_ value: JSONValue) throws(TokenInput.Problem) -> WallTime? {
        switch value {
        case .null: return nil
        case .integer(let number): return try time(Double(number), of: number)
        case .number(let number): return try time(number)
        case .numeral(let text):
            guard let number = Double(text) else { throw .init("is no Unix time") }
            return try time(number)
        case .string(let text):
            let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            if isNumber, let number = Double(text) { return try time(number) }
            guard let date = WallTime(rfc3339: text) else {
                throw .init("is no Unix time, and no date with its zone such as 2026-11-22T14:32:07Z")
            }
            return WallTime(seconds: date.secondsRoundedUp)
        default: throw .init("is no Unix time")
        }
    }

    private static func time(_ number: Double, of whole: Int? = nil) throws(TokenInput.Problem) -> WallTime {
        guard number >= 0, number < year10000 * 1000 else { throw .init("is no Unix time") }
        // No token is from so far ahead: these are milliseconds.
        if number >= year10000 { return WallTime(seconds: Int64((number / 1000).rounded(.up).whole)) }
        return WallTime(seconds: whole.map(Int64.init) ?? Int64(number.rounded(.up).whole))
    }
}

/// What people call a token's parts.
enum TokenNames {
    static let ids = ["jti", "tokenid", "jwtid", "tokenjti", "jwtjti"]
    static let tokens: Set<String> = [
        "token", "jwt", "accesstoken", "idtoken", "refreshtoken", "bearertoken", "authtoken", "sessiontoken",
        "authorization",
    ]
    /// Lists of ids or tokens.
    static let lists: Set<String> = ["jtis", "tokenids", "tokens", "jwts", "revoked", "revokedtokens", "blacklist"]

    /// Names of other things, and what stands where there is nothing: never an id.
    static let notIDs: Set<String> = [
        "id", "ids", "uid", "uuid", "user", "userid", "username", "sub", "subject", "email", "exp", "expires",
        "expiresat", "expiresin", "expiry", "expiration", "iat", "issuedat", "nbf", "iss", "issuer", "aud", "audience",
        "typ", "type", "tokentype", "alg", "kid", "claims", "payload", "header", "signature", "bearer", "basic",
        "cookie",
        "setcookie", "reason", "name", "key", "value", "null", "nil", "none", "undefined", "nan", "na", "true", "false",
        "empty", "missing", "unknown", "redacted", "objectobject",
    ]

    /// In lower case, without `_` and `-`, and without the path in front: `claims.JTI` is `jti`.
    static func plain(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "." || $0 == "/" }).last ?? ""
        return last.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// True for a word that names something instead of being an id.
    static func isName(_ word: String) -> Bool {
        let plain = word.lowercased().filter { $0.isLetter || $0.isNumber }
        return plain.isEmpty || ids.contains(plain) || tokens.contains(plain) || lists.contains(plain)
            || notIDs.contains(plain)
    }
}
