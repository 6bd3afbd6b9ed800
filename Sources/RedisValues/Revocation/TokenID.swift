/// Under which UUID the deployed layout of the blacklist knows a token.
public enum TokenID {
    /// Bytes at most, of an id as of a user.
    package static let longest = 256

    /// Why a text cannot be what a revocation names, as the rest of a sentence; nil where it can.
    package static func problem(of text: String) -> String? {
        guard !text.isEmpty else { return "is empty" }
        guard text.utf8.count <= longest else { return "has \(text.utf8.count) bytes: at most \(longest)" }
        // What all ids of a platform are: asked at each request.
        if text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) { return nil }
        if let scalar = text.unicodeScalars.first(where: { !Printable.isHarmless($0) }) {
            return "holds control or invisible characters: \(Printable.escape(String(scalar)))"
        }
        return text.contains(where: \.isWhitespace) ? "holds blanks" : nil
    }

    /// Of a JWT that has no id of its own.
    ///
    /// The signature is left out: lax decoders take its last character in four spellings, and each of them would be
    /// another token then.
    ///
    /// - Parameter signed: the JWT's header and payload with the dot between them, as received.
    public static func derived(fromSigned signed: some StringProtocol) -> String { digest(of: signed) }

    /// A UUID in lower case; for any other id one that is derived from it.
    public static func uuid(for id: String) -> String { canonicalUUID(id) ?? digest(of: id) }

    /// Lower case with hyphens; nil for what is not a UUID (RFC 9562 section 4).
    public static func canonicalUUID(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")):
                continue
            case (8, _), (13, _), (18, _), (23, _): return nil
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")),
                (_, UInt8(ascii: "A")...UInt8(ascii: "F")):
                continue
            default: return nil
            }
        }
        return text.lowercased()
    }

    /// True for a UUID of version 8, which nobody draws at random.
    public static func isDerived(_ id: String) -> Bool {
        canonicalUUID(id).map { $0.utf8.dropFirst(14).first == UInt8(ascii: "8") } ?? false
    }

    /// The first 16 bytes of the SHA-256 as a UUID of version 8 (RFC 9562 section 5.8).
    private static func digest(of text: some StringProtocol) -> String {
        var bytes = Array(SHA256.digest(of: Array(text.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        var uuid = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { uuid += "-" }
            let digits = String(byte, radix: 16)
            uuid += digits.utf8.count == 1 ? "0" + digits : digits
        }
        return uuid
    }
}
