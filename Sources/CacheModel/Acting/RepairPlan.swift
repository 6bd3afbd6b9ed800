internal import RedisValues

/// Keys of a namespace that break its contract, and what would mend them.
public struct RepairPlan: Equatable, Sendable {
    public var scope: KeyScope
    public var protected: Bool
    public var target: String
    public var database: Int
    /// Those that hold keys and take writes; one at least.
    public var nodes: [NodeIdentity]
    /// What keys get at most.
    public var maximumTTL: Duration
    /// False where neither contract nor operator says how much is too much.
    public var shortens = true
    /// Keys without a TTL where one is due.
    public var withoutTTL = 0
    /// Keys with more than the contract allows.
    public var above = 0
    /// Whose keys both are, most first.
    public var parts: [FlushPlan.Part] = []
    /// A few of both.
    public var examples: [NotedKey] = []
    public var examined = 0
    /// Why an undo would be refused to this user; nil where it would not be.
    public var undoObjection: String?
    /// It is one node of a cluster: what the others hold is not looked at.
    public var isPart = false
    public var took = Duration.zero

    public init(
        scope: KeyScope, protected: Bool, target: String, database: Int, nodes: [NodeIdentity], maximumTTL: Duration
    ) {
        self.scope = scope
        self.protected = protected
        self.target = target
        self.database = database
        self.nodes = nodes
        self.maximumTTL = maximumTTL
    }

    public var breaches: Int { withoutTTL + above }
}

/// What a repair has done.
public struct RepairReceipt: Equatable, Sendable {
    public var scope: KeyScope
    /// Keys that were given a TTL.
    public var given = 0
    /// Keys whose TTL was shortened.
    public var shortened = 0
    /// Keys that were gone, or had been mended meanwhile.
    public var unchanged = 0
    public var journal: String?
    /// What to type to bring the old times to live back.
    public var undo: String?
    /// Why the server would refuse that to this user; nil where it would not.
    public var undoObjection: String?
    /// Whether what was sent last was never answered: more may be changed than is known.
    public var isUncertain = false
    public var outcome = OperationOutcome.done
    public var took = Duration.zero

    public init(scope: KeyScope) { self.scope = scope }

    /// True where not a single key was changed, as far as anybody knows.
    public var isNothing: Bool { given + shortened == 0 && !isUncertain }
}
