import CommandLineModel
import Testing

/// What is said of something that is left alone.
@Suite struct UndertakingTests {
    private static func file(_ path: String) -> Undertaking.Journal { .file(path, undo: "cachewatch undo \(path)") }

    @Test func whatChangesNothingIsNotMissed() {
        #expect(Undertaking.look.abandoned { _ in true } == nil)
    }

    @Test(arguments: [Undertaking.Kind.flush, .repair]) func itsJournalIsNamed(kind: Undertaking.Kind) throws {
        var undertaking = Undertaking(kind, "session", journal: Self.file("/j"))
        undertaking.done = 1200
        let outcome = try #require(undertaking.abandoned { $0 == "/j" })
        #expect(outcome.status == .halfWay && outcome.hasChanged)
        #expect(outcome.lines[0].contains("at least 1,200 keys of session"))
        #expect(outcome.lines.last?.contains("cachewatch undo /j") == true)
    }

    /// Nothing is touched before the journal has it.
    @Test(arguments: [Undertaking.Kind.flush, .repair])
    func withoutItsJournalNothingWasChanged(kind: Undertaking.Kind) throws {
        let outcome = try #require(Undertaking(kind, "session", journal: Self.file("/j")).abandoned { _ in false })
        #expect(outcome.status == .notDone && !outcome.hasChanged)
        #expect(outcome.lines[0].contains("nothing was changed"))
    }

    @Test func aDeclinedJournalIsSaid() throws {
        let outcome = try #require(Undertaking(.flush, "session").abandoned { _ in false })
        #expect(outcome.status == .halfWay)
        #expect(outcome.lines.contains { $0.contains("no journal") })
    }

    @Test(arguments: [
        Undertaking(.undo, "/j"), Undertaking(.delete, "cart:1", journal: .folder("/journals")),
        Undertaking(.setLifetime, "cart:1"), Undertaking(.revoke, "token-1"), Undertaking(.unrevoke, "token-1"),
        Undertaking(.cutOff, "user 17"),
    ])
    func whetherItWasDoneIsNotKnown(undertaking: Undertaking) throws {
        let outcome = try #require(undertaking.abandoned { _ in false })
        #expect(outcome.status == .halfWay && outcome.hasChanged)
        #expect(outcome.lines[0].contains(undertaking.scope) && outcome.lines[0].contains("not answered"))
        if case .folder(let folder) = undertaking.journal {
            #expect(outcome.lines.last?.contains(folder) == true)
        }
    }

    /// Nothing is touched before the journal has it; what writes no file, or one of many, may have been done.
    @Test func withoutItsJournalItIsUntouched() {
        for kind in [Undertaking.Kind.flush, .repair] {
            let undertaking = Undertaking(kind, "session", journal: Self.file("/j"))
            #expect(undertaking.isUntouched { _ in false } && !undertaking.isUntouched { $0 == "/j" })
        }
        #expect(!Undertaking(.flush, "session").isUntouched { _ in false })
        #expect(!Undertaking(.delete, "a:1", journal: .folder("/j")).isUntouched { _ in false })
    }
}
