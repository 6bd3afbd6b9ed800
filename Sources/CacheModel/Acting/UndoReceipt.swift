public import RedisValues

/// What a journal gives back.
public struct UndoReceipt: Equatable, Sendable {
    public var header: JournalHeader
    /// Where to; nil before anybody has asked.
    public var place: UndoPlace?
    /// Keys in the journal.
    public var entries = 0
    /// Keys, or times to live, that are as they were.
    public var restored = 0
    /// Of them, found there afterwards.
    public var verified = 0
    /// Their time had passed.
    public var expired = 0
    /// There is such a key again, or the time to live was set anew; it was left alone.
    public var existing = 0
    /// Gone meanwhile: there is nothing to give a time to live to.
    public var missing = 0
    /// Refused by the server: as many, and its first words.
    public var failed = 0
    public var failure: String?
    /// Of a key that the flush has met twice, the older life; the newer one counts.
    public var superseded = 0
    /// Entries of which nobody knows whether the flush has removed their keys; they count as if it had.
    public var inDoubt = 0
    /// The same of the last ones, of a journal that does not tell how many they are.
    public var areLastInDoubt = false
    /// False where the journal has no end: the program was killed, was left while the server hung, or the file was cut.
    public var journalIsWhole = true
    /// Damaged blocks that were passed over.
    public var damagedBlocks = 0
    /// Keys that were in them; nil where the journal does not tell how many it had.
    public var lostKeys: Int?
    /// Whether what was sent last was never answered: more may be restored than is known.
    public var isUncertain = false
    /// Of a look alone: why the server would refuse it to this user.
    public var objection: String?
    public var outcome = OperationOutcome.done
    public var took = Duration.zero

    public init(header: JournalHeader) { self.header = header }

    /// Of a look alone: whether there is anything to bring back.
    public var canRestore: Bool { restored > 0 && objection == nil }

    /// True where all keys that were removed are back, as far as anybody can know.
    public var isWhole: Bool {
        outcome.isDone && failed == 0 && verified == restored && damagedBlocks == 0 && journalIsWhole
            && objection == nil
    }
}

/// A server and database that something is brought back into.
public struct UndoPlace: Equatable, Sendable {
    /// The URL without its secrets.
    public var target: String
    public var database: Int
    public var runID: String
    /// Those that hold keys there.
    public var servers: [ServerIdentity]

    public init(target: String, database: Int, runID: String, servers: [ServerIdentity] = []) {
        self.target = target
        self.database = database
        self.runID = runID
        self.servers = servers
    }

    /// True where the journal is of this database: what the servers say of themselves decides, and their name only where
    /// they do not say enough, and it is the name of somebody.
    public func isWhere(_ header: JournalHeader) -> Bool {
        guard database == header.database else { return false }
        return switch relation(to: header) {
        case .sameProcess, .restarted, .successor: true
        case .another: false
        case .unknown: TargetName.areSame(target, header.target) && !TargetName.namesNobody(target)
        }
    }

    /// What the servers here are to those of the journal: of several one is enough that is known again.
    private func relation(to header: JournalHeader) -> ServerRelation {
        let (ours, theirs) = (Set(runID.split(separator: ",")), Set(header.runID.split(separator: ",")))
        if !ours.isDisjoint(with: theirs) { return .sameProcess }
        let known = header.servers.filter { theirs.contains(($0.runID ?? "")[...]) }
        let relations = servers.flatMap { server in known.map { server.relation(to: $0) } }
        if let same = relations.first(where: \.sharesData) { return same }
        return !relations.isEmpty && relations.allSatisfy { $0 == .another } ? .another : .unknown
    }

    /// True where another server is known to answer under the journal's own name, which is nobody's: a tunnel leads
    /// elsewhere. Who names that name says nothing by it.
    private func isBehindTheSameName(_ header: JournalHeader) -> Bool {
        database == header.database && TargetName.areSame(target, header.target) && TargetName.namesNobody(target)
            && relation(to: header) == .another
    }

    /// Why nothing may be brought back here; nil where it may.
    ///
    /// - Parameters:
    ///   - isNamed: whether an option names the server that is meant.
    ///   - isAnotherMeant: whether it was said that another server is, whatever its name.
    public func objection(
        to header: JournalHeader, isNamed: Bool = false, isAnotherMeant: Bool = false
    ) -> String? {
        if isBehindTheSameName(header) {
            return isAnotherMeant
                ? nil : "\(words(of: header)); if it is meant all the same, say so with --into-another-server"
        }
        if isNamed || isWhere(header) { return nil }
        return "\(words(of: header)); name the server that is meant with --url or --config"
    }

    /// What is wrong with this place, for a journal that is not of it.
    public func words(of header: JournalHeader) -> String {
        let here = TargetName.areSame(target, header.target)
        if here, database == header.database {
            return relation(to: header) == .another
                ? "another server answers at \(target) than when the journal was written"
                : "whether the server at \(target) is the one that the journal is of is not known: it is another process, "
                    + "and the name is that of no server"
        }
        return "the journal is of \(header.target), and this is \(target)"
    }
}
