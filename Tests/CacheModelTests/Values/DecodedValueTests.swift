import CacheModel
import Support
import Testing

/// What bytes that nobody vouches for are shown as.
@Suite struct DecodedValueTests {
    private func decoded(_ bytes: [UInt8], isCut: Bool = false) -> DecodedValue {
        DecodedValue(bytes, isCut: isCut, clock: .utc)
    }

    private func decoded(_ text: String, isCut: Bool = false) -> DecodedValue {
        decoded(Array(text.utf8), isCut: isCut)
    }

    private func lines(_ text: String, isCut: Bool = false) -> [String] {
        decoded(text, isCut: isCut).lines.map(\.indented)
    }

    // MARK: JSON

    @Test func jsonIsFoundByItselfAndIndented() {
        let value = decoded(#"{"user":"42","items":[{"sku":"A-17","n":2},[]],"none":{},"total":24.5,"ok":true}"#)
        #expect(value.name == "JSON")
        #expect(
            value.lines.map(\.indented) == [
                "{", #"  "user": "42","#, #"  "items": ["#, "    {", #"      "sku": "A-17","#, #"      "n": 2"#,
                "    },",
                "    []", "  ],", #"  "none": {},"#, #"  "total": 24.5,"#, #"  "ok": true"#, "}",
            ])
        #expect(lines(" [ 1 , 2 ] ") == ["[", "  1,", "  2", "]"])
        #expect(lines("[]") == ["[]"] && lines("{ }") == ["{}"])
    }

