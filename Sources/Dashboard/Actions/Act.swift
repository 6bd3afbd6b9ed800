public import CacheModel

/// Which act an answer belongs to: a number that is given when the act is sent, and never again.
public struct Ticket: Hashable, Sendable {
    public let number: Int

    public init(_ number: Int) { self.number = number }
}

/// Something that is done to the server, or looked for before it is done.
///
/// It names what it is about as that was shown, and never a row.
public enum Act: Equatable, Sendable {
    /// Look whether anything may be changed.
    case findAccess
    case planFlush(KeyScope, SweepPace)
    case flush(FlushPlan, FlushConfirmation, journals: Bool, SweepPace)
    /// What keys are to have at most; nil takes the contract's.
    case planRepair(KeyScope, ttl: Duration?, SweepPace)
    case repair(RepairPlan, FlushConfirmation, SweepPace)
    /// Give back what a journal holds, or say what it would.
    case undo(String, isDryRun: Bool, SweepPace)
    /// Look how the deployment names its revoked tokens.
    case findLayout
    case revoke(RevocationRequest)
    case listRevoked
    /// The same, of what the text stands in.
    case searchRevoked(String)
    /// What the operator's journals hold; it asks no server.
    case listJournals
    case cutOff(CutOffRequest, typed: String)
    /// A token by its id, with what it has said of itself.
    case unrevoke(String, typed: String, claims: TokenInput? = nil)
    /// Let a user in again who was cut off.
    case unrevokeUser(String, typed: String)
    /// Write revocations again that were lost.
    case rewriteLost
    /// nil takes the time to live away; `readmits` where the second word of a protected namespace was typed.
    case setLifetime([UInt8], Duration?, readmits: Bool)
    /// - forGood: whether it was confirmed that no journal can hold it.
    case deleteKey([UInt8], readmits: Bool, forGood: Bool = false)
    /// Look who is connected.
    case planKill(KillPlan.Selection)
    case kill(KillPlan, typed: String)
}

extension Act {
    /// Such as `delete cart:17`, escaped; nil for what only looks.
    var name: String? {
        switch self {
        case .findAccess, .planFlush, .planRepair, .undo(_, isDryRun: true, _), .findLayout, .listRevoked,
            .searchRevoked, .listJournals, .planKill:
            nil
        case .flush(let plan, _, _, _): "flush \(plan.scope.words)"
        case .repair(let plan, _, _): "repair \(plan.scope.words)"
        case .undo(let path, _, _): "undo \(Printable.escape(path))"
        case .revoke(let request):
            "revoke "
                + (request.tokens.count == 1
                    ? Printable.escape(request.tokens[0].id, limit: 80)
                    : Format.count(request.tokens.count, "token"))
        case .cutOff(let request, _): "cut off user \(Printable.escape(request.user, limit: 80))"
        case .unrevokeUser(let user, _): "let in user \(Printable.escape(user, limit: 80))"
        case .unrevoke(let id, _, _): "un-revoke \(Printable.escape(id, limit: 80))"
        case .rewriteLost: "write lost revocations again"
        case .setLifetime(let key, _, _): "TTL of \(Printable.escape(key, limit: 80))"
        case .deleteKey(let key, _, _): "delete \(Printable.escape(key, limit: 80))"
        case .kill(let plan, _): "kill \(Printable.escape(plan.selection.name, limit: 80))"
        }
    }

    /// The namespaces of which it may take keys away.
    func takenNamespaces(_ classifier: KeyClassifier) -> Set<String> {
        func name(of key: [UInt8]) -> String {
            classifier.classify(key).map { classifier.rules[$0.namespace].name }
                ?? NamespaceRule.rest(beside: classifier.rules)
        }
        return switch self {
        case .flush(let plan, _, _, _): plan.scope.namespaces(classifier)
        // What has too long a life gets a shorter one, and ends.
        case .repair(let plan, _, _): plan.scope.namespaces(classifier)
        case .setLifetime(let key, .some, _), .deleteKey(let key, _, _): [name(of: key)]
        case .unrevoke, .unrevokeUser: Set(classifier.rules.filter(\.protected).map(\.name))
        case .findAccess, .planFlush, .planRepair, .undo, .findLayout, .revoke, .listRevoked, .searchRevoked,
            .listJournals,
            .cutOff, .rewriteLost, .setLifetime(_, nil, _), .planKill, .kill:
            []
        }
    }

    /// Whether it changes something and takes its time: of these one begins when those before it are over.
    var isLong: Bool {
        switch self {
        case .flush, .repair, .undo(_, isDryRun: false, _): true
        default: false
        }
    }

    /// Whether it was confirmed for the servers that were there when its dialog was opened, and for no others.
    ///
    /// A token is revoked wherever the deployment is now.
    var isBoundToPlace: Bool {
        switch self {
        case .flush, .repair, .undo(_, isDryRun: false, _), .setLifetime, .deleteKey, .kill: true
        case .findAccess, .planFlush, .planRepair, .undo, .findLayout, .revoke, .listRevoked,
            .searchRevoked, .listJournals, .cutOff, .unrevoke, .unrevokeUser, .rewriteLost, .planKill:
            false
        }
    }
}
