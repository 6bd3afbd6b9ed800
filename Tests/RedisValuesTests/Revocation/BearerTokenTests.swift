import Foundation
import RedisValues
import Testing

@Suite struct BearerTokenTests {
    private func part(_ json: String) -> String {
        Data(json.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private func jwt(_ payload: String, header: String = #"{"alg":"HS256"}"#) -> String {
        "\(part(header)).\(part(payload)).c2ln"
    }

    @Test func aPlatformsTokenIsReadWhole() throws {
        let text = jwt(
            #"{"sub":"17","email":"a@b.c","token_type":"refresh","permissions":[],"exp":1700604800,"iat":1700000000}"#)
        let signed = text.split(separator: ".").prefix(2).joined(separator: ".")
        let due = BearerToken(
            id: TokenID.derived(fromSigned: signed), user: "17", type: "refresh",
            issuedAt: WallTime(seconds: 1_700_000_000), expiresAt: WallTime(seconds: 1_700_604_800))
        for form in [text, "Bearer \(text)", "bearer  \(text)", "\t\(text)\r\n"] {
            #expect(try BearerToken(parsing: form) == due, "\(form)")
        }
        // Of the signature nothing depends.
        #expect(try BearerToken(parsing: signed + ".") == due)
        #expect(try BearerToken(parsing: signed + ".c2lo") == due)
        let padding = String(repeating: "=", count: (4 - text.split(separator: ".")[1].count % 4) % 4)
        #expect(try BearerToken(parsing: signed + padding + ".c2ln").id == due.id, "padding is no part of a JWT")
    }

    @Test(
        arguments: [
            (#"{"jti":"a-1","sub":7,"typ":"access"}"#, "a-1", "7", "access"),
            (#"{"jti":42}"#, "42", nil, nil), (#"{"jti":"a","sub":null,"token_type":["x"]}"#, "a", nil, nil),
        ] as [(String, String, String?, String?)])
    func claimsAreText(_ payload: String, id: String, user: String?, type: String?) throws {
        #expect(try BearerToken(parsing: jwt(payload)) == BearerToken(id: id, user: user, type: type))
    }

    /// An instant of issue is never taken for a later one, an expiry never for an earlier one.
    @Test(
        arguments: [
            (#""iat":1700000000.9,"exp":1700000000.1"#, 1_700_000_000, 1_700_000_001),
            (#""iat":"1700000000","exp":1700000000500"#, 1_700_000_000, 1_700_000_001),
            (#""iat":"2023-11-14T22:13:20.9Z","exp":"2023-11-14T22:13:20.1Z""#, 1_700_000_000, 1_700_000_001),
            (#""iat":"soon""#, nil, nil), (#""iat":1,"iat":2"#, nil, nil), (#""iat":-1,"exp":null"#, nil, nil),
        ] as [(String, Int64?, Int64?)])
    func timesAreRoundedToTheSafeSide(_ members: String, issued: Int64?, expires: Int64?) throws {
        let token = try BearerToken(parsing: jwt("{\(members)}"))
        #expect(token.issuedAt == issued.map { WallTime(seconds: $0) })
        #expect(token.expiresAt == expires.map { WallTime(seconds: $0) })
    }

    @Test(
        arguments: [
            ("", "there is no token"), ("  ", "there is no token"), ("a.b.c d", "holds no blanks"),
            ("Basic a.b.c", "holds no blanks"), ("a.b", "this has 2: part of it was cut off"),
            ("a.b.c.d.e", "this has 5: it is encrypted"), ("..", "header is not base64url"),
            ("MQ.MQ.", "header is no JSON object"), ("YQ.YQ.", "header is not JSON"),
            (String(repeating: "a", count: 16_385), "at most 16384 bytes"),
        ])
    func whatIsNoTokenIsRefused(_ text: String, words: String) {
        let problem = #expect(throws: BearerToken.Problem.self) { try BearerToken(parsing: text) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test(
        arguments: [
            (#"{"jti":"a","jti":"b"}"#, "jti more than once"), (#"{"exp":1,"exp":2}"#, "exp more than once"),
            (#"{"jti":["a"]}"#, "jti is no text"), (#"{"exp":"soon"}"#, "exp is no Unix time"),
            (#"{"exp":-1}"#, "exp is no Unix time"), ("[]", "payload is no JSON object"), ("{", "payload is not JSON"),
        ])
    func whatServersMayReadInTwoWaysIsRefused(_ payload: String, words: String) {
        let problem = #expect(throws: BearerToken.Problem.self) { try BearerToken(parsing: jwt(payload)) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }
}
