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

    private func page(_ text: String) -> String {
        String(decoding: TokenRanges.masked(Array(text.utf8), isStart: false), as: UTF8.self)
    }

    /// Of a page that is not the first one, its beginning may be the end of a token, wherever that was cut.
    @Test func restOfATokenOnThePageBeforeIsOne() {
        let all = token.utf8.count
        for cut in 0...all - 4 {
            let rest = String(token.dropFirst(cut))
            #expect(page(#"\#(rest)","n":1}"#) == #"***","n":1}"#, "\(cut)")
            #expect(page(rest) == "***")
            #expect(page("\(rest) and \(token);") == "*** and ***;")
        }
        #expect(page(" \(token.suffix(12))") == " \(token.suffix(12))", "nothing is cut there")
        #expect(page(#"Xl","n":1}"#) == #"Xl","n":1}"#, "too short to tell anything")
        #expect(page("") == "" && page("Xl") == "Xl")
    }

    /// A page of a picture in base64 is no signature, and one of claims ends with its dot.
    @Test func longRestIsOneWithADotOnly() {
        let run = String(repeating: "abcd", count: 4096)
        #expect(page(run) == run)
        #expect(page("\(run).c2lnbmF0dXJl;") == "***;")
        #expect(page("\(run.prefix(8192));") == "***;")
    }

    @Test func onlyTheRestIsMaskedWhereTheOthersAreDecoded() {
        let text = "\(token.suffix(12)) \(token)"
        #expect(TokenRanges.maskedRest(Array(text.utf8)) == Array("*** \(token)".utf8))
        #expect(TokenRanges.maskedRest(Array(" x".utf8)) == Array(" x".utf8))
        #expect(TokenRanges.find(in: Array(text.utf8), isStart: false) == [0..<12, 13..<text.utf8.count])
    }

    @Test func bytesThatAreNoTextAreLeftAsTheyAre() {
        let bytes: [UInt8] = [0xff, 0x65] + Array(token.utf8) + [0x00, 0x80]
        #expect(TokenRanges.masked(bytes).suffix(2) == [0x00, 0x80])
        #expect(TokenRanges.masked(bytes).count < 10)
    }
}
