import CacheModel
import Testing

/// Files and pastes of many tokens.
@Suite struct TokenListTests {
    static let one = TokenSample.jwt(#"{"jti":"a1b2","sub":"u7","exp":1893456000}"#)
    static let two = TokenSample.jwt(#"{"jti":"c3d4","sub":"u8","exp":1893456000}"#)

    @Test(arguments: [
        "a1b2\nc3d4\n", "a1b2\r\nc3d4\r\n", "a1b2\rc3d4", "\u{feff}a1b2\nc3d4", "# those of today\na1b2\n\n  c3d4  \n",
        "a1b2,\nc3d4,\n", "\"a1b2\",\n\"c3d4\"\n", "\"a1b2\"\n\"c3d4\"\n", "'a1b2',\n'c3d4'\n", "- a1b2\n- c3d4\n",
        "jti: a1b2\njti: c3d4\n", "\(one)\n\(two)\n", "Bearer \(one)\nBearer \(two)", "TOKEN=\(one)\nTOKEN=\(two)",
        // JSON: arrays, records a line, records one after the other as jq prints them, pages of results.
        "[\"a1b2\",\"c3d4\"]", "[\n\"a1b2\",\n\"c3d4\"\n]\n", "[\n  \"a1b2\",\n  \"c3d4\",\n]",
        "[\"\(one)\",\"\(two)\"]",
        "{\"jti\":\"a1b2\"}\n{\"jti\":\"c3d4\"}\n", "{\"jti\":\"a1b2\"},\n{\"jti\":\"c3d4\"},\n",
        "{\"jti\":\"a1b2\"}{\"jti\":\"c3d4\"}",
        "{\n  \"jti\": \"a1b2\",\n  \"sub\": \"u7\"\n}\n{\n  \"jti\": \"c3d4\"\n}\n",
        "[{\"jti\":\"a1b2\"},{\"token_id\":\"c3d4\"}]",
        "\u{feff}[{\"jti\":\"a1b2\"},\r\n{\"jti\":\"c3d4\"}]\r\n", "{\"tokens\":[\"a1b2\",\"c3d4\"]}",
        "{\"jtis\":[\"a1b2\",\"c3d4\"],\"n\":2}",
        "{\"hits\":{\"hits\":[{\"_id\":\"x\",\"_source\":{\"jti\":\"a1b2\"}},{\"_id\":\"y\",\"_source\":{\"jti\":\"c3d4\"}}]}}",
        "{\"items\":[{\"access_token\":\"\(one)\"},{\"access_token\":\"\(two)\"}],\"next\":null}",
        // Columns.
        "jti\na1b2\nc3d4\n", "\"jti\"\n\"a1b2\"\n\"c3d4\"\n", "token\n\(one)\n\(two)\n",
        "jti,user,exp\na1b2,u7,1893456000\nc3d4,u8,\n",
        // A cell at the end of a line may be empty, whatever stands between the cells.
        "user\tjti\texp\n\ta1b2\t1893456000\nu8\tc3d4\t\n", "jti\tuser\texp\na1b2\t\t\nc3d4\t\t1893456000\n",
        "\tjti\tuser\n0\ta1b2\tu7\n1\tc3d4\tu8\n", "\u{feff}user\tjti\r\n\ta1b2\r\n\tc3d4\r\n",
        "jti\tuser\t\na1b2\tu7\t\nc3d4\t\t\n", ",jti,user\n0,a1b2,u7\n1,c3d4,u8\n", "user,jti\n,a1b2\n ,c3d4\n",
        "user;jti\n;a1b2\n;c3d4\n", "user|jti\n|a1b2\nu8|c3d4\n", "  jti,user  \n  a1b2,u7\n\tc3d4,u8\t\n",
        "user;jti\nu7;a1b2\nu8;c3d4\n", "sep=;\njti;user\na1b2;u7\nc3d4;u8\n", "user\ttoken_id\nu7\ta1b2\nu8\tc3d4\n",
        "\"user\",\"jti\"\n\"Doe, Jane\",\"a1b2\"\n\"say \"\"x\"\"\",\"c3d4\"\n", "jti,note\na1b2,\nc3d4,,\n",
        "user,token\nu7,\(one)\nu8,\(two)\n",
        "| jti | user |\n|-----|------|\n| a1b2 | u7 |\n| c3d4 | u8 |\n",
        " jti  | user\n------+-----\n a1b2 | u7\n c3d4 | u8\n",
        "@timestamp,claims.jti,message\n\"May 1, 2024\",a1b2,x\n\"May 2, 2024\",c3d4,y\n",
        "exp,jti\n\"2030-01-01T00:00:00Z\",a1b2\n,c3d4\n",
        // Logs.
        "12:00 INFO {\"jti\":\"a1b2\"}\n12:01 INFO {\"jti\":\"c3d4\"}\n", "t=1 jti=a1b2\nt=2 jti=c3d4\n",
        "[1] \"GET /?token=\(one)\"\n[2] \"GET /?token=\(two)\"\n",
    ])
    func bothAreRead(text: String) {
        let list = TokenList(parsing: text)
        #expect(list.troubles.isEmpty, "\(list.troubles)")
        #expect(list.tokens.map(\.id) == ["a1b2", "c3d4"])
    }

    @Test(
        arguments: [
            ("a1b2\nbad id\n", [2]), ("a1b2\n\n# x\nnull\n", [4]), ("id\na1b2\n", [1]), ("a1b2,u7\nc3d4,u8\n", [1, 2]),
            ("\"a1b2\",\"u7\"\n", [1]), ("user,exp\nu7,1\n", [1, 2]), ("jti,user\na1b2,u7,x\nc3d4\n,u9\n", [2, 3, 4]),
            ("jti,user\n\"a1b2,u7\n", [2]), ("jti,jti2,token_id\na1b2,x,c3d4\n", [2]),
            ("jti,exp\na1b2,1.89346E+09\n", [2]),
            ("jti,exp\na1b2,tomorrow\n", [2]), ("jti;user\njti;user\n", [2]), ("jti,user\nnull,u7\n", [2]),
            ("{\"jti\":\"a1b2\"}\n{\"sub\":\"u8\"}\n", [2]), ("[\n\"a1b2\",\n\"c 3\",\nnull\n]", [3, 4]),
            ("[\"a1b2\"", [1]), ("{\n\"jti\": \"a1b2\"\n", [1]),
            ("{\"id\":\"a1b2\",\"user\":\"u7\"},\n", [1]), ("[[\"jti\",\"user\"],[\"a1b2\",\"u7\"]]", [1, 1]),
            ("{\"aud\":[\"a1b2\"]}", [1]),
            ("[\"jti\",\"a1b2\"]", [1]), ("{\"jti\":\"a1b2\",\"tokens\":[\"c3d4\"]}\n\"x y\"", [2]),
            ("\(one)\n\(one.prefix(40))\n\(one.dropFirst(40))\n", [2]),
            ("\(one),\(two)\n", [1]), ("jti\nuser\na1b2\n", [2]), ("-----\na1b2\n", [1]), ("token\na1b2\n", [2]),
            ("user,token\nu7,a1b2\n", [2]), ("jti\t\na1b2\tu7\n", [2]), ("user\tjti\nu7\t\n\tu7\ta1b2\n", [2, 3]),
            ("tokeneyJhbGciOiJIUzI1NiJ9\n", [1]),
            ("a1b2\u{0}\n", [1]),
        ] as [(String, [Int])])
    func whatMayMeanSomethingElseIsRefusedByItsLine(text: String, lines: [Int]) {
        let list = TokenList(parsing: text)
        #expect(list.troubles.map(\.line) == lines, "\(list.tokens) \(list.troubles)")
        #expect(!list.troubles.contains { $0.problem.description.contains("eyJ") })
    }

    @Test func columnsSayWhoseTokenItIs() {
        let list = TokenList(parsing: "exp,type,user_id,jti,token_type\n1893456000000,x,u7,a1b2,refresh\n")
        #expect(
            list.tokens == [
                TokenInput(id: "a1b2", user: "u7", type: "refresh", expiresAt: WallTime(seconds: 1_893_456_000))
            ])
    }

    /// What `cachewatch revoked --format json` prints can be given back.
    @Test func whatWasListedIsReadBack() {
        let token = RevokedToken(
            id: "a1b2", user: "u7", type: "access", blacklistedAt: WallTime(seconds: 1),
            expiresAt: WallTime(seconds: 1_893_456_000))
        for text in [token.json.text, "[\(token.json.line)]", "\(token.json.line)\n"] {
            #expect(
                TokenList(parsing: text).tokens == [
                    TokenInput(id: "a1b2", user: "u7", type: "access", expiresAt: WallTime(seconds: 1_893_456_000))
                ])
        }
    }

    @Test func emptyFilesHoldNothing() {
        for text in ["", "\n\n", "# nothing\n", "jti,user\n", "[]", "\u{feff}"] {
            #expect(TokenList(parsing: text) == TokenList(parsing: ""), "\(text)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func largeFilesAreReadInTime() {
        let lines = (0..<10_000).map { "{\"jti\":\"id-\($0)\",\"sub\":\"u\"}" }.joined(separator: "\n")
        #expect(TokenList(parsing: lines).tokens.count == 10_000)
        #expect(TokenList(parsing: String(repeating: "[", count: 200_000)).tokens.isEmpty)
        #expect(TokenList(parsing: String(repeating: "eyJ", count: 200_000)).tokens.isEmpty)
    }
}
