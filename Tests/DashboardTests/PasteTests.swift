import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Whatever is pasted, however it comes, and whatever is on the screen: it may fill a field, and does nothing else.
@Suite struct PasteTests {
    /// Each screen and each dialog, as a transcript that leads there.
    static let scenes: [String: String] = [
        "overview": "", "namespaces": "key 2", "a namespace": "key 2 Enter", "keys": "key 3\nkeys 60",
        "a value": "key 3\nkeys 60\nkey Enter\nkeys 60", "slowlog": "key 4", "clients": "key 5", "commands": "key 6",
        "nodes": "key 7", "alerts": "key 8", "paused": "key p", "help": "key ?", "themes": "key T",
        "command": "key :", "command with a start": "type :flush ", "revoke command": "type :revoke ",
        "quit command": "type :q", "filter": "key 4 /", "filter of keys": "key 3\nkeys 60\nkey /",
        "slow query": "key 4 Enter", "alert": "key 8 Enter", "revoke": "key R", "revoke with an id": "key R\ntype aaaa",
        "revoke, user": "key R\ntype aaaa\nkey Tab", "revoke, reason": "key R\ntype aaaa\nkey Tab Tab",
        "revoke, TTL": "key R\ntype aaaa\nkey Tab Tab Tab", "revoke, button": "key R\ntype aaaa\nkey Tab Tab Tab Tab",
        "revoking": "key R\ntype aaaa\nkey Tab Tab Tab Tab Enter",
        "revoked": "key R\ntype aaaa\nkey Tab Tab Tab Tab Enter\nrevoked aaaa",
        "looking for revoked ones": "type :revoked\nkey Enter", "revoked ones": "type :revoked\nkey Enter\nlisted",
        "unrevoke": "type :unrevoke token-1\nkey Enter", "counting": "type :flush session\nkey Enter",
        "flush": "type :flush session\nkey Enter\nplanned session",
        "flush with its name": "type :flush session\nkey Enter\nplanned session\ntype session",
        "flush, journal": "type :flush session\nkey Enter\nplanned session\ntype session\nkey Tab",
        "flush, pace": "type :flush session\nkey Enter\nplanned session\ntype session\nkey Tab Tab",
        "protected flush": "type :flush token:blacklist\nkey Enter\nplanned token:blacklist",
        "protected flush, sentence":
            "type :flush token:blacklist\nkey Enter\nplanned token:blacklist\ntype token:blacklist\nkey Tab",
        "flushing": "type :flush session\nkey Enter\nplanned session\ntype session\nkey Enter",
        "flushed": "type :flush session\nkey Enter\nplanned session\ntype session\nkey Enter\nflushed session",
        "no flush": "type :flush session\nkey Enter\nfailed it does not answer",
        "repair": "type :repair session\nkey Enter\nmending session",
        "reading a journal": "type :undo /tmp/a.journal\nkey Enter",
        "undo": "type :undo /tmp/a.journal\nkey Enter\nundone dry",
        "undoing": "type :undo /tmp/a.journal\nkey Enter\nundone dry\nkey Enter",
        "undone": "type :undo /tmp/a.journal\nkey Enter\nundone dry\nkey Enter\nundone",
        "deletion": "key 3\nkeys 60\nkey d", "TTL": "key 3\nkeys 60\nkey t",
        "TTL with its value": "key 3\nkeys 60\nkey t\ntype 10m", "too small": "key R\nsize 20x3",
    ]

    /// Each scene is led to once; a driver is a value, and every case has its own.
    private static let led = Result { () throws in
        try scenes.mapValues { transcript in
            let lines = ["size 120x36", "show busy 3"] + transcript.split(separator: "\n").map(String.init)
            var driver = try Transcript.driver(after: lines)
            driver.effects = []
            return driver
        }
    }

