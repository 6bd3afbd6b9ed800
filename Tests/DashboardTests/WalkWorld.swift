import CacheModel
import Support
import TerminalUI

@testable import Dashboard

/// What the walk's operator watches: a few keys that come and go, on servers that change.
struct WalkWorld {
    static let all = ["session", "cart", "token:blacklist", "misc"].flatMap { name in (0..<9).map { "\(name):\($0)" } }
    private var isThere = [Bool](repeating: true, count: all.count)
    private var run = 0
    private var nodes = ["a:1", "b:1", "c:1"]
    var losesRevocations = false

    private static let reports: [NamespaceReport] = {
        let base = Sample.estimate
        return (0..<4).map { turn in
            var report = base
            for index in report.items.indices {
                let keys = Double((index * 7 + turn * 11) % 13 * 1000 + 10)
                report.items[index].keys = Estimated(exactly: keys)
            }
            if turn == 3 { report.rest.keys = Estimated(exactly: 0) }
            return report
        }
    }()

    private static let node: NodeSnapshot = {
        var node = Sample.node()
        node.info?.replication.replicas = []
        node.slowlog = nil
        return node
    }()

    /// Results of nobody's acts.
    static let foreign: [OperationEvent] = [
        .failed(.key, "timed out"), .failed(.flush, "timed out"), .failed(.unrevoke, "timed out"),
        .revoked([Sample.revocation("tok-1")]), .unrevoked("tok-2", []), .flushPlanned(Sample.flushPlan("session")),
        .keyChanged(Array("cart:1".utf8), "cart:1 never expires"), .listed(RevokedList(tokens: Sample.revokedTokens)),
        .keyDeleted(Array("cart:2".utf8), journal: "/j/x"), .progress(Sample.progress(0.5)), .layout("documented"),
        .undone(Sample.undoReceipt(), isDryRun: true), .repairPlanned(Sample.repairPlan("cart")),
    ]

    static let keys: [Key] =
        Keymap.bindings.flatMap(\.keys) + "adefx: /1m".map { .character($0) } + [
            .enter, .escape, .backspace, .tab, .up,
        ]

    mutating func failOver() { run += 1 }

    mutating func changeNodes(_ number: Int) {
        let kept = ["a:1", "b:1", "c:1"].enumerated().filter { number & (1 << $0.offset) != 0 }.map(\.element)
        nodes = kept.isEmpty ? ["a:1"] : kept
    }

    mutating func changeKeys(_ index: Int) { isThere[index].toggle() }

    func size(_ number: Int) -> Size {
        [(90, 24), (70, 20), (120, 30), (44, 11), (30, 8), (19, 4)].map { Size(columns: $0.0, rows: $0.1) }[number]
    }

    func report(_ number: Int) -> NamespaceReport { Self.reports[number] }

