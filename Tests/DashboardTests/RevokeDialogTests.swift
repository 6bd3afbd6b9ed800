import CacheModel
import Foundation
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Revoking on the keyboard: what a token says of itself is shown, the token never.
@Suite struct RevokeDialogTests {
    private func driver() -> Driver {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("R"))
        driver.effects = []
        return driver
    }

    /// A JWT of these claims, signed by nobody.
    private func jwt(_ claims: String) -> String {
        [#"{"alg":"HS256"}"#, claims, "signature"].map { part in
            Data(part.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }.joined(separator: ".")
    }

    private func claims(_ id: String, expiresIn seconds: Int) -> String {
        #"{"jti":"\#(id)","sub":"user-42","token_type":"access","exp":\#(Int(Sample.takenAt.seconds) + seconds)}"#
    }

    private func go(_ driver: inout Driver) {
        driver.press(.tab, .tab, .tab, .tab)
        driver.press(.enter)
    }

    @Test func whatAJWTSaysIsShownAndTheTokenIsNot() {
        var driver = driver()
        let token = jwt(claims("7f3c", expiresIn: 3600))
        driver.send(.terminal(.paste("Bearer \(token)\n")))
        driver.operate(.layout("token:blacklist:<id>"))
        let screen = driver.screen
        #expect(screen.contains("jti 7f3c sub user-42 access"))
        #expect(screen.contains("in 59 min 59 s") || screen.contains("in 1 h"))
        #expect(screen.contains("signature is not checked"))
        #expect(screen.contains("token:blacklist:<id>"))
        #expect(!screen.contains(token.prefix(12)))
        driver.press(.tab, .tab)
        driver.type("stolen laptop")
        driver.press(.enter, .enter)
        #expect(driver.effects.isEmpty, "only the button revokes")
        driver.press(.enter)
        guard let request = driver.effects.first?.revocation else {
            Issue.record("\(driver.effects)")
            return
        }
        #expect(request.tokens.map(\.id) == ["7f3c"])
        #expect(request.reason == "stolen laptop")
        #expect(request.lifetime == nil)
        driver.operate(.revoked([Sample.revocation("7f3c")]))
        #expect(driver.screen.contains("written, TTL 3,412 s, 1 replica acknowledged"))
    }

    @Test func typedJWTsAreMaskedToo() {
        var driver = driver()
        let token = jwt(claims("a1", expiresIn: 60))
        driver.type(token)
        #expect(driver.screen.contains("***"))
        #expect(!driver.screen.contains(token.prefix(12)))
        #expect(driver.screen.contains("jti a1"))
        driver.press(.escape)
        driver.type(":revoke \(token)")
        #expect(!driver.screen.contains(token.prefix(12)))
        driver.press(.enter)
        #expect(driver.screen.contains("jti a1"))
        #expect(!driver.screen.contains(token.prefix(12)))
    }

    @Test func anExpiredTokenNeedsATTLOfItsOwn() {
        var driver = driver()
        driver.send(.terminal(.paste(jwt(claims("old", expiresIn: -120)))))
        #expect(driver.screen.contains("expired 2 min ago"))
        go(&driver)
        #expect(driver.effects.isEmpty)
        #expect(driver.screen.contains("there is nothing to revoke"))
        driver.press(.up)
        driver.type("1h")
        driver.press(.down, .enter)
        guard let request = driver.effects.first?.revocation else {
            Issue.record("\(driver.effects)")
            return
        }
        #expect(request.lifetime == .seconds(3600))
    }

    @Test(arguments: [
        "eyJhbGciOiJIUzI1NiJ9.e30", "eyJhbGciOiJIUzI1NiJ9.!!!!.x", "a b", "x\u{07}y",
        String(repeating: "a", count: 300),
    ])
    func badTokensAreExplainedAndNotSent(text: String) {
        var driver = driver()
        driver.send(.terminal(.paste(text)))
        go(&driver)
        #expect(driver.effects.isEmpty || text.contains("\u{07}"))
    }

    @Test func aTokenWithoutAnIDIsKnownByWhatIsSigned() throws {
        var driver = driver()
        let token = jwt(#"{"sub":"x"}"#)
        let id = try TokenInput(parsing: token).id
        driver.send(.terminal(.paste(token)))
        #expect(driver.screen.contains("no jti, known as \(id) sub x"))
        go(&driver)
        guard let request = driver.effects.first?.revocation else {
            Issue.record("\(driver.effects)")
            return
        }
        #expect(request.tokens.map(\.id) == [id])
    }

    /// The refresh token is not revoked with an access token: what is offered has to be typed.
    @Test func theUserOfAnAccessTokenIsCutOff() {
        var driver = driver()
        driver.send(.terminal(.paste(jwt(claims("7f3c", expiresIn: 3600)))))
        go(&driver)
        var result = Sample.revocation("7f3c")
        (result.token.user, result.token.type) = ("user-42", "access")
        driver.operate(.revoked([result]))
        #expect(driver.screen.contains("1 of 1 holds"))
        #expect(driver.screen.contains("only where the servers ask for it"))
        #expect(driver.screen.contains("c cuts the user off"))
        driver.effects = []
        driver.press(.character("c"))
        driver.type("user-4")
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("What is typed is not the user"))
        driver.type("2")
        driver.press(.enter)
        #expect(driver.effects.acts == [.cutOff(CutOffRequest(user: "user-42"), typed: "user-42")])
        driver.press(.enter)
        #expect(driver.effects.count == 1, "once")
        driver.operate(.cutOff(Sample.cutOff("user-42")))
        #expect(driver.screen.contains("cut off: user user-42, tokens issued until"))
    }

    /// A user without a token is cut off; the instant may be another one, but not one to come.
    @Test func aUserAloneIsCutOff() {
        var driver = driver()
        driver.press(.tab)
        driver.type("17")
        driver.press(.tab, .tab, .tab)
        #expect(driver.screen.contains("Cut the user off"))
        driver.press(.enter)
        driver.press(.up, .control("u"))
        driver.type("2099-01-01Z")
        driver.press(.enter)
        driver.type("17")
        driver.press(.enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("still to come"))
        driver.press(.up, .control("u"))
        // A date is no number of seconds.
        driver.type("20261126")
        driver.press(.enter, .enter)
        #expect(driver.effects.isEmpty && driver.screen.contains("ten digits"))
        driver.press(.up, .control("u"))
        #expect(!driver.screen.contains("That was"))
        driver.type("1000000000")
        #expect(driver.screen.contains("That was") && driver.screen.contains("No token is valid for longer than 7 d"))
        driver.press(.enter, .enter)
        #expect(
            driver.effects.acts
                == [.cutOff(CutOffRequest(user: "17", since: .time(WallTime(seconds: 1_000_000_000))), typed: "17")])
        driver.operate(.failed(.cutOff, "OOM command not allowed"))
        #expect(driver.screen.contains("OOM command not allowed"))
    }

    /// What the list does not hold is looked for on the server, and not missed.
    @Test func aSearchGoesBeyondWhatIsListed() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":revoked")
        driver.press(.enter)
        driver.effects = []
        driver.operate(.listed(RevokedList(tokens: Sample.revokedTokens, isWhole: false)))
        driver.type("nobody")
        #expect(driver.screen.contains("Enter looks further"))
        driver.press(.enter)
        #expect(driver.takeEffects().acts == [.searchRevoked("nobody")])
        let found = RevokedToken(id: "t-9", user: "nobody", blacklistedAt: WallTime(seconds: 0))
        let cutOff = ListedCutOff(cutOff: CutOff(user: "nobody", since: WallTime(seconds: 0)), lifetime: .seconds(60))
        driver.operate(
            .listed(
                RevokedList(
                    tokens: [ListedToken(token: found, layout: .deployed, lifetime: .seconds(60))], cutOffs: [cutOff],
                    isWhole: false)))
        #expect(driver.screen.contains("t-9") && driver.screen.contains("until 1970-01-01T00:00:00Z"))
        #expect(!driver.screen.contains("Enter looks further"), "it was")
        driver.press(.enter)
        driver.type("nobody")
        driver.press(.enter)
        #expect(driver.takeEffects().acts == [.unrevokeUser("nobody", typed: "nobody")])
        driver.operate(.unrevokedUser("nobody", "blacklist:since:nobody"))
        #expect(driver.screen.contains("Taken off: blacklist:since:nobody"))
    }

    @Test func manyAreRevokedAtOnce() {
        var driver = driver()
        let text = ["# tokens", "id-1", "", jwt(claims("id-2", expiresIn: 60)), "id-3"].joined(separator: "\n")
        driver.send(.terminal(.paste(text)))
        #expect(driver.screen.contains("*** 3 tokens pasted"))
        #expect(driver.screen.contains("Revoke 3 tokens"))
        go(&driver)
        guard let request = driver.effects.first?.revocation else {
            Issue.record("\(driver.effects)")
            return
        }
        #expect(request.tokens.map(\.id) == ["id-1", "id-2", "id-3"])
        driver.operate(
            .revoked([
                Sample.revocation("id-1"), Sample.revocation("id-2", state: .failed("OOM command not allowed")),
                Sample.revocation("id-3"),
            ]))
        #expect(driver.screen.contains("OOM command not allowed") && driver.screen.contains("2 of 3 hold"))
    }

    @Test func oneBadTokenAmongManyStopsAll() {
        var driver = driver()
        driver.send(.terminal(.paste("id-1\neyJ.x\nid-3")))
        #expect(driver.screen.contains("line 2:"))
        go(&driver)
        #expect(driver.effects.isEmpty)
        driver.press(.tab)
        driver.press(.backspace)
        #expect(!driver.screen.contains("line 2:"), "Backspace drops what was pasted")
    }

    /// What the command takes with --file, and what it makes of it.
    @Test(arguments: [
        (
            "[\n  {\n    \"jti\": \"a1b2\",\n    \"sub\": \"u7\"\n  },\n  {\n    \"jti\": \"c3d4\"\n  }\n]\n",
            ["a1b2", "c3d4"]
        ),
        ("jti,sub,exp\na1b2,u7,1893456000\nc3d4,u8,\n", ["a1b2", "c3d4"]),
        ("user;token_id\n\"Doe; Jane\";a1b2\n", ["a1b2"]), ("{\"tokens\":[\"a1b2\",\"c3d4\"]}", ["a1b2", "c3d4"]),
        ("# of today\n\njti\na1b2\n", ["a1b2"]), ("[\"a1b2\"]", ["a1b2"]),
    ])
    func aPasteMeansWhatTheSameFileMeans(text: String, ids: [String]) {
        var driver = driver()
        driver.send(.terminal(.paste(text)))
        go(&driver)
        #expect(driver.effects.first?.revocation?.tokens == TokenList(parsing: text).tokens, "\(driver.screen)")
        #expect(driver.effects.first?.revocation?.tokens.map(\.id) == ids)
        // The same in parts, as it comes without brackets.
        for size in [1, 5, 17] {
            driver = self.driver()
            var rest = text[...]
            driver.send(.terminal(.paste(String(rest.prefix(size)))))
            rest = rest.dropFirst(size)
            while !rest.isEmpty {
                driver.send(.terminal(.pasteContinues(String(rest.prefix(size)))))
                rest = rest.dropFirst(size)
            }
            go(&driver)
            #expect(driver.effects.first?.revocation?.tokens.map(\.id) == ids, "parts of \(size)")
        }
    }

    @Test func whatIsRefusedIsNamedByItsLine() {
        var driver = driver()
        driver.send(.terminal(.paste("jti,sub\na1b2,u7\nc3d4\n")))
        #expect(driver.screen.contains("line 3: has 1 columns, and the heading 2"))
        driver.send(.terminal(.paste("[\n\"e5f6\",\n\"x y\"\n]")))
        #expect(driver.screen.contains("paste 1, line 3: has 1 columns"))
        #expect(driver.screen.contains("paste 2, line 3: the id holds blanks"))
        go(&driver)
        #expect(driver.effects.isEmpty, "nothing is sent where a line is not understood")
    }

    /// What is longer than a screen waits for a key: it is not read anew with each part.
    @Test func aLongPasteInPartsIsReadOnceItIsThere() {
        var driver = driver()
        driver.send(.terminal(.paste("jti\n")))
        for part in 0..<30 {
            let lines = (0..<100).map { "id-\(part)-\($0)\n" }.joined()
            driver.send(.terminal(.pasteContinues(lines)))
        }
        #expect(driver.screen.contains("pasted; any key reads them"))
        go(&driver)
        #expect(driver.effects.first?.revocation?.tokens.count == 3000)
    }

    @Test func aMegabyteIsRefused() {
        var driver = driver()
        driver.send(.terminal(.paste(String(repeating: "x", count: 1 << 20))))
        #expect(driver.screen.contains("is no token"))
        go(&driver)
        #expect(driver.effects.isEmpty)
    }

    @Test func wTakesCareOfLostRevocations() {
        var driver = driver()
        driver.press(.escape, .character("w"))
        #expect(driver.effects.isEmpty)
        #expect(driver.screen.contains("No revocation is lost"))
        var lost = Sample.busy
        lost.revocations = RevocationCheck(watched: 3, lost: ["7f3c"])
        driver.show(lost, count: 8)
        #expect(driver.screen.contains("w write revocations again"))
        driver.effects = []
        driver.press(.character("w"))
        #expect(driver.takeEffects() == [.rewriteLost])
        driver.operate(.revoked([Sample.revocation("7f3c")]))
        #expect(driver.screen.contains("written, TTL 3,412 s"))
    }

    /// What a cut-off keeps out is not let in with its id.
    @Test func aTokenThatStaysRefusedIsSaidToBe() {
        var driver = driver()
        driver.press(.escape)
        let claims = TokenInput(
            id: "7f3c", user: "user-42", type: "access", expiresAt: WallTime(seconds: 1_893_456_000),
            issuedAt: WallTime(seconds: 900), isJWT: true)
        let token = jwt(#"{"jti":"7f3c","sub":"user-42","token_type":"access","exp":1893456000,"iat":900}"#)
        driver.type(":unrevoke \(token)")
        driver.press(.enter)
        driver.effects = []
        driver.type("7f3c")
        driver.press(.enter)
        #expect(driver.effects == [.unrevoke("7f3c", typed: "7f3c", claims: claims)])
        let cutOff = CutOff(user: "user-42", since: WallTime(seconds: 1000))
        driver.operate(.unrevoked("7f3c", ["token:blacklist:7f3c"], .refuses(cutOff)))
        #expect(driver.screen.contains("Taken off: token:blacklist:7f3c"))
        #expect(driver.screen.contains("the token is still refused: user user-42 is cut off"))
        #expect(driver.screen.contains("c lets the user in"))
        driver.effects = []
        driver.press(.character("c"))
        driver.type("user-42")
        driver.press(.enter)
        #expect(driver.takeEffects().acts == [.unrevokeUser("user-42", typed: "user-42")])
    }

    @Test func whoseTokenItIsIsNotAlwaysKnown() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":unrevoke aaaa")
        driver.press(.enter)
        driver.type("aaaa")
        driver.press(.enter)
        driver.operate(.unrevoked("aaaa", ["token:blacklist:aaaa"], .userUnknown))
        #expect(driver.screen.contains("whose token it is is not known"))
        #expect(!driver.screen.contains("c lets the user in"))
    }

    @Test func whatTheListIsWorthStandsBelowIt() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":revoked")
        driver.press(.enter)
        var list = RevokedList(tokens: Sample.revokedTokens)
        list.risk = .later(policy: "allkeys-lru")
        list.check = RevocationCheck(watched: 31, lost: ["7f3c"])
        driver.operate(.listed(list))
        #expect(driver.screen.contains("30 of 31 that were revoked from here hold; lost: 7f3c"))
        #expect(driver.screen.contains("allkeys-lru may take it once the server's memory is full"))
        #expect(driver.screen.contains(RevocationWords.barrier))
    }

    @Test func theListIsSearchedAndOneIsTakenOff() {
        var driver = driver()
        driver.press(.escape)
        driver.type(":revoked")
        driver.press(.enter)
        driver.operate(.listed(RevokedList(tokens: Sample.revokedTokens)))
        #expect(driver.screen.contains("Revoked tokens, 30"))
        driver.type("user-3")
        #expect(driver.screen.contains("Revoked tokens, 4"))
        driver.press(.down, .enter)
        driver.effects = []
        driver.type("token-1")
        driver.press(.enter)
        #expect(driver.effects.isEmpty)
        driver.type("0")
        driver.press(.enter)
        #expect(driver.effects == [.unrevoke("token-10", typed: "token-10")])
        driver.operate(.unrevoked("token-10", ["token:blacklist:token-10"]))
        #expect(driver.screen.contains("Taken off: token:blacklist:token-10"))
    }

    // MARK: what is not drawn

    /// Without what is not drawn it is another id.
    @Test(arguments: [["a\u{200b}b"], ["a", "\u{200b}", "b"], ["a\u{200b}", "b"], ["a\u{202e}b"]])
    func idThatIsPastedWithInvisibleCharactersIsRefused(parts: [String]) {
        for isKeys in [false, true] {
            var driver = Driver()
            driver.show(Sample.busy)
            driver.press(.character("R"))
            for (index, part) in parts.enumerated() {
                if isKeys {
                    driver.type(part)
                } else {
                    driver.send(.terminal(index == 0 ? .paste(part) : .pasteContinues(part)))
                }
            }
            driver.press(.tab, .tab, .tab, .tab, .enter)
            #expect(driver.effects.acts.allSatisfy { $0 == .findLayout }, "\(driver.effects)")
            #expect(driver.screen.contains("\\u{20"), "\(driver.screen)")
        }
    }

    @Test func userThatIsPastedWithInvisibleCharactersIsNotCutOff() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character("R"), .tab)
        driver.send(.terminal(.paste("a\u{200b}b")))
        driver.press(.tab, .tab, .tab, .enter)
        #expect(driver.screen.contains("\\u{200b}") && !driver.screen.contains("Cut off"))
    }

    @Test(arguments: ["revoke", "unrevoke", "undo"]) func commandThatIsPastedWithInvisibleCharactersIsNotCarriedOut(
        verb: String
    ) {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.press(.character(":"))
        driver.send(.terminal(.paste("\(verb) a\u{200b}b")))
        driver.effects = []
        driver.press(.tab, .enter)
        #expect(driver.effects.isEmpty && driver.state.dialog == nil)
        #expect(driver.screen.contains("\\u{200b}"))
    }

    /// Its dialog would show it whole, and the ledger keep it.
    @Test func tokenInPlaceOfAUserIsNotCutOff() {
        for (field, text) in [
            (0, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2lnbmF0dXJl"),
            (1, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2ln"),
            (0, String(repeating: "u", count: 201)), (1, String(repeating: "r", count: 201)),
        ] {
            var driver = Driver()
            driver.show(Sample.busy)
            driver.press(.character("R"), .tab)
            driver.type(field == 0 ? text : "17")
            driver.press(.tab)
            if field == 1 { driver.type(text) }
            driver.press(.tab, .tab, .enter)
            #expect(!driver.screen.contains("Every token that was issued"))
            #expect(!driver.screen.contains("eyJzdWIiOiIxNyJ9"))
        }
    }

    // MARK: what is typed to confirm

    private static let anywhere = Driver().state

    /// Whether what is pasted, or typed as it comes from a keyboard, mark by mark, confirms a dialog.
    private static func confirms(_ text: String, isPasted: Bool, _ opened: any OperationDialog) -> Bool {
        var dialog = opened
        if isPasted {
            _ = dialog.paste(text, continues: false)
        } else {
            for scalar in text.unicodeScalars { _ = dialog.press(.character(Character(scalar)), in: anywhere) }
        }
        let step = dialog.press(.enter, in: anywhere)
        return step.act?.name != nil
    }

    /// Two names that are drawn alike.
    @Test(arguments: [("caf\u{e9}", "cafe\u{301}"), ("cafe\u{301}", "caf\u{e9}")])
    func namesThatAreDrawnAlikeDoNotConfirmEachOther(name: String, other: String) {
        let dialogs: [any OperationDialog] = [
            UnrevokeDialog(.token(name)), UnrevokeDialog(.user(name)), CutOffDialog(user: name),
            KeyDialog(key: Array(name.utf8), kind: .delete, isProtected: false),
        ]
        for dialog in dialogs {
            for isPasted in [false, true] {
                #expect(!Self.confirms(other, isPasted: isPasted, dialog), "\(dialog)")
                #expect(Self.confirms(name, isPasted: isPasted, dialog), "\(dialog)")
            }
        }
    }

    private static func dialogs(_ name: String) -> [any OperationDialog] {
        var (flush, repair) = (NamespaceDialog(.flush, .namespace(name)), NamespaceDialog(.repair, .namespace(name)))
        flush.phase = .confirming(.flush(Sample.flushPlan(name)))
        repair.phase = .confirming(.repair(Sample.repairPlan(name)))
        var client = ClientEntry(id: 7, address: "10.0.3.7:4000")
        client.name = name
        let group = KillPlan.Selection.group(name, .command)
        var kill = KillDialog(group)
        client.command = name
        kill.phase = .confirming(KillPlan(group, of: [("cache-1:6379", [client])]))
        return [
            UnrevokeDialog(.token(name)), UnrevokeDialog(.user(name)), CutOffDialog(user: name),
            KeyDialog(key: Array(name.utf8), kind: .delete, isProtected: false), flush, repair, kill,
        ]
    }

    private static func drawn(_ dialog: any OperationDialog, _ charset: Charset = .unicode) -> String {
        let state = Driver(charset: charset).state
        var frame = Frame(size: state.size, charset: charset)
        dialog.box(in: state).render(into: &frame)
        return frame.text
    }

    /// The escapes of one are the very bytes of another; blanks are not seen; a dash is drawn as a hyphen.
    @Test(arguments: [Charset.unicode, .ascii]) func eachNameIsTypedAsItIsShownAndConfirmsNoOther(charset: Charset) {
        let names = ["a  b", "a b", "a ", "a", "a\\x20", "x–y", "x-y", "x\\u{2013}y"]
        for name in names {
            let shown = Printable.name(name.utf8, isASCII: charset == .ascii)
            // There are no users with blanks.
            for dialog in Self.dialogs(name) where !(dialog is CutOffDialog && name.contains(" ")) {
                #expect(Self.drawn(dialog, charset).contains(" \(shown) "), "\(dialog)")
                for isPasted in [false, true] {
                    #expect(Self.confirms(shown, isPasted: isPasted, dialog), "\(dialog)")
                    for other in names where other != name {
                        let word = Printable.name(other.utf8, isASCII: charset == .ascii)
                        #expect(!Self.confirms(word, isPasted: isPasted, dialog), "\(word): \(dialog)")
                    }
                }
            }
        }
    }

    /// What was left out of a paste made another name of it.
    @Test func nameOfWhichAPartIsNotSeenConfirmsNoOther() {
        for dialog in Self.dialogs("ab") {
            #expect(!Self.confirms("ab\u{200b}", isPasted: true, dialog))
            let pasted = Self.pasted("ab\u{200b}", .enter, dialog)
            #expect(Self.drawn(pasted).contains("What was pasted holds \\u{200b}, which is not seen"))
            let cleared = Self.pasted("ab\u{200b}", .control("u"), dialog)
            #expect(Self.confirms("ab", isPasted: true, cleared))
        }
    }

    private static func pasted(_ text: String, _ key: Key, _ opened: any OperationDialog) -> any OperationDialog {
        var dialog = opened
        _ = dialog.paste(text, continues: false)
        _ = dialog.press(key, in: anywhere)
        return dialog
    }

    @Test func nameThatATerminalOfASCIIWritesOutIsInSight() {
        for dialog in Self.dialogs("корзинапокупок") {
            #expect(dialog.box(in: Driver(charset: .ascii).state).showsSubject, "\(dialog)")
        }
    }

    @Test func listThatIsNotWholeIsNotEmpty() {
        func screen(_ change: (inout RevokedList) -> Void) -> String {
            var driver = Driver()
            driver.show(Sample.busy)
            driver.type(":revoked")
            driver.press(.enter)
            var list = RevokedList()
            change(&list)
            driver.operate(.listed(list))
            return driver.screen
        }
        #expect(screen { _ in }.contains("No token is revoked"))
        for part in [screen { $0.isWhole = false }, screen { $0.obstacle = Refusal(.hung) }] {
            #expect(!part.contains("No token is revoked") && part.contains("None was found so far as was looked"))
        }
    }

    // MARK: little room

    @Test func narrowListOfCutOffsNamesTheUsers() {
        var driver = Driver(columns: 50, rows: 24)
        driver.show(Sample.busy)
        driver.type(":revoked")
        driver.press(.enter)
        var list = RevokedList(tokens: [])
        list.cutOffs = ["17", "18"].map {
            ListedCutOff(cutOff: CutOff(user: $0, since: Sample.takenAt), lifetime: .seconds(3600))
        }
        driver.operate(.listed(list))
        #expect(driver.screen.contains("user 17") && driver.screen.contains("user 18"))
    }

    /// Where to and how much belong to what is confirmed.
    @Test func undoOnALowScreenKeepsTheWarningInSight() {
        var confirmed = 0
        for rows in 5...24 {
            var driver = Driver(columns: 70, rows: rows)
            driver.show(Sample.busy)
            driver.type(":undo /j/a.journal")
            driver.press(.enter)
            var receipt = Sample.undoReceipt()
            receipt.place = UndoPlace(target: "redis://other:6379/0", database: 0, runID: "9a9a")
            driver.operate(.undone(receipt, isDryRun: true))
            let screen = driver.screen
            driver.effects = []
            driver.press(.enter)
            guard !driver.effects.isEmpty else { continue }
            confirmed += 1
            #expect(screen.contains("This is another server"), "\(rows)")
            #expect(screen.contains("998,211"), "\(rows)")
        }
        #expect(confirmed > 8)
    }
}

extension DialogStep {
    fileprivate var act: Act? {
        if case .act(let act) = self { act } else { nil }
    }
}
