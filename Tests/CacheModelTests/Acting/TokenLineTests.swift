import CacheModel
import Support
import Testing

/// What people paste, each with the one token that it means.
@Suite struct TokenLineTests {
    static let jwt = TokenSample.jwt(#"{"jti":"a1b2","sub":"u7","exp":1893456000}"#)
    static let other = TokenSample.jwt(#"{"jti":"c3d4","exp":1893456000}"#)

    @Test(arguments: [
        // Headers, as they are and as curl -v, HAR files and logs have them.
        "Authorization: Bearer \(jwt)", "authorization: bearer \(jwt)\r", "> Authorization: Bearer \(jwt)",
        "-H 'Authorization: Bearer \(jwt)' \\", #""Authorization": "Bearer \#(jwt)","#, "Bearer \(jwt)",
        "Bearer  \(jwt)",
        "x-access-token: \(jwt)", "BEARER \(jwt),", "\"\(jwt)\"", "'\(jwt)'", "`\(jwt)`", "“\(jwt)”", "\(jwt),",
        "\(jwt);",
        "\"\(jwt)\",", "\u{feff}\(jwt)\r\n", "<\(jwt)>", "(\(jwt))", "The token is \(jwt).",
        // Cookies and URLs.
        "Cookie: theme=dark; session=\(jwt); lang=de", "Set-Cookie: token=\(jwt); Path=/; HttpOnly",
        "https://shop.example/reset?token=\(jwt)&lang=de", "https://shop.example/reset/\(jwt)", "access_token=\(jwt)",
        "Authorization=Bearer%20\(jwt)", "%22\(jwt)%22", "GET /ws?access_token=\(jwt) HTTP/1.1",
        // Shells, .env files, compose files, YAML.
        "TOKEN=\(jwt)", "export TOKEN=\"\(jwt)\"", "- TOKEN=\(jwt)", "token: \(jwt)", "  - \(jwt)", "set TOKEN=\(jwt)",
        // Logs.
        "2024-05-01T12:00:00Z INFO login user=u7 token=\(jwt) ip=10.0.0.1", "[12:00:00] {\"token\":\"\(jwt)\"}",
        #"{"log":"{\"token\":\"\#(jwt)\"}\n","stream":"stdout"}"#, "10.0.0.1 - - \"GET / HTTP/1.1\" 200 \"\(jwt)\"",
        // JSON and columns.
        #"{"access_token":"\#(jwt)","token_type":"Bearer","expires_in":3600}"#, "[\"\(jwt)\"]", "\(jwt)\tu7\t2024",
        "u7,\(jwt),2024-05-01", "| u7 | \(jwt) |",
    ])
    func theOneTokenInALineIsMeant(line: String) throws {
        let token = try TokenInput(parsing: line)
        #expect(token.id == "a1b2" && token.user == "u7" && token.isJWT)
        #expect(token.expiresAt == WallTime(seconds: 1_893_456_000))
    }

    @Test(arguments: [
        "a1b2", " a1b2\r\n", "\u{feff}a1b2", "\"a1b2\"", "'a1b2'", "a1b2,", "\"a1b2\",", "'a1b2';", "jti: a1b2",
        "jti=a1b2", "JTI=a1b2", "export JTI=a1b2", "\"jti\": \"a1b2\",", "\"jti\":\"a1b2\"", "'jti' => 'a1b2',",
        "token_id: a1b2", "tokenId=a1b2", "- a1b2", "- jti: a1b2", "token:blacklist:a1b2", "blacklist:token:a1b2",
        "level=info msg=login jti=a1b2 user=u7", "level=info jti=\"a1b2\" user=u7", #"12:00 {"jti":"a1b2","msg":"x"}"#,
        #"{"jti":"a1b2"}"#, #"{"jti":"a1b2"},"#, #"{"token_id":"a1b2","user_id":"u7"}"#, #"["a1b2"]"#,
        "/login?jti=a1b2&x=1",
        #"{"_source":{"claims.jti":"a1b2"},"_id":"zz"}"#, #"{"header":{"alg":"none"},"payload":{"jti":"a1b2"}}"#,
        #"INFO "jti": "a1b2", "sub": "u7""#,
    ])
    func theOneIdInALineIsMeant(line: String) throws { #expect(try TokenInput(parsing: line).id == "a1b2") }

    /// All that an id may look like, as it is.
    @Test(arguments: [
        "xyz789", "123e4567-e89b-12d3-a456-426614174000", "{123}".filter(\.isNumber), "v1.7", "ключ", "a_b-c~d",
        "AQID/+8=",
        "AQIDBA==", "urn:uuid:123e4567", "7", "-abc", "_abc", "1e5a", "12e4567", "5E12",
    ])
    func anIdIsTakenAsItIs(id: String) throws { #expect(try TokenInput(parsing: id) == TokenInput(id: id)) }

    @Test(arguments: [
        // Names, and what stands where there is nothing.
        ("jti", "name of something"), ("\"jti\"", "name of something"), ("JTI", "name of something"), ("id", "name"),
        ("user_id", "name"), ("null", "of nothing"), ("undefined", "of nothing"), ("None", "of nothing"),
        ("NaN", "of nothing"),
        ("(null)", "holds ("), ("<nil>", "holds <"), ("-", "name of something"), ("N/A", "of nothing"),
        ("true", "of nothing"),
        ("---", "name of something"), ("jti: null", "of nothing"), ("jti=", "is empty"), ("Bearer", "name"),
        ("Authorization:", "name of something"), ("[object", "holds ["), ("[object Object]", "blanks"),
        // Columns without a heading, and lists.
        ("a1b2,u7", "holds a ,"), ("a1b2;u7", "holds a ;"), ("a1b2|u7", "holds a |"), ("a1b2\tu7", "control"),
        ("\"a1b2\",\"u7\"", "holds a ,"), ("a1b2 c3d4", "blanks"), ("1,234", "holds a ,"), ("| a1b2 | u7 |", "blanks"),
        // Parts of JSON.
        ("{", "holds {"), ("]", "holds ]"), ("},", "holds }"), ("\"a1b2", "holds \""), ("a1b2\"", "holds \""),
        ("{\"jti\":\"a1b2", "holds {"), ("'a1b2\"", "holds '"), ("\"exp\": 1893456000,", "blanks"),
        ("\"sub\":\"u7\",", "holds \""), ("{\"id\":\"a1b2\",\"user\":\"u7\"}", "no jti and no token"),
        ("{\"jti\":null}", "has no jti"), ("{\"jti\":\"\"}", "is empty"), ("{\"jti\":{\"a\":1}}", "is no text"),
        ("{}", "no jti"),
        ("{\"jti\":\"null\"}", "of nothing"), ("{\"jti\":\"\\\"a1b2\\\"\"}", "encoded twice"), ("[]", "list of 0"),
        ("[\"a1b2\",\"c3d4\"]", "list of 2"),
        ("[null]", "neither"),
        ("[[\"a1b2\"]]", "list in a list"), ("[1.5]", "neither"), ("[\"a b\"]", "blanks"), ("[\"jti\"]", "name"),
        ("{\"jti\":\"a1b2\",\"token_id\":\"c3d4\"}", "2 ids"),
        ("{\"a\":{\"jti\":\"x\"},\"b\":{\"jti\":\"y\"}}", "2 ids"),
        ("level=info jti=a1b2 jti=c3d4", "2 ids"), ("{\"aud\":[\"a1b2\"],\"iss\":\"x\"}", "no jti"),
        // Something else than an id.
        ("Bearer a1b2c3d4", "is not a JWT"), ("Authorization: Bearer a1b2", "is not a JWT"),
        ("Basic dXNlcjpwdw==", "blanks"),
        ("sub:u7", "something else"), ("user=u7", "part of something"), ("https://shop.example/x", "something else"),
        ("u7@shop.example", "holds @"), ("/tmp/tokens.txt", "part of something"),
        ("blacklist:user:u7", "something else"),
        ("shop:token:blacklist:a1b2", "something else"), ("token:a1b2", "something else"),
        ("exp:1893456000", "something else"),
        ("1.23457E+14", "rounded"), ("1E+15", "rounded"), ("=\"a1b2\"", "holds \""), ("'123", "holds '"),
        ("a1b2...", "part of"),
        ("a1b2…", "holds …"), ("$TOKEN", "holds $"), ("%TOKEN%", "holds %"), ("{{ jti }}", "blanks"),
        ("<jti>a1b2</jti>", "holds <"),
        ("a1b2\u{200b}", "invisible"), ("a1b2\u{0}", "control"), ("a1b2\\n", "holds \\"), ("1) \"a1b2\"", "blanks"),
    ])
    func whatMayMeanSomethingElseIsNoId(line: String, words: String) {
        let problem = #expect(throws: TokenInput.Problem.self) { try TokenInput(parsing: line) }
        #expect(problem?.description.contains(words) == true, "\(line): \(problem?.description ?? "")")
    }

    @Test(arguments: [
        ("\(jwt) \(other)", "2 tokens"), ("\(jwt),\(other)", "2 tokens"), ("[\"\(jwt)\",\"\(other)\"]", "list of 2"),
        (#"{"access_token":"\#(jwt)","refresh_token":"\#(other)"}"#, "2 tokens (access_token, refresh_token)"),
        (#"{"jti":"zz","token":"\#(jwt)"}"#, "another one"),
        ("token=\(jwt.dropLast(20).split(separator: ".").prefix(2).joined(separator: "."))", "part of a JWT"),
        ("\(jwt.prefix(30))", "cut off"), ("\(jwt.prefix(30))...", "has"),
        ("Bearer \(jwt.prefix(30))…", "part of a JWT"),
        ("\(jwt).x.y", "encrypted"),
        (".\(jwt.split(separator: ".").dropFirst().joined(separator: "."))", "part of a JWT"),
    ])
    func severalTokensAndPartsOfOneAreRefused(line: String, words: String) {
        let problem = #expect(throws: TokenInput.Problem.self) { try TokenInput(parsing: line) }
        #expect(problem?.description.contains(words) == true, "\(line): \(problem?.description ?? "")")
        #expect(problem?.description.contains("eyJ") == false)
    }

    /// The same one twice is one, as in a cookie and a header of one request.
    @Test func theSameTokenTwiceIsOne() throws {
        #expect(try TokenInput(parsing: "token=\(Self.jwt); copy=\(Self.jwt)").id == "a1b2")
        #expect(try TokenInput(parsing: #"{"jti":"a1b2","token":"\#(Self.jwt)"}"#).isJWT)
        // A log has cut the token, and names the id.
        let cut = try TokenInput(parsing: #"{"jti":"a1b2","exp":1893456000,"token":"\#(Self.jwt.prefix(40))…"}"#)
        #expect(cut.id == "a1b2" && cut.expiresAt == WallTime(seconds: 1_893_456_000))
    }

    @Test func paddingAndThePlainAlphabetAreTaken() throws {
        for size in 0..<6 {
            let payload = #"{"jti":"a1b2","sub":"?>\#(String(repeating: "ÿ", count: size))"}"#
            for header in [
                #"{"alg":"HS256"}"#, "{ \"alg\": \"HS256\" }", "{\n  \"alg\": \"HS256\"\n}", "{\r\n\t\"alg\":\"x\"}",
            ] {
                for (isPadded, isPlain) in [(false, false), (true, false), (false, true), (true, true)] {
                    let token = TokenSample.jwt(payload, header: header, padded: isPadded, plain: isPlain)
                    for line in [token, "Authorization: Bearer \(token)", "token=\(token); Path=/", "\"\(token)\","] {
                        #expect(try TokenInput(parsing: line).id == "a1b2", "\(line)")
                    }
                }
            }
        }
        for wrong in ["eyJhbGciOiJIUzI1NiJ9=.eyJqdGkiOiJhIn0.x", "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0==.x"] {
            #expect(throws: TokenInput.Problem.self) { try TokenInput(parsing: wrong) }
        }
    }

    /// Whatever people put around an id, it is that id or none.
    @Test func noMarkEverGetsIntoAnId() {
        var generator = SeededGenerator(seed: 15)
        let marks = [
            "\"", "'", ",", ";", "{", "}", "[", "]", ":", "=", " ", "\t", "jti", "|", "\\", "<", ">", "Bearer ", "- ",
            "\u{feff}",
            "token", ".", "…", "#", "&", "%22",
        ]
        for _ in 0..<20_000 {
            func some() -> String {
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in marks.randomElement(using: &generator) ?? "" }
                    .joined()
            }
            let line = some() + "a1b2" + some()
            guard let token = try? TokenInput(parsing: line) else { continue }
            let rest = token.id.replacing("a1b2", with: "")
            // Letters of a mark may stand in front of it without anything between, and dots and colons within it.
            #expect(rest.allSatisfy { "jtiokenBar.:=-".contains($0) }, "\(line.debugDescription) gave \(token.id)")
            #expect(token.id.contains("a1b2"), "\(line.debugDescription) gave \(token.id)")
        }
    }

    @Test func exactIdsAreTakenOff() throws {
        for id in [#"{"jti":"a1b2"}"#, "jti,user,exp", "a1b2,u7", "jti", "\"a1b2\"", "null"] {
            #expect(try TokenInput(naming: id).id == id)
        }
        #expect(try TokenInput(naming: "Bearer \(Self.jwt)").id == "a1b2")
        #expect(throws: TokenInput.Problem.self) { try TokenInput(naming: "two words") }
    }
}

/// JWTs with a signature that nobody checks.
enum TokenSample {
    static func jwt(
        _ payload: String, header: String = #"{"alg":"HS256","typ":"JWT"}"#, padded: Bool = false, plain: Bool = false
    ) -> String {
        [header, payload, "signature"].map { part in
            var text = TestBase64.url(Array(part.utf8))
            if padded { text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4) }
            return plain ? text.replacing("-", with: "+").replacing("_", with: "/") : text
        }.joined(separator: ".")
    }
}
