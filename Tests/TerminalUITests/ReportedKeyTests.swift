import Support
import TerminalUI
import Testing

/// Where another program has left the kitty keyboard protocol or xterm's modifyOtherKeys on, keys come by their number.
@Suite struct ReportedKeyTests {
    static let keys: [(text: String, words: String)] = [
        ("[99;5u", "^c"), ("[27;5;99~", "^c"), ("[27;5;67~", "^c"), ("[99;69u", "^c"), ("[99;5:1u", "^c"),
        ("[99;5:3u", ""), ("[27u", "Esc"), ("[27;1:1u", "Esc"), ("[27;1:3u", ""), ("[91;5u", "Esc"), ("[113u", "q"),
        ("[113;1:2u", "q"), ("[113;1:3u", ""), ("[113;129u", "q"), ("[113;2u", "Q"), ("[113:81;2u", "Q"),
        ("[59:58;2u", ":"), ("[27;2;81~", "Q"), ("[27;2;58~", ":"), ("[97;65u", "A"), ("[97;66u", "a"),
        ("[97;;228u", "ä"), ("[233u", "é"), ("[13u", "Enter"), ("[27;1;13~", "Enter"), ("[13;2u", ""), ("[13;5u", ""),
        ("[13;1:3u", ""), ("[9u", "Tab"), ("[9;2u", "BackTab"), ("[9;5u", ""), ("[127u", "Backspace"),
        ("[127;5u", "Backspace"), ("[113;3u", ""), ("[99;7u", ""), ("[108;5u", "^l"), ("[1;129A", "Up"),
        ("[1;1:1B", "Down"), ("[1;1:3A", ""), ("[1;5A", ""), ("[3;1:1~", "Delete"), ("[3;129~", "Delete"),
        ("[3;2~", ""),
        ("[57414u", "Enter"), ("[57400u", "1"), ("[57419u", "Up"), ("[57441;2u", ""), ("[u", ""), ("[;u", ""),
        ("[?1u", ""),
        ("[99999999999999999999u", ""), ("[55296u", ""), ("[1114112u", ""), ("[0u", ""), ("[155u", ""), ("[27;5~", ""),
    ]

    @Test(arguments: [0, 2, 10, 40, 100, 140, 200]) func aKeyIsWhatItIsWhereverItIsCut(gap: Int) {
        for (text, words) in Self.keys {
            let bytes = [0x1b] + Array(text.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                let early = cut == 1 && gap > 150 ? (words.isEmpty ? "Esc" : "Esc ") : ""
                #expect(Samples.words(line.settle()) == early + words, "\(text) cut at \(cut)")
            }
        }
    }

    @Test(arguments: ["", "\u{1b}", "abc", ":keys c", "abcdefgh", "abcd\rabcd", "ab\r"])
    func controlCLeavesAtOnceAllTheSame(before: String) {
        for text in ["\u{1b}[99;5u", "\u{1b}[27;5;99~"] {
            for gap in [0, 2, 40, 200] {
                var line = SlowLine()
                line.send(before)
                line.pause(milliseconds: gap)
                line.send(text)
                #expect(line.take().last == .key(.control("c")))
                line.send("j")
                #expect(line.settle() == [.key(.character("j"))], "nothing is left")
            }
        }
    }

    @Test func lettersThatComeAtOnceAreAPasteAllTheSame() {
        var line = SlowLine()
        line.send("quit".utf8.map { "\u{1b}[\($0)u" }.joined() + "\u{1b}[13u")
        #expect(Samples.words(line.settle()) == "<quit>")
        line.send("\u{1b}[49u\u{1b}[104u\u{1b}[13u")
        #expect(Samples.words(line.settle()) == "1 h Break")
        line.send("12\u{1b}OM")
        #expect(Samples.words(line.settle()) == "1 2 Break", "the keypad's Enter is Enter")
    }
}
