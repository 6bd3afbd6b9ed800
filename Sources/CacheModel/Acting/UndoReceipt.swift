internal import RedisValues

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
    /// False where the journal has no end: the program was killed, or the file cut.
    public var journalIsWhole = true
    /// Damaged blocks that were passed over.
    public var damagedBlocks = 0
    public var outcome = OperationOutcome.done
    public var took = Duration.zero

    public init(header: JournalHeader) { self.header = header }

    public var isWhole: Bool { outcome.isDone && failed == 0 && verified == restored && damagedBlocks == 0 }
}

/// A server and database that something is brought back into.
public struct UndoPlace: Equatable, Sendable {
    /// The URL without its secrets.
    public var target: String
    public var database: Int
    public var runID: String

    public init(target: String, database: Int, runID: String) {
        self.target = target
        self.database = database
        self.runID = runID
    }

    /// True where the journal is of this database: the same process, or the same address after a restart.
    public func isWhere(_ header: JournalHeader) -> Bool {
        guard database == header.database else { return false }
        // Of a cluster there are several.
        let (ours, theirs) = (Set(runID.split(separator: ",")), Set(header.runID.split(separator: ",")))
        return !ours.isDisjoint(with: theirs) || TargetName.areSame(target, header.target)
    }

    /// Why nothing may be brought back here unasked; nil where it may.
    public func objection(to header: JournalHeader) -> String? {
        if isWhere(header) { return nil }
        return
            "the journal is of \(header.target), and this is \(target); "
            + "name the server that is meant with --url or --config"
    }
}
