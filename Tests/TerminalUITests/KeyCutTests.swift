import Support
import TerminalUI
import Testing

/// A key is itself, wherever a slow line cuts it.
@Suite struct KeyCutTests {
    static let keys: [(bytes: String, event: TerminalEvent)] = [
        ("\u{1b}[A", .key(.up)), ("\u{1b}OB", .key(.down)), ("\u{1b}[H", .key(.home)), ("\u{1b}[4~", .key(.end)),
        ("\u{1b}[3~", .key(.delete)), ("\u{1b}[Z", .key(.backTab)), ("\u{1b}OM", .key(.enter)),
        ("\u{1b}[24~", .key(.function(12))), ("\u{1b}[[A", .key(.function(1))), ("é", .key(.character("é"))),
        ("€", .key(.character("€"))), ("😀", .key(.character("😀"))),
        ("\u{1b}[<0;12;5M", .click(Point(column: 11, row: 4))),
        ("\u{1b}[<64;1;1M", .wheel(Point(column: 0, row: 0), rows: -3)),
        ("\u{1b}[M\u{61}\u{21}\u{22}", .wheel(Point(column: 0, row: 1), rows: 3)),
    ]

    @Test(arguments: [0, 2, 10, 40, 100, 140]) func aKeyIsOneKeyWhereverItIsCut(gap: Int) {
        for (text, event) in Self.keys {
            let bytes = Array(text.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                #expect(line.settle() == [event], "\(text.debugDescription) cut at \(cut)")
            }
            var line = SlowLine()
            line.send(bytes, size: { 1 }, gap: { gap })
            #expect(line.settle() == [event], "\(text.debugDescription) byte by byte")
        }
    }

    /// Esc is told of by then; the rest is no letters all the same.
    @Test(arguments: [160, 250, 400, 480]) func whatComesLateIsStillNoLetters(gap: Int) {
        for (text, event) in Self.keys {
            let bytes = Array(text.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                let isEscapeCut = cut == 1 && bytes[0] == 0x1b
                #expect(line.settle() == (isEscapeCut ? [.key(.escape), event] : [event]))
            }
        }
    }

    @Test func aLineThatCutsOnceIsWaitedForLonger() {
        var line = SlowLine()
        for gap in [200, 300, 380] {
            line.send("\u{1b}")
            line.pause(milliseconds: gap)
            line.send("[B")
        }
        #expect(line.settle() == [.key(.escape), .key(.down), .key(.down), .key(.down)], "Esc by mistake only once")
    }

    @Test func escapeAloneIsToldSoon() {
        var line = SlowLine()
        line.send("\u{1b}")
        line.pause(milliseconds: 149)
        #expect(line.take().isEmpty)
        line.pause(milliseconds: 1)
        #expect(line.take() == [.key(.escape)])
        line.pause(milliseconds: 20)
        line.send("\u{1b}q")
        #expect(line.settle() == [.key(.escape), .key(.character("q"))])
    }

    @Test(arguments: ["[", "O", "[x", "[j", "Oq", "]", "x"]) func whatIsTypedAfterEscapeIsNotLost(text: String) {
        var line = SlowLine()
        line.send("\u{1b}")
        for character in text {
            line.pause(milliseconds: 160)
            line.send(String(character))
        }
        #expect(line.settle() == [.key(.escape)] + text.map { .key(.character($0)) })
    }

    @Test(arguments: ["\u{1b}[38;5;1m", "\u{1b}[?1;2c", "\u{1b}[1;5A", "\u{1b}OX", "\u{1b}[<0;1;1m", "\u{1b}[<35;4;4M"])
    func sequencesThatMeanNothingHereAreNoKeys(text: String) {
        var line = SlowLine()
        line.send(text)
        line.send("j")
        #expect(line.settle() == [.key(.character("j"))])
    }

    @Test func descriptionOfTheTerminalGoesFirst() {
        let sequences = KeySequences(described: [(Array("\u{1b}[7$".utf8), .home), (Array("\u{1b}[A".utf8), .pageUp)])
        var line = SlowLine(sequences)
        line.send("\u{1b}[7")
        line.pause(milliseconds: 100)
        line.send("$\u{1b}[A")
        #expect(line.settle() == [.key(.home), .key(.pageUp)])
    }