    private static func driver(_ scene: String) throws -> Driver { try #require(try led.get()[scene]) }

    /// What every word of these might be taken for.
    private static let words = [
        "session", "delete", "token-1", "token:blacklist", "readmit revoked tokens", "product:0", "10m", "1h", "never",
        "aaaa-1111", "yes", "q", ":q", ":flush session", ":revoke x", "F", "d", "R", "w", "S", "x", "u", "y", "f", " ",
        "", "", "",
    ]

    private static func text(_ generator: inout SeededGenerator, _ count: Int = 10_000) -> String {
        // One letter that comes alone is a finger's, whoever sent it.
        var text = "pasted"
        while text.utf8.count < count { text += "\r" + (words.randomElement(using: &generator) ?? "") }
        return text
    }

    /// Sends on what the terminal has told of: what comes first is drawn part by part, of a long paste each tenth part
    /// then, and always the last one.
    private static func show(_ line: inout SlowLine, _ driver: inout Driver) {
        let events = line.take()
        for (index, event) in events.enumerated() {
            driver.isDrawn = index < 30 || index % 10 == 0 || index == events.count - 1
            driver.send(.terminal(event))
        }
        driver.isDrawn = true
    }

    private static func isHarmless(_ effect: Effect) -> Bool {
        switch effect {
        // Looks, at what lies under a filter.
        case .browse, .inspect: true
        default: false
        }
    }

    /// After a while everything answers: what is open is closed, and then `q` leaves.
    private static func expectItAnswers(_ line: inout SlowLine, _ driver: inout Driver, _ scene: String) {
        driver.send(.terminal(.resize(Size(columns: 120, rows: 36))))
        for _ in 0..<4 where driver.state.dialog != nil {
            line.send("\u{1b}")
            line.pause(.seconds(1))
            show(&line, &driver)
        }
        driver.effects = []
        line.send("q")
        line.pause(.seconds(1))
        show(&line, &driver)
        #expect(driver.effects.last == .quit, "\(scene)")
    }

    /// Parts of each size, of any size (nil), over a line that holds each up for 0 to 200 ms.
    @Test(arguments: [1, 3, 13, nil], [true, false]) func aPasteDoesNothing(
        size: Int?, hasBrackets: Bool
    ) async {
        // What comes without brackets and letter by letter is typed.
        if !hasBrackets, let size, size < 4 { return }
        await sideBySide(Self.scenes.keys.sorted().enumerated()) { number, scene in
            var driver = try Self.driver(scene)
            var generator = SeededGenerator(seed: UInt64(number))
            // Each part is an event of its own then.
            let text = Self.text(&generator, hasBrackets || size == nil ? 10_000 : 1500)
            var line = SlowLine(openers: DashboardState.fieldOpeners)
            if hasBrackets { line.send("\u{1b}[200~") }
            var next = size ?? 6
            line.send(
                Array((hasBrackets ? text + "\u{1b}[201~" : text).utf8),
                size: {
                    defer { next = size ?? Int.random(in: 1...64, using: &generator) }
                    return next
                }, gap: { Int.random(in: 0...200, using: &generator) })
            line.pause(.seconds(1))
            Self.show(&line, &driver)
            #expect(driver.effects.filter { !Self.isHarmless($0) }.isEmpty, "\(scene)")
            Self.expectItAnswers(&line, &driver, scene)
        }
    }

    /// The right word, with the end of its line.
    @Test(arguments: [
        ("flush", "session"), ("unrevoke", "token-1"), ("TTL", "10m"), ("TTL", "never"), ("TTL", "1h"),
        ("flush with its name", ""), ("TTL with its value", ""), ("revoke", "aaaa-1111"), ("revoke, TTL", "1h"),
        ("protected flush, sentence", "readmit revoked tokens"), ("deletion", "delete"), ("deletion", "product:0"),
        ("quit command", "uit"), ("command", "revoke aaaa-1111"), ("command", "quit"), ("overview", ":quit"),
        ("revoke, button", ""), ("overview", "q:quit"),
    ]) func theEndOfALineThatIsPastedConfirmsNothing(scene: String, word: String) throws {
        for end in ["\r", "\n", "\r\n", "\r\r\r\r\r", "\r\r\r\rx\r"] where !word.isEmpty || end.count > 1 {
            for hasBrackets in [true, false] {
                var driver = try Self.driver(scene)
                var line = SlowLine(openers: DashboardState.fieldOpeners)
                line.send(hasBrackets ? "\u{1b}[200~\(word)\(end)\u{1b}[201~" : word + end)
                line.pause(.seconds(1))
                Self.show(&line, &driver)
                if word.isEmpty, !hasBrackets {
                    // Nobody can tell the first from a finger's: it is about what was there before.
                    continue
                }
                #expect(driver.effects.filter { !Self.isHarmless($0) }.isEmpty, "\(end.debugDescription)")
                Self.expectItAnswers(&line, &driver, scene)
            }
        }
    }

    /// Three lines, a finger's breadth of bytes at a time, and as many Enters as there are fields.
    @Test(arguments: [0, 4, 20, 40, 49]) func noLinesInPartsPressRevoke(gap: Int) throws {
        let bytes = Array("aaaa-1111\rbbbb-2222\rcccc-3333\r\r\r\r\r\r".utf8)
        for size in 1...bytes.count {
            var driver = try Self.driver("revoke")
            var line = SlowLine(openers: DashboardState.fieldOpeners)
            line.send(bytes, size: { size }, gap: { gap })
            line.pause(.seconds(1))
            Self.show(&line, &driver)
            #expect(driver.effects.isEmpty, "parts of \(size)")
            Self.expectItAnswers(&line, &driver, "revoke")
        }
    }

    @Test func whatIsPastedInPartsIsWhatIsRevoked() throws {
        for size in 4...30 {
            var driver = try Self.driver("revoke")
            var line = SlowLine(openers: DashboardState.fieldOpeners)
            line.send(Array("aaaa-1111\rbbbb-2222\r\rcccc-3333".utf8), size: { size }, gap: { 120 })
            line.pause(.seconds(1))
            Self.show(&line, &driver)
            driver.press(.tab, .tab, .tab, .tab, .enter)
            #expect(Self.revoked(driver) == ["aaaa-1111", "bbbb-2222", "cccc-3333"], "parts of \(size)")
        }
    }

    private static func revoked(_ driver: Driver) -> [String]? {
        driver.effects.compactMap { $0.revocation?.tokens.map(\.id) }.last
    }

    @Test(arguments: [
        (["aaaa-1111", "bbbb-2222"], ["aaaa-1111", "bbbb-2222"]),
        (["aaaa-1111\n", "bbbb-2222\n"], ["aaaa-1111", "bbbb-2222"]),
        (["a\nb", "c", "d\n\ne"], ["a", "b", "c", "d", "e"]), (["a", "+b", "+\nc"], ["ab", "c"]),
        (["a\nb", "+b", "+\nc", "+c\nd"], ["a", "bb", "cc", "d"]), (["=typed", "a\nb"], ["typed", "a", "b"]),
        (["=typed", "a"], ["typed", "a"]), (["=ty", "+ped"], ["typed"]),
    ]) func eachPasteIsTokensOfItsOwn(parts: [String], ids: [String]) throws {
        var driver = try Self.driver("revoke")
        for part in parts {
            switch part.first {
            case "+": driver.send(.terminal(.pasteContinues(String(part.dropFirst()))))
            case "=": driver.type(String(part.dropFirst()))
            default: driver.send(.terminal(.paste(part)))
            }
        }
        driver.press(.tab, .tab, .tab, .tab, .enter)
        #expect(Self.revoked(driver) == ids)
    }

    @Test(arguments: ["flush", "unrevoke", "TTL", "revoke, user", "revoke, reason", "revoked ones"])
    func twoLinesInAFieldOfOneAreTwoWords(scene: String) throws {
        var driver = try Self.driver(scene)
        driver.send(.terminal(.paste("ses\nsion\n")))
        #expect(driver.screen.contains("ses sion"))
        driver.send(.terminal(.pasteContinues("\nx")))
        #expect(driver.screen.contains("ses sion x"))
    }

    @Test(arguments: [
        "overview", "keys", "help", "themes", "slow query", "flushing", "undo", "flush, pace",
    ])
    func aPasteWithoutAFieldIsToldOf(scene: String) throws {
        var driver = try Self.driver(scene)
        driver.send(.terminal(.paste("quarterly")))
        #expect(driver.state.message?.text.contains("no field to paste into") == true)
        #expect(driver.effects.isEmpty)
    }

    /// While keys are counted, a paste is the name that is typed ahead.
    @Test func aPasteWhileKeysAreCountedIsTheName() throws {
        var driver = try Self.driver("counting")
        driver.send(.terminal(.paste("quarterly")))
        #expect(driver.screen.contains("quarterly") && driver.effects.isEmpty)
    }

    @Test(arguments: [
        "revoke", "revoke, user", "revoke, reason", "revoke, TTL", "flush", "unrevoke", "TTL", "command",
        "filter", "revoked ones", "revoke command", "command with a start",
    ])
    func noTokenIsShownInAnyField(scene: String) throws {
        let token = "eyJhbGciOiJIUzI1NiJ9"
        for text in [token, "Bearer \(token)", "{\"token\":\"\(token)\"}", "eyJ"] {
            for isTyped in [true, false] {
                var driver = try Self.driver(scene)
                if isTyped { driver.type(text) } else { driver.send(.terminal(.paste(text))) }
                #expect(!driver.screen.contains("eyJ"))
                driver.press(.enter)
                #expect(!driver.screen.contains("eyJh"), "what is said of it repeats it")
            }
        }
    }

    @Test func aTokenIsNoReasonAndNoUser() throws {
        for scene in ["revoke, user", "revoke, reason"] {
            var driver = try Self.driver(scene)
            driver.type("eyJhbGciOiJIUzI1NiJ9")
            driver.press(.tab, .tab, .tab)
            for _ in 0..<3 { driver.press(.enter) }
            #expect(Self.revoked(driver) == nil)
        }
    }

    @Test func enterThatCameWithOthersOpensAndConfirmsNothing() throws {
        var driver = try Self.driver("alerts")
        driver.press(.character("4"), .lineBreak)
        guard case .detail = driver.state.dialog else {
            Issue.record("a list is only looked at")
            return
        }
        driver.press(.lineBreak)
        #expect(driver.state.dialog == nil)
        for scene in [
            "quit command", "flush with its name", "revoke, button", "TTL with its value", "undo", "unrevoke",
        ] {
            var driver = try Self.driver(scene)
            driver.press(.lineBreak)
            #expect(driver.effects.isEmpty)
            #expect(driver.state.dialog != nil)
            #expect(driver.screen.contains("press it again"))
        }
    }
}
