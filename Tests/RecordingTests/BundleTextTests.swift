import CacheModel
import RedisValues
import Testing

@testable import Recording

/// What a ticket's reader finds as text.
@Suite struct BundleTextTests {
    private static func time(_ second: Int64) -> WallTime { WallTime(seconds: 1_795_597_200 + second) }

    private static func alert(_ message: String, since second: Int64 = 0) -> Alert {
        Alert(
            id: .memoryHigh, level: .warning, node: "cache-1:6379", message: message, remedy: ["add memory"],
            since: time(second), evidence: ["keys: 42"],
            culprit: Culprit(.namespace, "product", nil, rise: "+38 MiB", figure: "+38 MiB in 5 min", of: "the growth"))
    }

    @Test func anAlertIsToldFromItsBeginningToItsEnd() {
        var account = AlertAccount()
        func take(_ change: RecordedAlert.Change, _ message: String, at second: Int64, picture: String? = nil) -> String
        {
            account.take(RecordedAlert(change, Self.alert(message)), at: Self.time(second), picture: picture)
        }
        #expect(
            take(.raised, "memory 91 %", at: 7, picture: "screens/x.svg") == """
                2026-11-25 09:00:07  RAISED memory-high on cache-1:6379, warning
                    memory 91 %
                    who: product is it: +38 MiB in 5 min
                    seen: keys: 42
                    remedy: add memory
                    picture: screens/x.svg

                """)
        // A figure a minute is enough.
        #expect(take(.worded, "memory 92 %", at: 8).isEmpty && take(.worded, "memory 93 %", at: 66).isEmpty)
        #expect(
            take(.worded, "memory 94 %", at: 67)
                == "2026-11-25 09:01:07  FIGURE memory-high on cache-1:6379: memory 94 %\n")
        #expect(take(.worded, "memory 95 %", at: 100).isEmpty)
        #expect(take(.explained, "memory 95 %", at: 101).hasPrefix("2026-11-25 09:01:41  EXPLAINED memory-high on"))
        #expect(take(.changed, "memory 96 %", at: 102).hasPrefix("2026-11-25 09:01:42  NOW memory-high on"))
        #expect(
            take(.cleared, "memory 96 %", at: 120)
                == "2026-11-25 09:02:00  CLEARED memory-high on cache-1:6379, after 2 min; memory 96 %\n")
        #expect(take(.raised, "memory 91 %", at: 130).contains("RAISED"))
        #expect(
            take(.withdrawn, "", at: 131).contains("WITHDRAWN memory-high on cache-1:6379, after 2 min 11 s: not known")
        )
        #expect(account.raised == 2)
    }

    /// Each file of a recording begins with those that stand.
    @Test func whatStandsIsToldOnce() {
        var account = AlertAccount()
        let text = account.begin([Self.alert("memory 91 %", since: -60)], at: Self.time(0))
        #expect(
            text.hasPrefix(
                "2026-11-25 09:00:00  STANDS memory-high on cache-1:6379, warning, since 2026-11-25 08:59:00\n"))
        #expect(account.begin([Self.alert("memory 92 %")], at: Self.time(3600)).isEmpty && account.raised == 0)
    }

    @Test func actsMarksAndGapsAreToldWhole() {
        let action = RecordedAction(
            id: "1", action: "flush", scope: "session", outcome: "done",
            details: ["user": "alice", "for_good": "0", "removed": "3", "continued_on": ""])
        #expect(
            ActAccount.text(.action(action), at: Self.time(1)) == """
                2026-11-25 09:00:01  flush session done
                    for good: 0
                    removed: 3
                    user: alice

                """)
        #expect(ActAccount.text(.mark("deployed"), at: Self.time(2)) == "2026-11-25 09:00:02  MARK deployed\n")
        #expect(
            ActAccount.text(.gap(RecordedGap(since: Self.time(3), why: "disk full")), at: Self.time(9))
                == "2026-11-25 09:00:09  GAP 2026-11-25 09:00:03 to 09:00:09 UTC: disk full\n")
        #expect(ActAccount.text(.slow(RecordedSlowlog(node: "a", ids: [], new: [])), at: Self.time(1)).isEmpty)
    }

    @Test func whatIsInItAndWhatIsMissingIsSaid() {
        var summary = BundleSummary(window: Self.time(0)...Self.time(600))
        summary.folder = "F"
        for version in ["0.1.0", "0.1.0", "0.2.0"] {
            summary.note(target: "redis://cache-1:6379", version: version, schema: 1)
        }
        (summary.snapshots, summary.nodes, summary.lines) = (590, 6, 700)
        (summary.first, summary.last) = (Self.time(1), Self.time(599))
        summary.raised = 1
        summary.pictures = [
            BundleSummary.Picture(time: WallTime(milliseconds: Self.time(7).milliseconds + 412), alert: "evicting")
        ]
        #expect(summary.words == "2026-11-25 09:00:00 to 09:10:00 UTC, 590 snapshots, 1 alert raised, 1 picture")
        for words in [
            "of redis://cache-1:6379\nfrom 2026-11-25 09:00:00 to 2026-11-25 09:10:00 UTC",
            "cachewatch 0.1.0, 0.2.0, schema 1;",
            "  cachewatch replay F/recording --at 2026-11-25T09:00:08Z    # evicting\n", "6 nodes; 700 lines\n",
            "(--anonymous hashes them)",
        ] {
            #expect(summary.text.contains(words), "\(words): \(summary.text)")
        }
        #expect(!summary.text.contains("missing") && !summary.text.contains("Nothing"))
        summary.isAnonymous = true
        (summary.unreadable, summary.unknown, summary.withheld, summary.unpictured) = (1, 2, 3, 4)
        summary.damaged = ["2026-11-25T09.jsonl.gz cannot be read"]
        for second in Int64(0)..<150 {
            summary.note(RecordedStretch(from: Self.time(second), to: Self.time(second + 1), why: "why"))
        }
        for words in [
            "1 line cannot be read and is left out", "2 lines of a newer version stand in it as they are",
            "3 lines of which nobody knows whom they name are left out", "4 alerts more have no picture",
            "2026-11-25T09.jsonl.gz cannot be read",
        ] {
            #expect(summary.text.contains(words) && summary.words.contains(words), "\(words): \(summary.text)")
        }
        #expect(summary.words.contains("; 150 gaps; ") && summary.text.contains("and 50 more times"))
        #expect(
            summary.text.contains("  2026-11-25 09:01:39 to 09:01:40 UTC: why\n") && summary.text.contains("are hashes")
        )
    }
}
