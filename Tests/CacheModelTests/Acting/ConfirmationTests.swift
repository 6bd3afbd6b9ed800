import CacheModel
import Testing

@Suite struct ConfirmationTests {
    private func plan(protected: Bool) -> FlushPlan {
        FlushPlan(
            scope: .namespace("session"), protected: protected, target: "t", database: 0,
            nodes: [NodeIdentity(address: "a", runID: "r", isPrimary: true)])
    }

    @Test func onlyTheNameWillDo() {
        for typed in ["", "Session", "session ", "yes", "sessions"] {
            #expect(FlushConfirmation(typed: typed).objection(to: plan(protected: false)) != nil)
        }
        #expect(FlushConfirmation(typed: "session").objection(to: plan(protected: false)) == nil)
    }

    @Test func protectedOnesNeedMore() throws {
        let words = try #require(FlushConfirmation(typed: "session").objection(to: plan(protected: true)))
        #expect(words.contains("let in again"))
        #expect(FlushConfirmation(typed: "session", readmits: true).objection(to: plan(protected: true)) == nil)
        #expect(FlushConfirmation(typed: "", readmits: true).objection(to: plan(protected: true)) != nil)
    }

    @Test func anotherProcessOrRoleIsRefused() {
        let planned = NodeIdentity(address: "a:1", runID: "r", isPrimary: true)
        #expect(planned.objection(to: planned) == nil)
        #expect(
            planned.objection(to: NodeIdentity(address: "a:1", runID: "s", isPrimary: true))?
                .contains("another server process") == true)
        #expect(
            planned.objection(to: NodeIdentity(address: "a:1", runID: "r", isPrimary: false))?
                .contains("no primary") == true)
    }
}
