internal import CacheCore
internal import CacheModel
internal import CacheWire
internal import NIOConcurrencyHelpers

/// How something that was begun has ended, as the audit has it.
enum PermitOutcome: String, Sendable {
    case done
    case notDone = "not done"
    /// It was sent, and nobody knows whether it was done.
    case unknown
    /// Part of it was done.
    case stopped
    /// The same, since somebody wanted it.
    case cancelled

    /// - Parameter account: what has become of what was sent.
    init(afterFailure account: WritePermit.Account) {
        self = account.unanswered > 0 ? .unknown : account.done > 0 ? .stopped : .notDone
    }

    init(_ outcome: OperationOutcome) {
        switch outcome {
        case .done: self = .done
        case .cancelled: self = .cancelled
        case .stopped: self = .stopped
        }
    }
}

/// What came of an action, and what the audit is to say of it.
struct Ended<Value> {
    var value: Value
    var outcome: PermitOutcome
    var details: [(name: String, value: JSONValue)]

    init(_ value: Value, _ outcome: PermitOutcome, _ details: [(name: String, value: JSONValue)] = []) {
        self.value = value
        self.outcome = outcome
        self.details = details
    }
}

/// An action that may be begun: the guard has looked, and nothing is changed or noted yet.
struct CheckedAction: Sendable {
    let guardian: Guard
    let action: GuardedAction
    let scope: GuardScope
    /// One at least.
    let nodes: [GuardedNode]
    /// To what was asked besides, in its order.
    let answers: [RESPValue]

    var targets: [CacheOperations.Target] { nodes.compactMap(\.target) }
    var identities: [NodeIdentity] { nodes.map(\.identity) }

    /// Begins it, does it, and writes the audit's last line, whatever comes of it.
    ///
    /// - Parameters:
    ///   - name: what it is about, where more is known by now than the scope says.
    ///   - details: for the audit's first line.
    /// - Throws: what `body` throws, and ``CacheError/file(path:_:)`` where there is no audit; nothing was done then.
    func perform<Value>(
        as name: String? = nil, _ details: [(name: String, value: JSONValue)] = [],
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Permit) async throws(CacheError) -> Ended<Value>
    ) async throws(CacheError) -> Value {
        let permit = try guardian.permit(self, as: name ?? scope.name, details)
        do throws(CacheError) {
            let ended = try await body(permit)
            permit.end(ended.outcome, ended.details)
            return ended.value
        } catch {
            let outcome = PermitOutcome(afterFailure: permit.token.account)
            permit.end(outcome, error.auditReason)
            throw outcome == .unknown ? error.unanswered(action.name) : error
        }
    }
}

/// Leave to do one thing. It is given by ``Guard`` alone, and its end is noted once.
final class Permit: Sendable {
    /// For the nodes that are sent what changes something.
    let token: WritePermit
    private let checked: CheckedAction
    private let name: String
    private let id: String
    private let nodes: NIOLockedValueBox<[String: GuardedNode]>
    private let isEnded = NIOLockedValueBox(false)

    init(_ token: WritePermit, _ checked: CheckedAction, as name: String, id: String) {
        self.token = token
        self.checked = checked
        self.name = name
        self.id = id
        nodes = NIOLockedValueBox(Dictionary(checked.nodes.map { ($0.session.line.name, $0) }) { first, _ in first })
    }

    /// Sends what changes something only over connections that the guard has looked at.
    var router: Router {
        Router(deployment: checked.guardian.deployment) { node throws(CacheError) in
            try await self.guarded(node).session
        }
    }

    /// A node, as it was looked at; looked at anew where it was not, or where the connection is another one.
    ///
    /// - Throws: ``CacheError/forbidden(_:)`` where another server stands in its place, or one that may not be written
    ///   to.
    func guarded(_ node: Node) async throws(CacheError) -> GuardedNode {
        let session = try await checked.guardian.open(node)
        let known = nodes.withLockedValue { $0[node.name] }
        if let known, known.session.isSameConnection(as: session) { return known }
        let guarded = try await checked.guardian.check(
            session, for: checked.action, on: checked.scope, known: known?.identity)
        nodes.withLockedValue { $0[node.name] = guarded }
        return guarded
    }

    /// Writes the audit's last line; only the first call does.
    fileprivate func end(_ outcome: PermitOutcome, _ details: [(name: String, value: JSONValue)]) {
        let isFirst = isEnded.withLockedValue { isEnded in
            defer { isEnded = true }
            return !isEnded
        }
        guard isFirst else { return }
        checked.guardian.audit.end(
            id, checked.action.name, scope: name, outcome: outcome.rawValue, details: details)
    }
}

extension CacheError {
    /// For the audit.
    var auditReason: [(name: String, value: JSONValue)] {
        [("reason", .string(Printable.escape(description, limit: 300)))]
    }

    /// The same, of something that was sent and may have been done.
    fileprivate func unanswered(_ action: String) -> CacheError {
        var refusal = refusal
        let words = "\(action) was sent, and nobody knows whether it was done"
        refusal.detail = refusal.detail.isEmpty ? words : "\(refusal.detail); \(words)"
        return .unknown(refusal)
    }
}
