import CacheModel
import Testing

@Suite struct KeyScopeTests {
    private static let prefix = KeyScope.prefix(Array("reco:home:".utf8))

    private func plan(_ scope: KeyScope) -> FlushPlan {
        var plan = FlushPlan(scope: scope, protected: false, target: "t", database: 0, nodes: [])
        plan.reached = scope.protectedNamespaces(KeyClassifier())
        plan.protected = !plan.reached.isEmpty
        return plan
    }

    @Test func whatIsTypedIsWhatIsShown() {
        let hostile = KeyScope.prefix(Array("a b\u{0}\n".utf8) + [0xff, 0x20])
        #expect(hostile.words == #"prefix a b\x00\n\xff\x20"#)
        for scope in [
            .namespace("session"), Self.prefix, hostile, .pattern("cart:*:[a-c]?"), .pattern(#"a\*b"#),
            .prefix(Array(#"back\slash:"#.utf8)),
        ] {
            #expect(scope.isNamed(by: scope.name), "\(scope.name)")
            #expect(!scope.isNamed(by: scope.name + "x") && !scope.isNamed(by: ""))
            #expect(FlushConfirmation(typed: scope.name).objection(to: plan(scope)) == nil, "\(scope.words)")
        }
        #expect(
            FlushConfirmation(typed: "reco:home").objection(to: plan(Self.prefix))
                == "the confirmation must be the prefix, \"reco:home:\"")
    }

    @Test func whatReachesProtectedKeysTakesTheSecondWord() throws {
        for scope in [KeyScope.prefix(Array("tok".utf8)), .prefix(Array("token:".utf8)), .pattern("*list*")] {
            let words = try #require(FlushConfirmation(typed: scope.name).objection(to: plan(scope)))
            #expect(
                words.contains("token:blacklist") && words.contains("let in again") && words.contains("second word"))
            #expect(FlushConfirmation(typed: scope.name, readmits: true).objection(to: plan(scope)) == nil)
        }
        #expect(KeyScope.namespace("token:blacklist").protectedNamespaces(KeyClassifier()) == ["token:blacklist"])
        #expect(KeyScope.namespace("session").protectedNamespaces(KeyClassifier()).isEmpty)
    }

    @Test func whatChoosesNothingIsRefusedWithTheCommandThatIsMeant() throws {
        for scope in [KeyScope.prefix([]), .pattern("*"), .pattern("?*")] {
            let words = try #require(scope.objection)
            #expect(words.contains("FLUSHDB") && words.contains("every key"), "\(words)")
        }
        #expect(KeyScope.pattern("").objection != nil)
        #expect(Self.prefix.objection == nil && KeyScope.pattern("a*").objection == nil)
    }

    @Test func nameOfNoNamespaceLeadsToTheOption() {
        #expect(KeyScope.unknown("reco:home", among: ["session"]).hasSuffix("--prefix reco:home:"))
        #expect(KeyScope.unknown("reco:home:", among: ["session"]).hasSuffix("--prefix reco:home:"))
        #expect(KeyScope.unknown("product:1*", among: ["session"]).hasSuffix("--match 'product:1*'"))
        #expect(KeyScope.unknown("x", among: ["session", "cart"]).contains("there are session, cart"))
    }

    @Test func namespacesThatItMayTakeFromAreNamed() {
        let classifier = KeyClassifier()
        #expect(
            KeyScope.prefix(Array("ws:".utf8)).namespaces(classifier) == [
                "ws:session", "rate:limit", "blocklist", "other",
            ])
        #expect(Self.prefix.namespaces(classifier) == ["other"])
        #expect(KeyScope.namespace("cart").namespaces(classifier) == ["cart"])
    }

    // MARK: what no journal can hold

    private func large(_ names: String...) -> LargeKeys {
        LargeKeys(names.enumerated().map { LargeKeys.Item(key: Array($1.utf8), bytes: 196 << 20 - $0) })
    }

    @Test func largeKeysAreNamedBeforeAndTakeAWordOfTheirOwn() {
        var plan = plan(.namespace("session"))
        (plan.keys, plan.bytes, plan.total) = (100, 300 << 20, 100)
        plan.large = large("session:giant")
        let words = OperationWords.plan(plan).joined(separator: "\n")
        #expect(words.contains("1 key, 196 MiB, is too large for a journal: session:giant"))
        #expect(words.contains("it stays, or") && words.contains("--remove-for-good"))
        #expect(plan.removable(forGood: false) == 99 && plan.removable(forGood: true) == 100)
        #expect((plan.journalEstimate ?? .max) < 110 << 20, "what is not written takes no room")
        #expect(FlushConfirmation(typed: "session").objection(to: plan) == nil, "it stays")
        for (typed, isEnough) in [("session:giant", true), ("session", false), ("", false), ("1 keys", false)] {
            let objection = FlushConfirmation(typed: "session", forGood: typed).objection(to: plan)
            #expect((objection == nil) == isEnough, "\(typed)")
        }
        plan.large = large("a", "b")
        #expect(plan.large.due == "2 keys")
        #expect(FlushConfirmation(typed: "session", forGood: "2 keys").objection(to: plan) == nil)
        #expect(FlushConfirmation(typed: "session", forGood: "a").objection(to: plan) != nil)
    }