    @Test(arguments: [
        [0xff], [0xc3], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80],
    ])
    func bytesThatAreNoLetterTakeNothingWithThem(bytes: [UInt8]) {
        var line = SlowLine()
        line.send(bytes)
        line.send("é")
        #expect(line.settle() == [.key(.character("é"))])
        line.send(bytes)
        #expect(line.settle().isEmpty)
        line.send("j")
        #expect(line.settle() == [.key(.character("j"))])
    }

    @Test func lettersOfOneByteAreThoseOfTheLocale() {
        let letters = (0..<256).map { $0 == 0xa4 ? Unicode.Scalar("€") : $0 < 0x80 ? Unicode.Scalar($0) : nil }
        var line = SlowLine(letters: .bytes(letters))
        line.send([0xa4, 0xe9, 0x6a])
        #expect(line.settle() == [.key(.character("€")), .key(.character("j"))])
    }

    @Test(arguments: [
        "", "\u{1b}", "\u{1b}[", "\u{1b}[1;", "\u{1b}O", "abc", ":keys c", "abcdefgh", "abcd\rabcd", "ab\r",
    ])
    func controlCLeavesAtOnce(before: String) {
        for gap in [0, 2, 40, 200] {
            for end in [[], [0xc3], [0xf0, 0x9f]] as [[UInt8]] {
                var line = SlowLine()
                line.send(Array(before.utf8) + end)
                line.pause(milliseconds: gap)
                line.send([0x03])
                #expect(line.take().last == .key(.control("c")))
                line.send("j")
                #expect(line.settle() == [.key(.character("j"))], "nothing is left")
            }
        }
    }

    /// Whoever takes a look at what they have typed, and does not want it.
    @Test func escapeTakesBackAnEnterThatWaits() {
        for text in ["17", "abcdef"] {
            for gap in 0..<300 {
                for escape in ["\u{1b}", "\u{1b}[27u"] {
                    var line = SlowLine()
                    line.send(text)
                    line.pause(milliseconds: 5)
                    line.send("\r")
                    line.pause(milliseconds: gap)
                    line.send(escape)
                    let events = line.settle()
                    #expect(!events.contains(.key(.enter)), "\(gap) ms")
                    #expect(events.last == .key(.escape))
                }
            }
        }
        var line = SlowLine()
        line.send("17")
        line.pause(milliseconds: 5)
        line.send("\r")
        line.pause(milliseconds: 250)
        line.send("\u{1b}")
        line.pause(milliseconds: 100)
        line.send("[B")
        #expect(Samples.words(line.settle()) == "1 7 Enter Down", "an arrow takes nothing back")
    }

    /// Whatever has come: after a while everything answers.
    @Test func noBytesMakeTheKeyboardDead() {
        var generator = SeededGenerator(seed: 63)
        let pieces =
            Self.keys.map { Array($0.bytes.utf8) } + [
                Array("\u{1b}[200~".utf8), Array("\u{1b}[201~".utf8), [0x1b], [0x0d], [0x09], [0xc3], [0xff],
                Array("q".utf8), [0x9b], [0xc2, 0x9d],
            ] + (TerminalAnswerTests.answers + TerminalAnswerTests.strings).map { Array($0.utf8) }
            + ReportedKeyTests.keys.map { [0x1b] + Array($0.text.utf8) }
        for _ in 0..<3000 {
            var line = SlowLine()
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let piece = pieces.randomElement(using: &generator) ?? []
                line.send(piece.prefix(Int.random(in: 1...piece.count, using: &generator)))
                line.pause(milliseconds: Int.random(in: 0...200, using: &generator))
            }
            line.pause(.seconds(1))
            _ = line.take()
            line.send("q")
            #expect(line.settle() == [.key(.character("q"))])
            line.send("\u{1b}")
            #expect(line.settle() == [.key(.escape)])
            line.send("\r")
            #expect(line.settle() == [.key(.enter)])
            line.send([0x03])
            #expect(line.settle() == [.key(.control("c"))])
        }
    }
}
