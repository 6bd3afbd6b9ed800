import CacheModel
import Support
import Testing

@Suite struct TokenInputTests {
    /// A JWT with a signature that nobody checks.
    private func jwt(_ payload: String, header: String = #"{"alg":"HS256","typ":"JWT"}"#) -> String {
        "\(TestBase64.url(Array(header.utf8))).\(TestBase64.url(Array(payload.utf8))).c2lnbmF0dXJl"
    }

    @Test func claimsAreRead() throws {
        let token = try TokenInput(
            parsing: "  Bearer \(jwt(#"{"jti":"a-1","sub":"user-9","exp":1795432906.9,"token_type":"access"}"#))\n")
        #expect(token.id == "a-1")
        #expect(token.user == "user-9")
        #expect(token.type == "access")
        // A revocation must not end before its token.
        #expect(token.expiresAt == WallTime(seconds: 1_795_432_907))
        #expect(token.isJWT)
    }

    /// When it was issued is known or not, and never wrong.
    @Test(
        arguments: [
            (#"{"jti":"a","iat":1700000000}"#, 1_700_000_000), (#"{"jti":"a","iat":1700000000.9}"#, 1_700_000_000),
            (#"{"jti":"a","iat":"1700000000"}"#, 1_700_000_000), (#"{"jti":"a"}"#, nil),
            (#"{"jti":"a","iat":"soon"}"#, nil), (#"{"jti":"a","iat":null}"#, nil),
            (#"{"jti":"a","iat":1,"iat":2}"#, nil),
        ] as [(String, Int64?)])
    func whenItWasIssuedIsRead(payload: String, seconds: Int64?) throws {
        #expect(try TokenInput(parsing: jwt(payload)).issuedAt == seconds.map { WallTime(seconds: $0) })
    }

    @Test func numbersAreIdsToo() throws {
        let token = try TokenInput(parsing: jwt(#"{"jti":42,"sub":7,"typ":"refresh"}"#))
        #expect(token.id == "42")
        #expect(token.user == "7")
        #expect(token.type == "refresh")
        #expect(token.expiresAt == nil)
    }

    /// What the platform signs has no jti: it is known by what is signed, whoever has spelt its signature how.
    @Test(arguments: [#"{"sub":"x"}"#, #"{"sub":"x","jti":null}"#])
    func aTokenWithoutAnIDIsKnownByWhatIsSigned(payload: String) throws {
        let text = jwt(payload)
        let token = try TokenInput(parsing: "Bearer \(text)")
        #expect(token.id == TokenID.derived(fromSigned: text.split(separator: ".").prefix(2).joined(separator: ".")))
        #expect(token.user == "x" && token.isJWT)
        #expect(try TokenInput(parsing: text.dropLast(4) + "AAAA").id == token.id)
        #expect(try TokenInput(parsing: jwt(payload, header: #"{"alg":"HS512"}"#)).id != token.id)
    }

    @Test func whatIsNoJWTIsAnId() throws {
        for id in ["xyz789", "123e4567-e89b-12d3-a456-426614174000", "v1.7", "ключ"] {
            let token = try TokenInput(parsing: id)
            #expect(token == TokenInput(id: id))
        }
    }

    @Test(arguments: [
        ("", "there is no token"), ("   ", "there is no token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0", "has 2"), ("eyJhbGciOiJIUzI1NiJ9", "has 1"),
        ("eyJh.eyJh.eyJh.eyJh", "has 4"), ("a.b!.c", "not base64url"), ("YQ.YQ.YQ", "not JSON"),
        ("MQ.MQ.MQ", "no JSON object"), ("..", "not base64url"), ("a\u{1b}[2J", "control"), ("a\u{202e}b", "control"),
        ("two words", "blanks"), (String(repeating: "x", count: 300), "300 bytes"),
        (String(repeating: "x", count: 1 << 20), "1.00 MiB"),
    ])
    func badInputSaysWhy(text: String, expected: String) {
        #expect {
            try TokenInput(parsing: text)
        } throws: { error in
            let words = "\(error)"
            #expect(words.contains(expected), "\(words)")
            #expect(words.unicodeScalars.allSatisfy(Printable.isPrintable))
            return true
        }
    }

    @Test(arguments: [
        (#"{"jti":""}"#, "is empty"),
        (#"{"jti":["a"]}"#, "no text"), (#"{"jti":"a b"}"#, "blanks"), (#"{"jti":"a","exp":"soon"}"#, "no Unix time"),
        (#"{"jti":"a","exp":-5}"#, "no Unix time"), (#"{"jti":"a","exp":1e300}"#, "no Unix time"),
        (#"{"jti":"a\u0000b"}"#, "control"),
        (#"{"jti":"a","jti":"b"}"#, "more than once"), (#"{"jti":"a","exp":1,"exp":2}"#, "more than once"),
        (#"{"jti":"a"}}"#, "not JSON"), (#"{"jti":"a""#, "not JSON"),
    ])
    func badClaimsSayWhy(payload: String, expected: String) {
        let text = jwt(payload)
        #expect {
            try TokenInput(parsing: text)
        } throws: { error in
            #expect("\(error)".contains(expected), "\(error)")
            // A token is a credential: no complaint repeats it.
            #expect(!"\(error)".contains(text.split(separator: ".")[1]))
            return true
        }
    }

    @Test(arguments: ["token=", "\"", "jti:"])
    func aPartOfAJWTIsNoID(before: String) {
        let text = before + jwt(#"{"jti":"a"}"#).split(separator: ".").prefix(2).joined(separator: ".")
        #expect {
            try TokenInput(parsing: text)
        } throws: { error in
            "\(error)".contains("part of a JWT") && !"\(error)".contains("eyJ")
        }
    }

    @Test func anythingAtAllIsSurvived() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("eyJ.=-_ab{}\":,01 \\\u{1b}\u{e9}")
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "x"
                })
            for input in [text, jwt(text)] {
                guard let token = try? TokenInput(parsing: input) else { continue }
                // Whatever is accepted can be a part of a key.
                let isClean = token.id.unicodeScalars.allSatisfy { Printable.isPrintable($0) }
                let hasBlanks = token.id.contains { $0.isWhitespace }
                #expect(!token.id.isEmpty && isClean && !hasBlanks)
            }
        }
    }
}

enum TestBase64 {
    static func url(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xffff
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[buffer >> bits & 63])
            }
        }
        if bits > 0 { text.append(alphabet[buffer << (6 - bits) & 63]) }
        return text
    }
}
