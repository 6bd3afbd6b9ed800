internal import CacheCore
internal import CacheModel

extension FlushCourse {
    /// A key on its way from its dump to its end.
    struct Candidate: Sendable {
        var key: [UInt8]
        /// By `MEMORY USAGE`.
        var bytes = 0
        /// Of the cluster; outside of one they are all in the same.
        var slot = 0
        /// The node says that the slot is not its own: it may be taking it in just now.
        var asks = false
        /// How often it was dumped.
        var tries = 0
        var digest: [UInt8] = []
        /// nil where the server does not tell its time.
        var expiry: ComparedRemoval.Expiry?
        var place = JournalPlace(sequence: 0, index: 0)
        /// No journal can hold it, and it goes all the same.
        var isForGood = false

        var copy: ComparedRemoval.Copy {
            ComparedRemoval.Copy(key: key, digest: digest, expiry: expiry, place: place)
        }
    }

    /// Keys that stay, each counted once however often it is met.
    struct Stays: Sendable {
        /// Too large for a journal.
        var kept: Set<[UInt8]> = []
        /// Written to each time before they could be removed.
        var busy: Set<[UInt8]> = []
    }
}