    /// Once, and not twice: what is written as an escape is shown as what it stands for.
    @Test(arguments: [
        (#"["Caf\u00e9"]"#, #""Café""#), (#"["Café"]"#, #""Café""#), (#"["a\/b"]"#, #""a/b""#),
        (#"["a\"b"]"#, #""a\"b""#), (#"["a\\b"]"#, #""a\\b""#), (#"["a\nb\tc"]"#, #""a\nb\tc""#),
        (#"["\u001b[31m"]"#, #""\x1b[31m""#), (#"["\u202e"]"#, #""\u{202e}""#), (#"["\ud83d\ude00"]"#, #""😀""#),
        (#"["\ud83d"]"#, #""\ud83d""#), (#"["\ud83dx\u0041"]"#, #""\ud83dxA""#),
    ])
    func escapesOfJSONAreReadOnce(text: String, shown: String) {
        #expect(lines(text) == ["[", "  \(shown)", "]"])
    }

    @Test func bytesThatAreNoUTF8AreEscapedInJSON() {
        let value = decoded(Array(#"{"a":""#.utf8) + [0xff, 0x9b] + Array(#""}"#.utf8))
        #expect(value.name == "JSON" && value.lines.map(\.indented) == ["{", #"  "a": "\xff\x9b""#, "}"])
    }

    @Test func numbersAreNeverRounded() {
        let huge = String(repeating: "9", count: 400)
        #expect(lines("[\(huge),-0.10,1E+400]") == ["[", "  \(huge),", "  -0.10,", "  1E+400", "]"])
    }

    @Test(arguments: [
        "{", "{\"a\"}", "{\"a\":}", "[1,]", "{\"a\":1,}", "[1 2]", "[01]", "[+1]", "[1]]", "{'a':1}", "[tru]",
        "[\"\u{1b}\"]",
        "[\"\\q\"]", "[\"\\u12\"]", "[1}", "[\"a", "[1",
    ])
    func whatIsNotJSONIsText(text: String) {
        let value = decoded(text)
        #expect(value.name == "text")
        #expect(value.lines.map(\.text) == [Printable.escape(text)])
    }

    /// A page of a larger value ends anywhere.
    @Test func truncatedJSONIsShownAsFarAsItGoes() {
        let whole = #"{"user":"42","items":[{"sku":"A-17","n":2.5e3}],"note":"a\u00e9b"}"#
        for length in 9..<whole.utf8.count {
            let value = decoded(Array(whole.utf8.prefix(length)), isCut: true)
            #expect(value.name == "JSON", "\(length)")
            #expect(value.lines[0].text == "{" && value.lines.last?.text.contains("…") == true, "\(length)")
        }
        #expect(decoded(#"{"user":"#, isCut: false).name == "text")
    }

    /// 32,000 brackets in each other end no stack and take no time; beyond a thousand they are text.
    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        let value = decoded(deep)
        #expect(value.name == "JSON" && value.lines.count == 1799)
        #expect(value.lines.allSatisfy { $0.indented.count < 60 })
        #expect(decoded(String(repeating: "[", count: 32_000), isCut: true).name == "text")
        #expect(decoded(String(repeating: "{\"a\":", count: 20_000)).name == "text")
    }

    /// Whoever hands over more than anybody reads gets its beginning.
    @Test func tenMegabytesAreBounded() {
        let value = decoded([UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20))
        #expect(value.lines.count == 1 && value.lines[0].text.utf8.count == 1 << 18)
        let object = decoded(Array(#"{"a":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20))
        #expect(object.name == "JSON" && object.lines.count == 2 && object.lines[1].text.hasSuffix("x…"))
    }

    // MARK: times

    @Test(arguments: [
        ("1795357927", "2026-11-22 14:32:07 UTC"), ("1795357927412", "2026-11-22 14:32:07 UTC"),
        ("1795357927.25", "2026-11-22 14:32:07 UTC"), (" 1795357927\n", "2026-11-22 14:32:07 UTC"),
    ])
    func timesHaveTheirDate(text: String, date: String) {
        #expect(decoded(text).lines.first?.text.hasSuffix("  (\(date))") == true)
        #expect(DecodedValue.line(Array(text.utf8), clock: .utc).hasSuffix("  (\(date))"))
    }

    @Test(arguments: [
        "0", "42", "179535792", "17953579270", "0795357927", "1195357927", "4195357927", "9999999999", "-1795357927",
        "1795357927a", "1795357927..2", "20261122143207", "99999999999999999999999999",
    ])
    func otherNumbersHaveNone(text: String) {
        #expect(lines(text) == [text])
        #expect(DecodedValue.line(Array(text.utf8), clock: .utc) == text)
    }

    @Test func timesAreFoundWithinJSONAndLabels() {
        #expect(lines(#"{"exp":1795357927}"#)[1] == #"  "exp": 1795357927  (2026-11-22 14:32:07 UTC)"#)
        #expect(lines(#"{"at":"1795357927412","n":7}"#)[1] == #"  "at": "1795357927412",  (2026-11-22 14:32:07 UTC)"#)
        func note(_ label: String, isStreamID: Bool) -> String? {
            DecodedValue.note(ofLabel: Array(label.utf8), isStreamID: isStreamID, clock: CivilClock(offset: 3600))
        }
        #expect(note("1795357927412-0", isStreamID: true) == "2026-11-22 15:32:07 +01:00")
        #expect(note("1795357927", isStreamID: false) == "2026-11-22 15:32:07 +01:00")
        #expect(note("1-1", isStreamID: true) == nil && note("1.5", isStreamID: false) == nil)
    }

    // MARK: JWTs

    /// `{"alg":"HS256","typ":"JWT"}` and `{"sub":"42","exp":1795357927}`.
    private let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MiIsImV4cCI6MTc5NTM1NzkyN30.c2lnbmF0dXJl"

    @Test func aJWTIsDecodedAndNeverShown() {
        let value = decoded(token)
        #expect(value.name == "JWT")
        let shown = value.lines.map(\.indented)
        #expect(shown[0].hasPrefix("***  JWT of 89 B"))
        #expect(shown.contains(#"  "alg": "HS256","#) && shown.contains(#"  "sub": "42","#))
        #expect(shown.contains(#"  "exp": 1795357927  (2026-11-22 14:32:07 UTC)"#))
        #expect(shown.last == "signature  ***")
        #expect(!shown.joined().contains("c2lnbmF0") && !shown.joined().contains("eyJ"))
    }

    @Test func tokensWithinOtherValuesAreMaskedAndSummedUp() {
        let summary = "JWT HS256, sub 42, exp 2026-11-22 14:32:07 UTC"
        #expect(lines(#"{"access":"\#(token)"}"#)[1] == #"  "access": "***"  (\#(summary))"#)
        #expect(lines("Bearer \(token)") == ["Bearer ***", "***  \(summary)"])
        #expect(DecodedValue.line(Array(token.utf8), clock: .utc) == "***  (\(summary))")
        for text in [token, "Bearer \(token)", #"["\#(token)"]"#, "a\n\(token)\nb"] {
            #expect(!lines(text).joined().contains("c2lnbmF0"))
            #expect(!lines(text, isCut: true).joined().contains("eyJzdWI"))
        }
        // Cut in the middle of it.
        for length in [30, 60, 80] {
            let shown = lines(String(#"{"access":"\#(token)"#.prefix(length)), isCut: true).joined()
            #expect(!shown.contains("eyJ"), "\(shown)")
        }
    }

    /// Base64 that is something else.
    @Test func whatOnlyLooksLikeAJWTIsMaskedAndNotDecoded() {
        #expect(lines("eyJhbGciOiJIUzI1NiJ9xx.eyJzdWIiOiI0MiJ9.sig1") == ["***"])
        #expect(lines("eyJhbGciOiJIUzI1NiJ9.!!!!") == ["eyJhbGciOiJIUzI1NiJ9.!!!!"])
    }

    // MARK: what is no text

    @Test(
        arguments: [
            ([0x1f, 0x8b, 0x08, 0x00, 0xff], "gzip, 5 B"), ([0x28, 0xb5, 0x2f, 0xfd, 0x00], "zstd, 5 B"),
            ([0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00], "zlib, 7 B"),
            ([0x82, 0xa1, 0x61, 0x01, 0xa1, 0x62, 0xc0], "MessagePack, 7 B"),
            ([0x93, 0x01, 0xcb, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18, 0xc3], "MessagePack, 12 B"),
            ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "PNG, 8 B"),
            ([0x80, 0x04, 0x95, 0x01, 0x2e], "Python pickle, 5 B"),
            ([0xac, 0xed, 0x00, 0x05, 0x74], "Java serialization, 5 B"),
        ] as [([UInt8], String)])
    func formatsAreNamedByTheirFirstBytes(bytes: [UInt8], name: String) {
        let value = decoded(bytes)
        #expect(value.name == name && value.isBinary && value.lines.isEmpty)
        #expect(DecodedValue.line(bytes, clock: .utc).hasSuffix("(\(name))"))
    }

    @Test func sizeIsThatOfTheWholeValue() {
        #expect(DecodedValue([0x1f, 0x8b, 0x08], isCut: true, size: 1229, clock: .utc).name == "gzip, 1.20 KiB")
    }

    @Test(
        arguments: [
            [0x82, 0xa1, 0x61, 0x01], [0x82, 0xa1, 0x61, 0x01, 0xa1, 0x62, 0xc0, 0x00], [0xdd, 0xff, 0xff, 0xff, 0xff],
            [0xff, 0xfe, 0x00], [0x81, 0xc1, 0xc1], [0x1f], [0x78, 0x9c],
        ] as [[UInt8]])
    func whatIsNoneOfThemIsTextWithEscapes(bytes: [UInt8]) {
        #expect(decoded(bytes).name == "text")
    }

    // MARK: whatever comes

    @Test func hostileTextIsEscaped() {
        let value = decoded("a\u{1b}[31mred\u{9b}\r\nsecond\u{202e}")
        #expect(value.lines.map(\.text) == [#"a\x1b[31mred\u{9b}\r"#, #"second\u{202e}"#])
    }

    /// Seed after seed: nothing ends the program, and nothing that is shown can disturb a terminal.
    @Test func noBytesDoHarm() {
        var generator = SeededGenerator(seed: 17)
        let pieces: [[UInt8]] = [
            Array("{\"".utf8), Array("\":".utf8), Array("[".utf8), Array("]".utf8), Array("}".utf8), Array(",".utf8),
            Array("\\u00".utf8), Array("\\ud83d".utf8), Array("1795357927".utf8), Array(token.utf8),
            Array(token.utf8.prefix(40)), [0x1b, 0x5b], [0xff], [0xc3], [0x82, 0xa1], [0x1f, 0x8b], [0x0a], [0x22],
            Array("\u{202e}é".utf8), [0x5c], [0x80, 0x04],
        ]
        for _ in 0..<1000 {
            let bytes = (0..<Int.random(in: 0..<12, using: &generator)).flatMap { _ in
                pieces.randomElement(using: &generator) ?? []
            }
            for isCut in [true, false] {
                let value = decoded(bytes, isCut: isCut)
                let shown =
                    value.lines.map(\.indented) + [value.name, DecodedValue.line(bytes, isCut: isCut, clock: .utc)]
                for line in shown {
                    #expect(line.unicodeScalars.allSatisfy(Printable.isPrintable), "\(bytes)")
                    #expect(!line.contains("c2lnbmF0dXJl"), "\(bytes)")
                }
            }
        }
    }
}
