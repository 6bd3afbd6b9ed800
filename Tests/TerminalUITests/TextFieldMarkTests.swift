import TerminalUI
import Testing

/// Marks are drawn on what is before them: they are typed one by one, and belong to it.
@Suite struct TextFieldMarkTests {
    /// Thai, a decomposed é, an emoji in colour, Devanagari, and a keycap.
    private static let words = ["น้ำ:ที่", "cafe\u{301}", "❤\u{fe0f}:1", "कि:ई", "1\u{fe0f}\u{20e3}"]

    @Test(arguments: words) func marksAreTypedOneByOne(word: String) {
        var field = TextField()
        for scalar in word.unicodeScalars { _ = field.edit(.character(Character(scalar))) }
        #expect(field.value.utf8.elementsEqual(word.utf8))
        #expect(field.leftOut == nil)
    }

    @Test(arguments: words) func marksArePasted(word: String) {
        for cut in 0...word.unicodeScalars.count {
            var field = TextField()
            field.paste(String(String.UnicodeScalarView(word.unicodeScalars.prefix(cut))))
            field.paste(String(String.UnicodeScalarView(word.unicodeScalars.dropFirst(cut))))
            #expect(field.value.utf8.elementsEqual(word.utf8), "\(cut)")
        }
    }

    @Test func markBelongsToTheCharacterBeforeTheCursor() {
        var field = TextField("ab")
        _ = field.edit(.left)
        _ = field.edit(.character("\u{301}"))
        #expect(field.value.utf8.elementsEqual("a\u{301}b".utf8) && field.cursor == 1)
        _ = field.edit(.backspace)
        #expect(field.value == "b")
    }

    @Test(arguments: ["a\u{200b}b", "a\u{202e}b", "a\u{feff}b", "\u{301}ab"]) func whatIsNotDrawnIsLeftOutAndKnown(
        text: String
    ) {
        var field = TextField()
        field.paste(text)
        #expect(field.value == "ab" && field.leftOut != nil)
        _ = field.edit(.backspace)
        #expect(field.leftOut != nil)
        _ = field.edit(.backspace)
        #expect(field.leftOut == nil, "nothing is there that it was left out of")
    }

    @Test func controlCharactersOfATerminalAreLeftOutWithoutAWord() {
        var field = TextField()
        field.paste("a\u{1b}b\u{7}")
        #expect(field.value == "ab" && field.leftOut == nil)
    }

    @Test func marksOfOneCharacterHaveAnEnd() {
        var field = TextField("a")
        for _ in 0..<10_000 { field.insert("\u{301}") }
        #expect(field.value.unicodeScalars.count <= 64 && field.leftOut != nil)
    }
}
