internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What one flight of a flush carries, and what it brings back.
extension FlushCourse {
    /// What a flight carries beyond the guard.
    struct Load: Sendable {
        var scans = false
        var removed: [Candidate] = []
        /// How many of them each command takes.
        var chunks: [Int] = []
        var measured: [Candidate] = []
        var dumped: [Candidate] = []
    }

    /// What a flight has brought for the journal.
    struct Digest: Sendable {
        var entries: [JournalEntry] = []
        var takenAt = JournalTime(WallTime(seconds: 0))
        /// Entries of before whose keys were not removed after all: written to, or gone by themselves.
        var withdrawn: [JournalPlace] = []
        /// Of the entries up to this block it is known what became of them; nil for no more than before.
        var settled: UInt32?
    }

    /// A flight that has come back and is not summed up yet.
    struct Landed: Sendable {
        var load: Load
        var replies: ReplyArena
        /// From when on times to live count.
        var at: JournalTime
        /// How long the flight was under way, in milliseconds.
        var took: Int64
        /// Behind the guard and the page of SCAN.
        var position: Int
        var page: ScanPage?
    }
}
