import Support
import TerminalUI
import Testing

/// What a terminal answers to another program's question is no key, wherever a slow line cuts it.
@Suite struct TerminalAnswerTests {
    static let answers = [
        "\u{1b}[?64;1;2;6;9;15;16;17;18;21;22;28c", "\u{1b}[38;2;255;255;255;48;2;100;100;100m", "\u{1b}[?1;2c",
        "\u{1b}[12;40R", "\u{1b}[?2026;2$y", "\u{1b}[>41;390;0c", "\u{1b}[I", "\u{1b}[O", "\u{1b}[?1u",
        "\u{1b}]11;rgb:0000/0000/0000\u{7}", "\u{1b}]11;rgb:0000/0000/0000\u{1b}\\", "\u{1b}]52;c;cXExMjM=\u{1b}\\",
        "\u{1b}P>|XTerm(390)\u{1b}\\", "\u{1b}P1$r0m\u{1b}\\", "\u{1b}P!|7E7E0000\u{1b}\\", "\u{1b}]lquit\u{1b}\\",
        "\u{1b}_Gi=31;OK\u{1b}\\",
    ]
    /// What a terminal sends only where it repeats what was sent to it.
    static let strings = ["\u{1b}^quit\u{1b}\\", "\u{1b}Xquit\u{1b}\\", "\u{1b}_quit\u{1b}\\", "\u{1b}]quit\u{7}"]

    @Test(arguments: [0, 2, 10, 40, 100, 140, 160, 200]) func anAnswerIsNoKeyWhereverItIsCut(gap: Int) {
        for answer in Self.answers + Self.strings {
            let bytes = Array(answer.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                let early: [TerminalEvent] = cut == 1 && gap > 150 ? [.key(.escape)] : []
                #expect(line.settle() == early, "\(answer.debugDescription) cut at \(cut)")
                line.send("q")
                #expect(line.settle() == [.key(.character("q"))])
            }
        }
    }

    @Test(arguments: [0, 2, 10, 40, 100, 140]) func anAnswerIsNoKeyByteByByte(gap: Int) {
        for answer in Self.answers {
            var line = SlowLine()
            line.send(Array(answer.utf8), size: { 1 }, gap: { gap })
            #expect(line.settle().isEmpty, "\(answer.debugDescription)")
        }
    }

    @Test func keysAfterAnAnswerAreKeys() {
        for answer in Self.answers + Self.strings {
            var line = SlowLine()
            line.send(answer + "j\u{1b}[B\(answer)")
            line.pause(milliseconds: 10)
            line.send("2")
            #expect(line.settle() == [.key(.character("j")), .key(.down), .key(.character("2"))])
        }
    }

    @Test(arguments: [
        "\u{1b}]52;c;", "\u{1b}P>|", "\u{1b}_G", "\u{1b}^x", "\u{1b}Xx", "\u{1b}[1;", "\u{1b}[<",
    ])
    func whatIsTooLongIsNoTextEither(beginning: String) {
        let isControl = beginning.hasPrefix("\u{1b}[")
        for size in [1, 7, 64, 10_000] {
            var line = SlowLine()
            line.send(beginning)
            line.send(
                Array(String(repeating: isControl ? "1;23" : "q12Q", count: 2500).utf8), size: { size }, gap: { 1 })
            #expect(line.take().isEmpty)
            // Ctrl-C ends it, and so does silence.
            var other = line
            other.send([0x03])
            #expect(other.take() == [.key(.control("c"))])
            #expect(line.settle().isEmpty)
            for var line in [line, other] {
                line.send("q")
                #expect(line.settle() == [.key(.character("q"))])
            }
        }
    }

    /// Somebody sees that nothing answers, and tries again and again.
    @Test(arguments: [260, 400]) func tryingKeysDoesNotKeepAStringGoing(gap: Int) {
        var line = SlowLine()
        line.send("\u{1b}]52;c;abc")
        var keys: [TerminalEvent] = []
        let start = line.now
        while keys.isEmpty, line.now - start < .seconds(5) {
            line.pause(milliseconds: gap)
            line.send("q")
            line.pause(milliseconds: 5)
            keys = line.take()
        }
        #expect(line.now - start < .seconds(1) + .milliseconds(gap))
    }

