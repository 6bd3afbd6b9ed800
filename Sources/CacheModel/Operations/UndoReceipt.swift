/// What a journal gives back.
public struct UndoReceipt: Equatable, Sendable {
    public var header: JournalHeader
    /// Keys in the journal.
    public var entries = 0
    /// Keys, or times to live, that are as they were.
    public var restored = 0
    /// Of them, found there afterwards.
    public var verified = 0
    /// Their time had passed.
    public var expired = 0
    /// There is such a key again; it was left alone.
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
