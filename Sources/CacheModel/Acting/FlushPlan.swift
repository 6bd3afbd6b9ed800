internal import RedisValues

/// What a flush would remove: counted, not guessed.
public struct FlushPlan: Equatable, Sendable {
    /// Keys that begin alike.
    public struct Part: Equatable, Sendable {
        /// With its separator, escaped; empty for keys without a prefix.
        public var prefix: String
        public var keys: Int
        /// Whose keys they are, where that is not what was asked for.
        public var namespace: String?

        public init(prefix: String, keys: Int, namespace: String? = nil) {
            self.prefix = prefix
            self.keys = keys
            self.namespace = namespace
        }
    }

    public var scope: KeyScope
    /// Needs a second confirmation.
    public var protected: Bool
    /// The protected namespaces of which a prefix or a pattern may take keys.
    public var reached: [String] = []
    /// Those of the keys that no journal can hold.
    public var large = LargeKeys()
    public var target: String
    public var database: Int
    /// Those that hold keys and take writes; one at least.
    public var nodes: [NodeIdentity]
    /// Most keys first.
    public var parts: [Part] = []
    /// nil where nothing was counted.
    public var keys: Int?
    /// Sum of `MEMORY USAGE`; nil where it is denied or nothing was counted.
    public var bytes: Int?
    /// What follows for people, a line for each namespace whose keys go; empty where nobody has said so.
    public var consequences: [String] = []
    /// A key that is named exactly like a prefix: it stays.
    public var namesakes: [String] = []
    /// Keys of the whole database.
    public var total = 0
    /// Why an undo would be refused to this user; nil where it would not be.
    public var undoObjection: String?
    /// It is one node of a cluster: what the others hold is not counted.
    public var isPart = false
    public var took = Duration.zero
    public var receipt = Receipt()

    public init(scope: KeyScope, protected: Bool, target: String, database: Int, nodes: [NodeIdentity]) {
        self.scope = scope
        self.protected = protected
        self.target = target
        self.database = database
        self.nodes = nodes
    }

    /// Bytes that the journal may take: values are smaller when dumped than in memory, names and frames are added.
    public var journalEstimate: Int? {
        guard let bytes, let keys else { return nil }
        let (names, overflows) = keys.multipliedReportingOverflow(by: 40)
        return overflows ? .max : max(0, bytes -| large.bytes) +| names
    }

    /// Works out what follows, by what was counted.
    ///
    /// - Parameter rules: those of the deployment.
    public mutating func noteConsequences(_ rules: [NamespaceRule]) {
        var counts: [String: Int] = [:]
        for part in parts { if let name = part.namespace { counts[name] = (counts[name] ?? 0) +| part.keys } }
        if case .namespace(let name) = scope { counts = [name: keys ?? 0] }
        consequences = rules.compactMap { rule in
            guard let keys = counts[rule.name], keys > 0 else { return nil }
            return rule.consequence(of: Format.count(keys))
        }
    }

    /// Keys that go; nil where nothing was counted.
    ///
    /// - Parameter forGood: whether those go, too, that no journal can hold.
    public func removable(forGood: Bool) -> Int? {
        keys.map { max(0, $0 -| (forGood ? large.leftOut : large.count)) }
    }

    /// What a second confirmation has to say, word for word.
    public static let readmission = "readmit revoked tokens"
    /// How it is given, for people.
    public static let secondWord = "\"\(readmission)\" (--readmit-revoked-tokens)"
}

/// What an operator has said.
public struct FlushConfirmation: Equatable, Sendable {
    /// The namespace's name, the prefix or the pattern, as it was typed.
    public var typed: String
    /// That revoked tokens may be let in again.
    public var readmits: Bool
    /// What was typed for the keys that no journal can hold; nil where they stay.
    public var forGood: String?

    public init(typed: String, readmits: Bool = false, forGood: String? = nil) {
        self.typed = typed
        self.readmits = readmits
        self.forGood = forGood
    }

    /// Why this is not enough for a plan; nil where it is.
    public func objection(to plan: FlushPlan) -> String? {
        if !plan.scope.isNamed(by: typed) {
            return "the confirmation must be \(plan.scope.typedWords), \"\(plan.scope.name)\""
        }
        if plan.protected, !readmits {
            return "\(plan.protection); it takes a second word, \(FlushPlan.secondWord)"
        }
        if let forGood, !plan.large.isEmpty, !plan.large.isNamed(by: forGood) {
            return "what no journal can hold is removed for good where \"\(plan.large.due)\" is typed for it"
        }
        return nil
    }
}

extension FlushPlan {
    /// Why it takes a second confirmation.
    public var protection: String {
        guard scope.glob != nil else {
            return "\(scope.words) is protected: without its keys every revoked token is let in again until it expires"
        }
        let names = reached.isEmpty ? "a protected namespace" : reached.joined(separator: ", ")
        return
            "\(scope.words) may take keys of \(names), which is protected: without them every revoked token is let in "
            + "again until it expires"
    }
}

/// What a flush has done.
public struct FlushReceipt: Equatable, Sendable {
    public var scope: KeyScope
    /// Keys that `UNLINK` removed.
    public var removed = 0
    /// Keys that had gone by themselves before their turn.
    public var vanished = 0
    /// Keys that stay since the journal cannot hold them, escaped, a few.
    public var kept: [String] = []
    public var keptCount = 0
    /// Keys that were removed though no journal can hold them, escaped, a few; nothing brings them back.
    public var forGood: [NotedKey] = []
    public var forGoodCount = 0
    public var forGoodBytes = 0
    /// Keys that stay since they were written to each time before they could be removed, escaped, a few.
    public var busy: [String] = []
    public var busyCount = 0
    /// False where the server compares nothing: what was written between a key's copy and its removal is gone.
    public var comparesWrites = true
    /// Keys whose removal was under way and never answered; the journal has them, where there is one.
    public var uncertain = 0
    /// The same of keys that no journal can hold, on whichever primary it was.
    public var uncertainForGood = 0
    /// nil where it was declined.
    public var journal: String?
    /// What to type to bring the keys back.
    public var undo: String?
    /// Why the server would refuse that to this user; nil where it would not.
    public var undoObjection: String?
    public var journalBytes = 0
    public var journalKeys = 0
    public var outcome = OperationOutcome.done
    /// Primaries on which it went on after the one before was lost.
    public var continuedOn: [String] = []
    public var took = Duration.zero
    public var receipt = Receipt()

    public init(scope: KeyScope) { self.scope = scope }

    public var isWhole: Bool { outcome.isDone && keptCount + busyCount + uncertainForGood == 0 }

    /// True where not a single key was removed, as far as anybody knows.
    public var isNothing: Bool { removed + uncertain + uncertainForGood == 0 }
}
