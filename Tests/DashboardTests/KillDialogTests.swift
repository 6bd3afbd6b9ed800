import CacheModel
import RedisValues
import Support
import Testing

@testable import Dashboard
@testable import TerminalUI

@Suite struct KillDialogTests {
    private func plan(_ selection: KillPlan.Selection, _ count: Int = 3) -> KillPlan {
        KillPlan(
            selection,
            of: [
                (
                    "cache-1:6379",
                    (0..<count).map { index in
                        var client = ClientEntry(id: index + 1, address: "10.0.3.7:\(index)")
                        client.name = "leaky-\(index)"
                        return client
                    }
                )
            ])
    }

    private func drawn(_ dialog: KillDialog) -> String {
        let state = Driver().state
        var frame = Frame(size: state.size)
        dialog.box(in: state).render(into: &frame)
        return frame.text
    }

    private func type(_ text: String, _ dialog: inout KillDialog, _ state: DashboardState) {
        for character in text { _ = dialog.press(.character(character), in: state) }
    }

    @Test func groupIsConfirmedByItsName() {
        let state = Driver().state
        let group = KillPlan.Selection.group("leaky-*", .name)
        var dialog = KillDialog(group)
        #expect(dialog.beginning == .planKill(group) && drawn(dialog).contains("Asking who is connected"))
        let isOther = dialog.handle(.killPlanned(plan(.group("other", .name))))
        let isOwn = dialog.handle(.killPlanned(plan(group)))
        #expect(!isOther && isOwn, "another one's is not its own")
        #expect(drawn(dialog).contains("3 connections from one address"))
        type("leaky", &dialog, state)
        guard case .stay = dialog.press(.enter, in: state) else { return #expect(Bool(false), "half a name") }
        #expect(drawn(dialog).contains("What is typed is not its name"))
        type("-*", &dialog, state)
        #expect(drawn(dialog).contains("Enter closes 3 connections"))
        guard case .act(.kill(let sent, "leaky-*")) = dialog.press(.enter, in: state) else {
            return #expect(Bool(false), "it was confirmed")
        }
        #expect(sent == plan(group))
        var receipt = KillReceipt(planned: 3)
        (receipt.killed, receipt.gone) = (2, 1)
        let isTold = dialog.handle(.killed(receipt))
        #expect(isTold && drawn(dialog).contains("killed 2 connections; 1 had ended before"))
    }

    @Test func nobodyIsClosedWhereThereIsNobody() {
        let state = Driver().state
        var dialog = KillDialog(.id(99, node: nil))
        _ = dialog.handle(.killPlanned(KillPlan(.id(99, node: nil), of: [])))
        #expect(drawn(dialog).contains("there is no such connection"))
        type("99", &dialog, state)
        guard case .close = dialog.press(.enter, in: state) else { return #expect(Bool(false), "nothing to do") }
    }

    @Test func oneConnectionIsShownWithWhatIsKnown() {
        var dialog = KillDialog(.id(2, node: nil))
        _ = dialog.handle(.killPlanned(plan(.id(2, node: nil))))
        #expect(drawn(dialog).contains("10.0.3.7:1, leaky-1"))
        let isFailed = dialog.handle(.failed(.kill, "closed the connection"))
        #expect(!isFailed, "nothing was sent yet")
    }
}
