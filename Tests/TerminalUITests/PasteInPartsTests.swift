import Support
import TerminalUI
import Testing

/// What is pasted is a paste, with brackets and without, in however many parts it comes.
@Suite struct PasteInPartsTests {
    private static let text = "aaaa-1111\rbbbb-2222\r\rq é€ ESC[A :q\tx"

    /// All that was pasted, and whether there was nothing else.
    private func pasted(_ events: [TerminalEvent]) -> (text: String, isAll: Bool) {
        events.reduce(into: ("", true)) { result, event in
            switch event {
            case .paste(let text), .pasteContinues(let text): result.0 += text
            default: result.1 = false
            }
        }
    }

    // MARK: in brackets

    @Test(arguments: [0, 40, 140, 200]) func bracketsAreFoundWhereverTheyAreCut(gap: Int) {
        let bytes = Array("\u{1b}[200~\(Self.text)\u{1b}[201~".utf8)
        for cut in 1..<bytes.count {
            var line = SlowLine()
            line.send(bytes[..<cut])
            line.pause(milliseconds: gap)
            line.send(bytes[cut...])
            let early: [TerminalEvent] = cut == 1 && gap > 150 ? [.key(.escape)] : []
            #expect(line.settle() == early + [.paste(Self.text)], "cut at \(cut)")
            line.send("q")
            #expect(line.settle() == [.key(.character("q"))])
        }
    }

    @Test(arguments: 1...64) func aLongPasteInPartsOfOneSizeIsOne(size: Int) {
        var generator = SeededGenerator(seed: UInt64(size))
        let text = Samples.lines(10_000, &generator)
        var line = SlowLine()
        line.send("\u{1b}[200~")
        line.send(Array("\(text)\u{1b}[201~".utf8), size: { size }, gap: { Int.random(in: 0...200, using: &generator) })
        #expect(line.settle() == [.paste(text)])
        line.send("q")
        #expect(line.settle() == [.key(.character("q"))])
    }

    @Test func silenceEndsAPasteWhoseBracketIsLost() {
        for end in ["", "\u{1b}", "\u{1b}[20", "\u{1b}[201"] {
            var line = SlowLine()
            line.send("\u{1b}[200~abc\(end)")
            line.pause(milliseconds: 499)
            #expect(line.take().isEmpty)
            line.pause(milliseconds: 1)
            #expect(line.take() == [.paste("abc")] + (end.count == 1 ? [.key(.escape)] : []))
            // What is late of the bracket is no key.
            line.send(String("\u{1b}[201~".dropFirst(end.count)))
            #expect(end.isEmpty || line.settle().isEmpty)
        }
    }

    /// A text may hold brackets itself; whoever copies from a log gets them.
    @Test(arguments: [
        "abc\u{1b}[201~q", "a\u{1b}[200~b\u{1b}[201~q", "abc\u{1b}[201~\rq", "abc\u{1b}[201~q\r", "\u{1b}[201~dq",
        "abc\u{1b}[201~:q\r", "abc\u{1b}[201~\u{1b}[201~q", "abc\u{1b}[201~\u{4}q", "abc\u{1b}[201~:quit\r",
        "abc\u{1b}[201~\u{1b}[31mq", "abc\u{1b}[201~\u{1b}q", "abc\u{1b}[201~\r",
    ])
    func whatIsBehindAnInnerBracketIsOfThePaste(text: String) {
        let bytes = Array("\u{1b}[200~\(text)\u{1b}[201~".utf8)
        for gap in [0, 2, 10, 40, 140, 200] {
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                let events = line.settle()
                let words = Samples.words(events)
                #expect(!events.contains(.key(.enter)), "cut at \(cut), \(gap) ms: \(words)")
                for letter in "dq:" { #expect(!events.contains(.key(.character(letter))), "cut at \(cut): \(words)") }
                #expect(gap > 0 || pasted(events.filter { $0 != .key(.lineBreak) }).isAll, "cut at \(cut): \(words)")
                line.send("q")
                #expect(line.settle() == [.key(.character("q"))])
            }
        }
    }

    /// What has its end has had a beginning.
    @Test func whatComesWithAClosingBracketIsPastedThoughItsBeginningIsLost() {
        for text in ["q", "0~q", "dq", ":q\r", "\rq", "\r"] {
            var line = SlowLine()
            line.send("\(text)\u{1b}[201~")
            #expect(pasted(line.settle().filter { $0 != .key(.lineBreak) }).isAll, "\(text.debugDescription)")
        }
    }

