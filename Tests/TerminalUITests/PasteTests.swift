import Testing

@testable import TerminalUI

/// A paste ends with its bracket, in however many parts that comes.
@Suite struct PasteTests {
    private func take(_ text: String, into paste: inout Paste) -> [Bool] {
        text.unicodeScalars.map { paste.take($0) }
    }

    @Test func bracketThatComesAsCharactersEndsIt() {
        var paste = Paste()
        #expect(take("abc\u{1b}[201~", into: &paste).last == true)
        #expect(paste.text == "abc")
    }

    @Test(arguments: ["[201~", "\u{1b}[200~", "\u{1b}[201", "\u{1b}[2\u{1b}[20~", "~", ""])
    func whatOnlyLooksLikeItIsText(text: String) {
        var paste = Paste()
        #expect(!take(text, into: &paste).contains(true))
        #expect(paste.text == text)
    }

    @Test func anEscapeBeforeTheBracketIsText() {
        var paste = Paste()
        #expect(take("a\u{1b}[2\u{1b}[201~", into: &paste).last == true)
        #expect(paste.text == "a\u{1b}[2")
    }

    @Test func aMegabyteByMistakeEndsAllTheSame() {
        var paste = Paste()
        _ = take(String(repeating: "x", count: (1 << 20) + 100), into: &paste)
        #expect(paste.text.utf8.count == 1 << 20)
        #expect(take("y\u{1b}[201~", into: &paste).last == true)
        #expect(paste.text.utf8.count == 1 << 20)
    }
}
