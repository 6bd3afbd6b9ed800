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

    private static let ofAnExport = Names(
        id: TokenNames.ids, user: ["sub", "userid", "user"], type: ["tokentype", "typ"],
        expiry: ["exp", "expiresat", "expires", "expiry", "expiration"], issue: ["iat", "issuedat"])

    /// Reads a JWT (RFC 7519, RFC 7515 section 3.1).
    static func jwt(_ parts: [Substring]) throws(Problem) -> TokenInput {
        let claims: BearerToken
        do throws(BearerToken.Problem) { claims = try BearerToken(parts: parts) } catch {
            throw Problem(error.description)
        }
        return TokenInput(
            id: try TokenInput.checked(id: claims.id), user: usable(claims.user), type: usable(claims.type),
            expiresAt: claims.expiresAt, issuedAt: claims.issuedAt, isJWT: true)
    }

    /// Reads a record that holds an id, and maybe whose token it is, what it is for, and until when it holds.
    static func record(_ record: JSONValue) throws(Problem) -> TokenInput {
        guard case .object(let members) = record else { throw Problem("the record is no JSON object") }
        func values(_ names: [String]) -> [JSONValue] {
            names.flatMap { name in members.filter { TokenNames.plain($0.name) == name }.map(\.value) }
        }
        let names = ofAnExport
        for name in [names.id, names.expiry].flatMap({ $0 }) where values([name]).count > 1 {
            throw Problem("the record has \(name) more than once: servers differ in which one they read")
        }
        let id: String
        switch values(names.id).first {
        case nil, .null: throw Problem("the record has no jti: without an id it cannot be told from other tokens")
        case .string(let text): id = text
        case .integer(let number): id = String(number)
        default: throw Problem("the record's jti is no text")
        }
        var token = TokenInput(id: try TokenInput.checked(id: id))
        token.user = text(values(names.user).first)
        token.type = text(values(names.type).first)
        let issues = values(names.issue)
        // What cannot be read, or may be read in two ways, is not known.
        if issues.count == 1 { token.issuedAt = try? TokenTime.read(issues[0], .down) }
        if let expiry = values(names.expiry).first {
            do throws(TokenTime.Problem) { token.expiresAt = try TokenTime.read(expiry, .up) } catch {
                throw Problem("the record's exp \(error)")
            }
        }
        return token
    }

    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): usable(text)
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// What cannot be part of a key is left out: the token is revoked by its id, whoever's it is.
    private static func usable(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= TokenInput.longestID else { return nil }
        return text.unicodeScalars.allSatisfy(Printable.isHarmless) && !KeptWords.holdSecret(text) ? text : nil
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