    /// Somebody sees that nothing answers, and tries again and again.
    @Test(arguments: [("q", 260), ("q", 400), ("\u{3}", 30), ("\u{3}", 100), ("\u{3}", 300), ("\u{1b}", 300)])
    func tryingKeysDoesNotKeepALostPasteGoing(key: String, gap: Int) {
        var line = SlowLine()
        line.send("\u{1b}[200~abc")
        var keys: [TerminalEvent] = []
        let start = line.now
        while keys.isEmpty, line.now - start < .seconds(5) {
            line.pause(milliseconds: gap)
            line.send(key)
            keys = line.take().filter { if case .key = $0 { true } else { false } }
        }
        #expect(line.now - start < .seconds(1) + .milliseconds(gap))
    }

    // MARK: without brackets

    @Test(arguments: [
        ("2o", "2 o"), ("dtq", "d t q"), ("jjjjjjjjjj", "j j j j j j j j j j"), (":keys caf", ": k e y s   c a f"),
        ("/ab cd", "/ a b   c d"), ("\r", "Enter"), ("j\r", "j Break"), ("\r\r", "Enter Break"), ("\rq", "Enter q"),
        ("1h\r", "1 h Break"), ("\t\t\r", "Tab Tab Break"), ("\u{c}\r", "^l Enter"), ("\r\n", "Enter"), ("\n", "Enter"),
        ("abcd", "<abcd>"), ("quit", "<quit>"), ("abcd\r", "<abcd>"), ("a\rb", "<a|b>"), (":q!x\r", "<:q!x>"),
        ("a\r\nb\r\n", "<a|b>"), ("id\tx\r\r", "i d Tab x Break Break"), ("abc\td\r", "<abc|d>"),
        ("ab\u{8}cd", "<abcd>"), ("a\u{1b}[1mbcd\u{1b}[me", "<abcde>"), ("abcde\u{1b}xfgh", "<abcdexfgh>"),
        ("abcd\u{1b}[Bj", "<abcd> Down j"), ("\u{1b}:q", "Esc : q"),
    ]) func whatComesAtOnceIsTypedOrPasted(text: String, words: String) {
        var line = SlowLine()
        line.send(text)
        #expect(Samples.words(line.settle()) == words)
    }

    @Test(arguments: [
        // An Enter waits whether a line follows.
        ("abcdef 5 \r", "<abcdef> Enter"), ("abcdef 200 \r", "<abcdef> Enter"), ("abcdef 5 \r 200 x", "<abcdef> +|x"),
        ("abcdef 40 \r 40 \r 40 x", "<abcdef> +||x"), ("abcdef 100 \r\r", "<abcdef>"),
        ("abcdef 100 \u{c}\r", "<abcdef> ^l Enter"), ("abcdef 600 \r", "<abcdef> Enter"),
        ("abcdef 5 \r 301 q", "<abcdef> Enter q"),
        ("abcdef 5 \t 60 \r", "<abcdef> Tab Enter"), ("abcdef 5 \t 5 \r", "<abcdef> Tab Enter"),
        ("abcdef 5 \r 5 \u{1b}[B", "<abcdef> Enter Down"), ("abcdef\rgh 100 \r", "<abcdef|gh>"),
        ("1h 5 \r", "1 h Enter"), ("1h 40 \r 250 x", "1 h +|x"), ("1h 60 \r 100 x", "1 h Enter x"),
        ("abcdef 5 \u{1b}[B 5 q", "<abcdef> Down q"), ("abcd\ref 5 \u{1b}[B 5 q", "<abcd|ef> Down +q"),
        ("\r 30 \r 30 \r", "Enter Break Break"), ("\r 30 \r", "Enter Enter"), ("\r 30 \r 30 x", "Enter +|x"),
        ("abcdef 5 \tghijkl", "<abcdef> Tab +ghijkl"), ("\t\tghijkl", "Tab Tab <ghijkl>"),
        ("abc\rdef 5 \tghijkl", "<abc|def> +|ghijkl"), ("j 33 j 33 j 33 j 33 j", "j j j j j"),
        // A paste goes on until there is silence.
        ("abcdef 200 q 200 q 200 x", "<abcdef> +q +q x"), ("abcdef 200 gh 80 i 499 q", "<abcdef> +gh +i +q"),
        ("abcdef 200 gh 200 i 499 q", "<abcdef> +gh +i q"),
        ("abcdef 501 q", "<abcdef> q"), ("abcdef 5 \t 5 q", "<abcdef> Tab q"), ("ab 40 cdef", "a b +cdef"),
        // What comes in parts may end with one: it confirms nothing.
        ("abcd 40 efgh 40 \r", "<abcd> +efgh Break"), ("abcd 200 efgh 200 \r", "<abcd> +efgh Break"),
        ("d 40 cdef 10 \r", "d +cdef Enter"), ("abcd 40 efgh 600 \r", "<abcd> +efgh Enter"),
        ("abcd 40 efgh 5 \r 5 \u{1b}[B", "<abcd> +efgh Break Down"),
        // A control key by itself is no part of a text.
        ("cut-off-is-nobody 600 \u{15} 5 17 40 \r 400 17 7 \r", "<cut-off-is-nobody> ^u 1 7 Enter 1 7 Enter"),
        ("cut-off-is-nobody 80 \u{15} 7 17 90 \r 60 17 7 \r", "<cut-off-is-nobody> ^u 1 7 Enter 1 7 Enter"),
        ("17 1 \r", "1 7 Enter"), ("17 2 \r 5 q", "1 7 +|q"), ("a 1 b 1 \r 1 c 1 d", "a b +|cd"),
        ("abcdef 501 ghijkl", "<abcdef> <ghijkl>"), ("\u{1b}[200~ab\u{1b}[201~ 10 \r", "<ab> Enter"),
    ]) func pausesTellFingersFromPastes(parts: String, words: String) {
        var line = SlowLine()
        var isPause = false
        for part in parts.split(separator: " ", omittingEmptySubsequences: false) {
            if isPause, let pause = Int(part) { line.pause(milliseconds: pause) } else { line.send(String(part)) }
            isPause = !isPause || Int(part) == nil
        }
        #expect(Samples.words(line.settle()) == words)
    }

