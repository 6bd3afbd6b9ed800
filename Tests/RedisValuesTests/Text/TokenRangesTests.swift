import RedisValues
import Testing

@Suite struct TokenRangesTests {
    private let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"

    private func masked(_ text: String, isCut: Bool = false) -> String {
        String(decoding: TokenRanges.masked(Array(text.utf8), isCut: isCut), as: UTF8.self)
    }

    @Test func tokensAreMaskedWhereverTheyStand() {
        #expect(masked(token) == "***")
        #expect(masked("Bearer \(token)") == "Bearer ***")
        #expect(masked(#"{"token":"\#(token)","n":1}"#) == #"{"token":"***","n":1}"#)
        #expect(masked("a=\(token)&b=\(token);") == "a=***&b=***;")
        #expect(masked("%20\(token)") == "%20***")
        #expect(masked("Bearer\(token)") == "Bearer***", "behind other letters, too")
    }

    @Test func whatIsNoTokenStays() {
        for text in ["", "eyJ", "eye.color", "keyJust.a.word", "eyJ1c2VyIjo0Mn0", "hey there", "eyJ\u{0}hbGciOi"] {
            #expect(masked(text) == text)
        }
    }

    /// Of what goes on beyond a page, the beginning of a token is one.
    @Test func tokenThatIsCutIsOne() {
        let part = String(token.prefix(18))
        #expect(masked("x \(part)") == "x \(part)")
        #expect(masked("x \(part)", isCut: true) == "x ***")
        #expect(masked("\(part) x", isCut: true) == "\(part) x")
    }

    @Test func bytesThatAreNoTextAreLeftAsTheyAre() {
        let bytes: [UInt8] = [0xff, 0x65] + Array(token.utf8) + [0x00, 0x80]
        #expect(TokenRanges.masked(bytes).suffix(2) == [0x00, 0x80])
        #expect(TokenRanges.masked(bytes).count < 10)
    }
}
