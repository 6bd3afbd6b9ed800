internal import CacheModel
internal import TerminalUI

/// Closes a connection, or those of a group: looked at anew, confirmed by its name.
struct KillDialog: OperationDialog {
    enum Phase: Equatable, Sendable {
        case looking
        case confirming(KillPlan)
        case sending(KillPlan)
        case ended(KillReceipt)
        case failed(String)
    }

    let selection: KillPlan.Selection
    var bond = Bond()
    var phase = Phase.looking
    private var typed = TextField()
    private var objection: String?

    init(_ selection: KillPlan.Selection) { self.selection = selection }

    var beginning: Act { .planKill(selection) }

    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep {
        if key == .escape { return .close }
        guard case .confirming(let plan) = phase, !plan.members.isEmpty else {
            guard key == .enter else { return .stay }
            switch phase {
            case .looking, .sending: return .stay
            case .confirming, .ended, .failed: return .close
            }
        }
        guard key == .enter else {
            objection = nil
            _ = typed.edit(key)
            return .stay
        }
        guard typed.names(selection.name.utf8) else {
            objection = typed.objection(label)
            return .stay
        }
        phase = .sending(plan)
        return .act(.kill(plan, typed: typed.value))
    }

    private var label: String {
        switch selection {
        case .id: "its id"
        case .group: "its name"
        }
    }

    mutating func paste(_ text: String, continues: Bool) -> Bool {
        guard case .confirming = phase else { return false }
        typed.paste(text)
        return true
    }

    mutating func handle(_ event: OperationEvent) -> Bool {
        switch (event, phase) {
        case (.killPlanned(let plan), .looking) where plan.selection == selection: phase = .confirming(plan)
        case (.killed(let receipt), .sending): phase = .ended(receipt)
        case (.failed(.kill, let words, _), .looking), (.failed(.kill, let words, _), .sending):
            phase = .failed(words)
        default: return false
        }
        return true
    }

    func box(in state: DashboardState) -> DialogBox {
        let columns = DialogBox.columns(state)
        var lines = DialogLine.name(state.name(selection.name.utf8), columns: columns, state.charset)
        var subject: [Int] = []
        var footer = ""
        switch phase {
        case .looking: lines += DialogLine.words("Asking who is connected", .dim, in: state)
        case .confirming(let plan), .sending(let plan):
            let words = plan.words
            lines += words.enumerated().flatMap { index, line in
                DialogLine.words(line, index == 0 ? .text : .dim, in: state)
            }
            if case .id = selection, let client = plan.members.first?.entry {
                lines += DialogLine.words(Self.words(client, state), .value, in: state)
            }
            if case .confirming = phase { subject = Array(lines.indices) }
            guard !plan.members.isEmpty else { break }
            lines += DialogLine.words(
                plan.members.count == 1
                    ? "It is closed by its id; what it waits for fails, and a pool comes back."
                    : "They are closed one by one, each by its id; what they wait for fails, and pools come back.",
                .warning, in: state)
            lines += [.blank] + DialogLine.words("Type \(label) to go on", in: state)
            lines.append(.field(label: label, typed, isFocused: true))
            if let objection { lines += DialogLine.words(objection, .warning, in: state) }
            if case .sending = phase {
                footer = "sending"
            } else if typed.names(selection.name.utf8) {
                footer = "Enter closes \(KillPlan.count(plan.members.count))"
            }
        case .ended(let receipt):
            lines += receipt.words.flatMap { DialogLine.words($0, receipt.isWhole ? .good : .warning, in: state) }
        case .failed(let words): lines += DialogLine.words(words, .warning, in: state)
        }
        return DialogBox(
            state: state, title: "Kill", border: .critical, subject: subject, lines: lines, footer: footer,
            closing: "Esc closes")
    }

    private static func words(_ client: ClientEntry, _ state: DashboardState) -> String {
        let parts = [
            client.address, client.name.isEmpty ? "nameless" : client.name, client.user.map { "user \($0)" },
            client.command.map { "cmd \($0)" }, client.idle.map { "idle \(Format.age(.seconds($0)))" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}