    /// As scripts type, and people on a line that stalls.
    @Test func commandsThatAreTypedAheadAreCommands() {
        var line = SlowLine()
        for text in [":flush session", "\r", ":undo", "\r"] {
            line.send(text)
            line.pause(milliseconds: 5)
        }
        #expect(Samples.words(line.settle()) == ": f l u s h   s e s s i o n Enter : u n d o Enter")
    }

    @Test(arguments: 0..<200) func aLongPasteWithoutBracketsIsAllPaste(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let text = "quick" + Samples.lines(10_000, &generator)
        var line = SlowLine()
        // One letter that comes alone is a finger's.
        var size = 5
        line.send(
            Array(text.utf8),
            size: {
                defer { size = Int.random(in: 1...64, using: &generator) }
                return size
            }, gap: { Int.random(in: 0...200, using: &generator) })
        let (pasted, isAll) = pasted(line.settle())
        #expect(isAll)
        #expect(pasted == text.replacing("\r", with: "\n"))
        line.send("q")
        #expect(line.settle() == [.key(.character("q"))])
    }

    @Test(arguments: [5, 8, 13, 64]) func partsOfOneSizeAreAllPaste(size: Int) {
        for gap in [0, 4, 40, 200] {
            var generator = SeededGenerator(seed: 1)
            let text = "quick" + Samples.lines(5000, &generator)
            var line = SlowLine()
            line.send(Array(text.utf8), size: { size }, gap: { gap })
            let (pasted, isAll) = pasted(line.settle())
            #expect(isAll, "\(gap) ms")
            #expect(pasted == text.replacing("\r", with: "\n"))
        }
    }
}

enum Samples {
    /// Lines of words, some of them short, the last without an end.
    static func lines(_ count: Int, _ generator: inout SeededGenerator) -> String {
        var text = ""
        while text.utf8.count < count {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: text += "\r"
            case 1: text += "\r\r"
            case 2: text += ["q", ":", "R", "d", "F", "w", "x", "T"].randomElement(using: &generator) ?? ""
            case 3: text += ["é", "€", "😀", " ", "/"].randomElement(using: &generator) ?? ""
            default:
                text += String(UInt64.random(in: 0...(.max), using: &generator), radix: 36).prefix(9) + "-"
            }
        }
        return text + "end"
    }

    /// `a`, `Enter`, `<pasted>`, `+more`; `|` for the end of a line.
    static func words(_ events: [TerminalEvent]) -> String {
        events.map { event in
            switch event {
            case .paste(let text): "<\(shown(text))>"
            case .pasteContinues(let text): "+\(shown(text))"
            case .key(.character(let character)): String(character)
            case .key(.control(let letter)): "^\(letter)"
            case .key(.lineBreak): "Break"
            case .key(.escape): "Esc"
            case .key(let key): "\(key)".prefix(1).uppercased() + "\(key)".dropFirst()
            default: "\(event)"
            }
        }.joined(separator: " ")
    }

    private static func shown(_ text: String) -> String { text.replacing("\n", with: "|").replacing("\t", with: "|") }
}
