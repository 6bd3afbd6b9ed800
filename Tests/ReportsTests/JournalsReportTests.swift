import CacheModel
import Reports
import Testing

@Suite struct JournalsReportTests {
    private static let list: JournalList = {
        let header = JournalHeader(
            id: 1, kind: .lifetimes, scope: "rate:limit", target: "redis://cache-1:6379/0", database: 3, runID: "r",
            software: "redis 7.0.15", startedAt: WallTime(seconds: 1_000))
        return JournalList(
            folder: "/s/journals",
            journals: [
                ListedJournal(
                    path: "/s/journals/a b.journal", bytes: 2048, changedAt: WallTime(seconds: 1_200), header: header,
                    keys: 6_000),
                ListedJournal(
                    path: "/s/journals/c.journal", bytes: 5, changedAt: WallTime(seconds: 900),
                    problem: "is no journal of cachewatch"),
            ], bytes: 2053)
    }()

    @Test func textSaysHowEachIsTakenBack() {
        let text = JournalsReport.text(Self.list, clock: CivilClock(offsetAt: { _ in 0 })) { "undo '\($0.path)'" }
        #expect(
            text == """
                begun                what it brings back               keys       size  server
                1970-01-01 00:16:40  TTLs of rate:limit               6,000   2.00 KiB  redis://cache-1:6379/0
                  undo '/s/journals/a b.journal'
                1970-01-01 00:15:00  –                                    –        5 B  –
                  /s/journals/c.journal: is no journal of cachewatch

                """)
        #expect(
            JournalsReport.text(JournalList(folder: "/s"), clock: CivilClock(offsetAt: { _ in 0 })) { $0.path }.isEmpty)
    }

    @Test func jsonHasNullWhereNobodyKnows() throws {
        let json = try JSONParser.parse(Array(JournalsReport.json(Self.list).utf8))
        guard case .array(let journals)? = json["journals"] else {
            Issue.record("no list")
            return
        }
        #expect(journals.count == 2 && journals[0]["keys"]?.wholeNumber == 6_000)
        #expect(journals[0]["kind"]?.string == "lifetimes" && journals[0]["database"]?.wholeNumber == 3)
        guard case .null? = journals[1]["keys"] else {
            Issue.record("a figure that nobody knows")
            return
        }
        #expect(journals[1]["note"]?.string == "is no journal of cachewatch")
        #expect(json["bytes"]?.wholeNumber == 2053 && json["not_listed"]?.wholeNumber == 0)
    }
}