    @Test func aStringThatHasNoEndIsNoPartOfWhatFollows() {
        var line = SlowLine()
        line.send("\u{1b}]0;title\u{1b}[B")
        #expect(line.settle() == [.key(.down)])
        line.send("\u{1b}]0;title\u{1b}q")
        #expect(line.settle() == [.key(.escape), .key(.character("q"))])
        line.send("\u{1b}]0;title\u{18}q")
        #expect(line.settle() == [.key(.character("q"))])
    }

    @Test(arguments: ["]q", "]]]", "[[[", "]2", "]2j", "Pq", "Xj", "^d", "_q", "]\r", "P]", "[2", "[1j"])
    func whatFingersTypeAfterEscapeIsNotLost(text: String) {
        for gap in [20, 60, 160, 240] {
            // Control sequences in parts are sequences, unless Esc was told of.
            if text.hasPrefix("["), gap < 150 { continue }
            var line = SlowLine()
            line.send("\u{1b}")
            for character in text {
                line.pause(milliseconds: gap)
                line.send(String(character))
            }
            let keys = text.map { $0 == "\r" ? Key.enter : .character($0) }
            #expect(line.settle() == [.key(.escape)] + keys.map { .key($0) }, "\(text.debugDescription), \(gap) ms")
        }
    }

    @Test(arguments: ["\u{1b}[3$", "\u{1b}[2$", "\u{1b}[3^", "\u{1b}[3@", "\u{1b}[a", "\u{1b}Oa"])
    func shiftAndControlInRxvtTakeNoOtherKeyWithThem(text: String) {
        for gap in [3, 10, 100, 499] {
            var line = SlowLine()
            line.send(text)
            line.pause(milliseconds: gap)
            line.send("q")
            #expect(line.settle() == [.key(.character("q"))], "\(gap) ms")
        }
    }

    // MARK: the mouse

    @Test func aPointerTooFarAwayIsNoKey() {
        for text in ["\u{1b}[M \u{0}q", "\u{1b}[M q\u{0}", "\u{1b}[M \u{0}\u{0}"] {
            let bytes = Array(text.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: 100)
                line.send(bytes[cut...])
                #expect(line.settle().isEmpty)
            }
        }
        var line = SlowLine()
        line.send("\u{1b}[M ")
        line.send([0x03])
        #expect(line.take() == [.key(.control("c"))])
        line.send([0x1b, 0x5b, 0x4d, 0x20, 0xff, 0xf0])
        #expect(line.settle() == [.click(Point(column: 222, row: 207))])
    }

    @Test func aMouseThatWasNotAskedForSaysNothing() {
        var line = SlowLine(KeySequences(hasMouse: false))
        line.send("\u{1b}[M !q\u{1b}[<0;12;5M\u{1b}[<0;12;5m")
        #expect(line.settle().isEmpty)
        line.send("\u{1b}[M")
        line.pause(milliseconds: 3)
        line.send("q")
        #expect(line.settle() == [.key(.character("q"))])
    }

    // MARK: control characters of 8 bits

    @Test(arguments: [0, 40, 140, 200]) func controlCharactersOfEightBitsAreNoLetters(gap: Int) {
        let cases: [(String, [TerminalEvent])] = [
            ("\u{9b}A", [.key(.up)]), ("\u{9b}3~", [.key(.delete)]), ("\u{8f}B", [.key(.down)]),
            ("\u{9d}11;rgb:0/0/0\u{7}", []), ("\u{90}>|XTerm\u{1b}\\", []), ("\u{9f}Gi=1\u{1b}\\", []), ("\u{85}", []),
            ("\u{9b}200~quit\u{9b}201~", [.paste("quit")]), ("\u{9b}", []), ("\u{9d}", []),
        ]
        for (text, events) in cases {
            let bytes = Array(text.utf8)
            for cut in 1..<bytes.count {
                var line = SlowLine()
                line.send(bytes[..<cut])
                line.pause(milliseconds: gap)
                line.send(bytes[cut...])
                #expect(line.settle() == events, "\(text.debugDescription) cut at \(cut)")
            }
        }
        var line = SlowLine(letters: .bytes((0..<256).map { Unicode.Scalar($0) }))
        line.send([0x9b, 0x41, 0xe9])
        #expect(line.settle() == [.key(.up), .key(.character("é"))])
    }

    /// They are not valid, and nothing begins with them.
    @Test(arguments: [0x9b, 0x9d, 0x90, 0x8f, 0x9f] as [UInt8]) func bytesOfThemBeginNothing(byte: UInt8) {
        var line = SlowLine()
        line.send([byte, UInt8(ascii: "j")])
        #expect(line.settle() == [.key(.character("j"))])
    }
}
