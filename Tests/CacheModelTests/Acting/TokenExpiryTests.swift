import CacheModel
import Testing

@Suite struct TokenExpiryTests {
    private func expiry(_ exp: String) throws -> WallTime? {
        try TokenInput(parsing: TokenSample.jwt(#"{"jti":"a1b2","exp":\#(exp)}"#)).expiresAt
    }

    @Test(arguments: [
        ("1893456000", 1_893_456_000), ("\"1893456000\"", 1_893_456_000), ("1893456000.0", 1_893_456_000),
        ("1893456000.001", 1_893_456_001), ("1893456000.9", 1_893_456_001), ("\"1893456000.5\"", 1_893_456_001),
        ("1.893456e9", 1_893_456_000), ("1893456000000", 1_893_456_000), ("1893456000001", 1_893_456_001),
        ("\"1893456000000\"", 1_893_456_000), ("0", 0), ("253402300799", 253_402_300_799),
        ("\"2030-01-01T00:00:00Z\"", 1_893_456_000), ("\"2030-01-01T00:00:00.000Z\"", 1_893_456_000),
        ("\"2030-01-01T00:00:00.0001Z\"", 1_893_456_001), ("\"2030-01-01T02:00:00+02:00\"", 1_893_456_000),
        ("\"2029-12-31T19:00:00-0500\"", 1_893_456_000), ("\"2030-01-01 00:00:00Z\"", 1_893_456_000),
        ("\"2028-02-29T00:00:00Z\"", 1_835_395_200),
    ])
    func timesAreReadAsTheyAreWritten(exp: String, seconds: Int64) throws {
        #expect(try expiry(exp) == WallTime(seconds: seconds))
    }

    @Test(arguments: [
        "-1", "-1893456000", "\"-5\"", "1e300", "9223372036854775807", "99999999999999999999", "1893456000000000",
        "1893456000000000000", "true", "[1893456000]", "{}", "\"\"", "\"soon\"", "\"never\"", "\"1.89346E+09\"",
        "\"2030-01-01\"", "\"2030-01-01T00:00:00\"", "\"2030-02-30T00:00:00Z\"", "\"2030-13-01T00:00:00Z\"",
        "\"01/02/2030\"",
        "\"1893456000s\"", "\"0x70DBD880\"", "\"1,893,456,000\"", "\"Infinity\"", "\"1.2.3\"",
    ])
    func whatIsNoTimeIsRefused(exp: String) {
        let problem = #expect(throws: TokenInput.Problem.self) { try expiry(exp) }
        #expect(problem?.description.contains("exp is no Unix time") == true, "\(problem?.description ?? "")")
    }

    @Test func nothingIsNoTime() throws {
        #expect(try expiry("null") == nil)
        #expect(try TokenInput(parsing: #"{"jti":"a1b2"}"#).expiresAt == nil)
        #expect(
            try TokenInput(parsing: #"{"token_id":"a1b2","expires_at":1893456000}"#).expiresAt
                == WallTime(seconds: 1_893_456_000))
    }
}
