import RedisValues
import Testing

@Suite struct RESPValueTests {
    @Test func stringsAndStatusesAreText() throws {
        #expect(try RESPValue.string([0x61, 0x1b]).text == "a\\x1b")
        #expect(try RESPValue.status(Array("PONG".utf8)).text == "PONG")
    }

    @Test func integersMayComeAsStrings() throws {
        #expect(try RESPValue.integer(.min).integer == .min)
        #expect(try RESPValue.string(Array("-42".utf8)).integer == -42)
    }

    @Test func whatWasExpectedIsSaid() {
        #expect(throws: RESPShapeError(expected: "an integer", found: "a string")) {
            try RESPValue.string(Array("12x".utf8)).integer
        }
        #expect(throws: RESPShapeError(expected: "a string", found: "an array of 2")) {
            try RESPValue.array([.null, .null]).bytes
        }
        #expect(throws: RESPShapeError(expected: "an array", found: "the error NOPERM \\x1b")) {
            try RESPValue.error(Array("NOPERM \u{1b}".utf8)).array
        }
    }
}
