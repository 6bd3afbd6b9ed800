import Support
import Testing

@testable import CacheModel

@Suite struct SweepDecisionTests {
    private typealias Circumstances = SweepDecision.Circumstances

    /// 5,000 draws that took 20 ms, of 200,000 keys: 4 µs a key, so that all of them take about 1.1 s.
    private static var cheap: NamespaceReport {
        var report = Sample.estimate
        report.keys = 200_000
        return report
    }

    private static func changed(_ change: (inout NamespaceReport) -> Void) -> NamespaceReport {
        var report = cheap
        change(&report)
        return report
    }

    private static func alert(_ id: Alert.ID, _ level: Alert.Level) -> Alert {
        Alert(id: id, level: level, message: "", since: Sample.takenAt)
    }

    struct Case: Sendable {
        var name: String
        var now: SweepDecision.Circumstances
        var decision: SweepDecision

        init(_ name: String, _ now: SweepDecision.Circumstances, _ decision: SweepDecision) {
            (self.name, self.now, self.decision) = (name, now, decision)
        }
    }

    private static var hourAgo: Duration { cheap.elapsed - .seconds(3600) }
    private static var minuteAgo: Duration { cheap.elapsed - .seconds(60) }

    static var cases: [Case] {
        [
            Case("the first estimate of a small server", Circumstances(cheap), .sweep),
            Case("estimate_every = 0", Circumstances(cheap, isWished: false), .off),
            Case("an operator's sweep runs", Circumstances(cheap, isBusy: true), .busy),
            Case("what was counted is not counted anew", Circumstances(Sample.fullSweep), .noEstimate),
            Case("a failed estimate", Circumstances(changed { $0.refusal = Refusal(.hung) }), .noEstimate),
            Case("half an estimate", Circumstances(changed { $0.complete = false }), .noEstimate),
            Case("nobody tells how many keys", Circumstances(changed { $0.sizeIsKnown = false }), .noEstimate),
            Case("an empty server", Circumstances(changed { $0.keys = 0 }), .noEstimate),
            Case("memory beyond the critical threshold", Circumstances(cheap, isMemoryFull: true), .alert),
            Case("a critical alert", Circumstances(cheap, alerts: [alert(.memoryHigh, .critical)]), .alert),
            Case("slow queries", Circumstances(cheap, alerts: [alert(.slowQueries, .warning)]), .alert),
            Case("writes refused", Circumstances(cheap, alerts: [alert(.refusingWrites, .warning)]), .alert),
            Case("memory is high, and no more", Circumstances(cheap, alerts: [alert(.memoryHigh, .warning)]), .sweep),
            Case("another warning", Circumstances(cheap, alerts: [alert(.noPassword, .warning)]), .sweep),
            Case(
                "no SCAN",
                Circumstances(changed { $0.denied = [DeniedCommand(command: "SCAN", needs: "+scan")] }), .denied),
            Case("no sizes", Circumstances(changed { $0.rest.bytes = nil }), .denied),
            Case("no statistics", Circumstances(changed { $0.receipt.serverTime = nil }), .costNotKnown),
            Case("a cost that is none", Circumstances(changed { $0.receipt.serverTime = .zero }), .costNotKnown),
            Case("2 s and more", Circumstances(changed { $0.keys = 360_000 }), .tooExpensive),
            Case("just under 2 s", Circumstances(changed { $0.keys = 350_000 }), .sweep),
            Case("slow draws", Circumstances(changed { $0.receipt.serverTime = .milliseconds(200) }), .tooExpensive),
            Case("more keys than there can be", Circumstances(changed { $0.keys = .max }), .tooExpensive),
            Case("swept a minute ago", Circumstances(cheap, last: (minuteAgo, 200_000)), .recent),
            Case("a fifth more keys", Circumstances(cheap, last: (minuteAgo, 166_000)), .sweep),
            Case("a fifth fewer keys", Circumstances(cheap, last: (minuteAgo, 250_000)), .sweep),
            Case("not quite a fifth", Circumstances(cheap, last: (minuteAgo, 240_000)), .recent),
            Case("swept an hour ago", Circumstances(cheap, last: (hourAgo, 200_000)), .sweep),
        ]
    }

    @Test func eachCaseHasItsAnswer() {
        for one in Self.cases { #expect(SweepDecision(one.now) == one.decision, "\(one.name)") }
    }

    /// An answer that no case has would be missed by nobody.
    @Test func eachAnswerHasItsCase() {
        #expect(Set(Self.cases.map(\.decision)) == Set(SweepDecision.allCases))
    }
}
