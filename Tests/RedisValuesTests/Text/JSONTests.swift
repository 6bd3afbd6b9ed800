import RedisValues
import Support
import Testing

@Suite struct JSONTests {
    private func parse(_ text: String) throws -> String { try JSONParser.parse(Array(text.utf8)).line }

    @Test(arguments: [
        (#" {"a" : [1, 2.50, -0e5, true , null], "b":{}} "#, #"{"a": [1, 2.50, -0e5, true, null], "b": {}}"#),
        (#""\u00e9\ud83d\ude00\/\b""#, #""é😀/\u0008""#), ("[]", "[]"), ("12345678901234567890", "12345678901234567890"),
        (#"{"a":1,"a":2}"#, #"{"a": 1, "a": 2}"#),
    ])
    func documentsAreRead(text: String, expected: String) throws { #expect(try parse(text) == expected) }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "-", "+1", "tru", "\"\u{1}\"", #""\x""#, #""\ud800""#,
        #""\ud800\u0041""#, "[1] 2", "\"open", "nul", ".5", "1e", "'a'",
    ])
    func whatIsNoneIsRefused(text: String) { #expect(throws: JSONParser.Problem.self) { try parse(text) } }

    /// One table for all who read them: the six that stand for another character, and those for themselves.
    @Test func escapesOfOneLetter() {
        var found: [UInt8: Unicode.Scalar] = [:]
        for letter in UInt8.min...UInt8.max { found[letter] = JSONEscape.scalar(letter) }
        #expect(
            found == [
                UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
                UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
            ])
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONParser.Problem.self) { try parse(deep) }
        #expect(throws: Never.self) {
            try parse(String(repeating: "[", count: 60) + String(repeating: "]", count: 60))
        }
    }

    @Test func escapesComeBack() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(Printable.unescape(Printable.escape(bytes)) == bytes)
        }
        for scalar: Unicode.Scalar in ["\\", "\u{202e}", "é", "\u{7f}", "😀", "\n"] {
            let bytes = Array(String(scalar).utf8)
            #expect(Printable.unescape(Printable.escape(bytes)) == bytes)
        }
        #expect(Printable.unescape("\\q") == nil)
        #expect(Printable.unescape("\\x1") == nil)
        #expect(Printable.unescape("\\u{}") == nil)
        #expect(Printable.unescape("a\\") == nil)
    }
}