    var snapshot: Snapshot {
        var snapshot = Sample.healthy
        snapshot.deployment = .cluster
        snapshot.nodes = nodes.map { address in
            var node = Self.node
            node.address = address
            node.info?.server.runID = "\(address) \(run)"
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        snapshot.revocations = RevocationCheck(watched: 3, lost: losesRevocations ? ["tok-3"] : [])
        return snapshot
    }

    private func page(_ scope: KeyScope, from cursor: [UInt8]?) -> KeyPage {
        let begin = cursor.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        var page = KeyPage()
        let end = min(Self.all.count, begin + 12)
        for index in begin..<max(begin, end) where isThere[index] {
            let name = Self.all[index]
            if case .namespace(let wanted) = scope, !name.hasPrefix(wanted + ":") { continue }
            page.rows.append(
                KeyRow(
                    name: Array(name.utf8),
                    facts: KeyFacts(
                        type: .string, lifetime: .milliseconds(index * 7919 % 900 + 60_000), bytes: index * 37 % 101)))
        }
        page.examined = end - begin
        page.total = Self.all.count
        page.cursor = end < Self.all.count ? Array(String(end).utf8) : nil
        return page
    }

    /// - Parameter dice: 0 to 9.
    func answer(to effect: Effect, _ dice: Int) -> Action? {
        switch effect {
        case .browse(let scope, let narrowing, let cursor, _, let ticket):
            var page = page(scope, from: cursor)
            if let narrowing { page.rows.removeAll { !narrowing.matches($0.name) } }
            return .keys(dice < 2 ? .names(page, ticket: ticket) : .page(page, ticket: ticket))
        case .inspect(let key, _, let ticket):
            return .keys(
                dice < 1
                    ? .notInspected(key, "timed out", ticket: ticket)
                    : .inspected(Sample.inspection(key), ticket: ticket))
        case .estimate: return .namespaces(.estimated(report(dice % 4)))
        case .act(let act, let ticket, _): return event(of: act, dice).map { .operation($0, ticket) }
        default: return nil
        }
    }

    private func receipt(of plan: FlushPlan) -> FlushReceipt {
        var receipt = Sample.flushReceipt(plan.scope.name)
        receipt.scope = plan.scope
        return receipt
    }

    private func event(of act: Act, _ dice: Int) -> OperationEvent? {
        let fails = dice == 0
        switch act {
        case .findAccess: return dice == 0 ? .accessUnknown : .access(nil)
        case .planFlush(let scope, _):
            return fails ? .failed(.flush, "timed out") : .flushPlanned(Sample.flushPlan(scope))
        case .flush(let plan, _, _, _):
            return fails ? .failed(.flush, "timed out") : .flushed(receipt(of: plan))
        case .planRepair(let scope, _, _):
            var plan = Sample.repairPlan(scope.name)
            plan.scope = scope
            return fails ? .failed(.repair, "timed out") : .repairPlanned(plan)
        case .repair(let plan, _, _):
            return fails ? .failed(.repair, "timed out") : .repaired(RepairReceipt(scope: plan.scope))
        case .undo(_, let isDryRun, _):
            return fails ? .failed(.undo, "timed out") : .undone(Sample.undoReceipt(), isDryRun: isDryRun)
        case .findLayout: return fails ? .failed(.layout, "timed out") : .layout("documented")
        case .revoke(let request):
            return fails ? .failed(.revoke, "timed out") : .revoked(request.tokens.map { Sample.revocation($0.id) })
        case .cutOff(let request, _):
            return fails ? .failed(.cutOff, "timed out") : .cutOff(Sample.cutOff(request.user))
        case .unrevokeUser(let user, _):
            return fails ? .failed(.unrevoke, "timed out") : .unrevokedUser(user, "k:\(user)")
        case .listRevoked, .searchRevoked:
            return fails ? .failed(.list, "timed out") : .listed(RevokedList(tokens: Sample.revokedTokens))
        case .listJournals:
            let journal = ListedJournal(path: "/j/flush", bytes: 7, changedAt: WallTime(seconds: 7), keys: 7)
            return fails ? .failed(.list, "cannot be read") : .journals(JournalList(folder: "/j", journals: [journal]))
        case .unrevoke(let id, _, _): return fails ? .failed(.unrevoke, "timed out") : .unrevoked(id, ["k:\(id)"])
        case .rewriteLost: return fails ? .failed(.rewrite, "timed out") : .revoked([Sample.revocation("tok-3")])
        case .setLifetime(let key, _, _):
            return fails ? .failed(.key, "timed out") : dice == 1 ? .keyMissing(key) : .keyChanged(key, "changed")
        case .planKill(let selection):
            let clients = (1...3).map { ClientEntry(id: $0, address: "10.0.3.7:\($0)") }
            var plan = KillPlan(.group("10.0.3.7", .address), of: [("cache-1:6379", clients)])
            plan.selection = selection
            return fails ? .failed(.kill, "timed out") : .killPlanned(plan)
        case .kill(let plan, _):
            return fails ? .failed(.kill, "timed out") : .killed(KillReceipt(planned: plan.members.count))
        case .deleteKey(let key, _, _):
            return fails
                ? .failed(.key, "timed out", doubt: "if it was, the newest journal in /j has it")
                : .keyDeleted(key, journal: dice == 1 ? nil : "/j/delete")
        }
    }
}