    @Test func onlySomeLargeKeysAreKept() {
        let items = (0..<LargeKeys.kept + 5).map { LargeKeys.Item(key: Array("k\($0)".utf8), bytes: 50 << 20 + $0) }
        let large = LargeKeys(items)
        #expect(large.count == items.count && large.items.count == LargeKeys.kept)
        #expect(large.items.first?.bytes == items.last?.bytes && large.noted.count == 10)
    }

    @Test func receiptAndUndoSayWhatIsGoneForGood() {
        var receipt = FlushReceipt(scope: Self.prefix)
        (receipt.removed, receipt.forGoodCount, receipt.forGoodBytes) = (100, 1, 196 << 20)
        receipt.forGood = [NotedKey(key: "reco:home:giant", bytes: 196 << 20)]
        var words = OperationWords.receipt(receipt).joined(separator: "\n")
        #expect(words.contains("100 keys of prefix reco:home: removed"))
        #expect(words.contains("1 key of them, 196 MiB, went for good, without a journal: reco:home:giant"))
        (receipt.forGoodCount, receipt.keptCount, receipt.kept) = (0, 1, ["reco:home:giant"])
        words = OperationWords.receipt(receipt).joined(separator: "\n")
        #expect(words.contains("1 stay, too large for a journal") && words.contains("--remove-for-good"))

        var header = JournalHeader(
            id: 1, kind: .flush, scope: Self.prefix.words, target: "t", database: 0, runID: "r", software: "s",
            startedAt: WallTime(seconds: 1))
        header.forGood = receipt.forGood
        let undo = OperationWords.receipt(UndoReceipt(header: header), isDryRun: false).joined(separator: "\n")
        #expect(undo.contains("too large for this journal: reco:home:giant"))
        header.forGoodOthers = 199
        let some = OperationWords.receipt(UndoReceipt(header: header), isDryRun: false).joined(separator: "\n")
        #expect(some.contains("too large for this journal, 1 of 200: reco:home:giant; no undo"))
    }

    @Test func whatMayBeGoneForGoodIsTold() {
        var receipt = FlushReceipt(scope: Self.prefix)
        #expect(receipt.isWhole && receipt.isNothing)
        receipt.uncertainForGood = 2
        #expect(!receipt.isWhole && !receipt.isNothing)
        let words = OperationWords.receipt(receipt).joined(separator: "\n")
        #expect(words.contains("2 more may be gone for good, in no journal") && !words.contains("may be removed"))
    }

    @Test func largeKeysThatAreTooManyStay() {
        var plan = plan(.namespace("session"))
        (plan.keys, plan.bytes, plan.total) = (2000, 300 << 30, 2000)
        plan.large = LargeKeys((0..<1500).map { LargeKeys.Item(key: Array("k\($0)".utf8), bytes: 50 << 20 + $0) })
        #expect(plan.large.due == "1500 keys" && plan.large.leftOut == 500)
        #expect(plan.removable(forGood: true) == 1500 && plan.removable(forGood: false) == 500)
        let words = OperationWords.plan(plan).joined(separator: "\n")
        #expect(words.contains("only the largest 1,000 go at once: the others stay"))
        plan.large = large("a")
        #expect(!OperationWords.plan(plan).joined(separator: "\n").contains("the others stay"))
    }

    // MARK: whose keys they are

    /// As many beginnings as there are, in lines that are bounded.
    @Test func partsBeyondTheFirstOnesAreSummedByNamespace() {
        var plan = plan(.pattern("*1"))
        (plan.keys, plan.bytes, plan.total) = (10_000, 1 << 20, 20_000)
        plan.parts = (0..<60).map { FlushPlan.Part(prefix: "own\($0):", keys: 100 - $0) }
        plan.parts += (0..<40).map { FlushPlan.Part(prefix: "cart:\($0):", keys: 3, namespace: "cart") }
        plan.parts.append(FlushPlan.Part(prefix: "session:", keys: 2, namespace: "session"))
        let lines = OperationWords.plan(plan).filter { $0.contains(" keys") && !$0.contains("in memory") }
        #expect(lines.prefix(8) == ArraySlice((0..<8).map { "  own\($0):  \(100 - $0) keys" }))
        #expect(
            lines.dropFirst(8).prefix(3) == [
                "  (others)  3,458 keys", "  (others)  120 keys of the namespace cart",
                "  (others)  2 keys of the namespace session",
            ])
    }

    @Test func repairSaysWhoseKeysItChanges() {
        var plan = RepairPlan(
            scope: Self.prefix, protected: false, target: "t", database: 0,
            nodes: [NodeIdentity(address: "a", runID: "r", isPrimary: true)], maximumTTL: .seconds(600))
        plan.withoutTTL = 5
        plan.parts = [FlushPlan.Part(prefix: "reco:home:", keys: 5)]
        var words = OperationWords.plan(plan).joined(separator: "\n")
        #expect(words.contains("  reco:home:  5 keys") && !words.contains("its contract"))
        plan.parts.append(FlushPlan.Part(prefix: "session:", keys: 3, namespace: "session"))
        words = OperationWords.plan(plan).joined(separator: "\n")
        #expect(words.contains("  session:  3 keys of the namespace session") && words.contains("its contract"))
    }
}
