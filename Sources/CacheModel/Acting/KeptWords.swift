internal import RedisValues

/// Words that are kept in the server, in the audit and in the ledger, and are listed and printed.
enum KeptWords {
    /// - Throws: ``TokenInput/Problem`` where a token or a password was pasted there.
    static func check(_ text: String?, _ what: String) throws(TokenInput.Problem) {
        guard let text, holdSecret(text) else { return }
        throw TokenInput.Problem("\(what) holds a token or a password: it would be kept with the revocation")
    }

    static func holdSecret(_ text: String) -> Bool { SecretFilter.redact(text) != text }
}
