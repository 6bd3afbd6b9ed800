internal import CacheCore
internal import CacheModel

extension FlushCourse {
    /// How much goes into one flight.
    struct Limits: Sendable {
        /// Keys of one UNLINK, which the server does without a pause.
        var keysPerUnlink = 64
        /// Of values that are dumped in one flight, by `MEMORY USAGE`.
        var dumpBytes = 4 << 20
        var largestValue = LargeKeys.largestValue
        /// Values that wait for their dump before the walk goes on.
        var waiting = 4096
        /// Keys, and bytes of values, that the server compares and removes without a pause.
        var keysPerComparison = 64
        var comparedBytes = 256 << 10
        /// How often a key is dumped that is written to before it can be removed.
        var tries = 8
        /// A command may name keys of one slot only, and any of them may be on its way to another node.
        var isCluster = false

        init(pace: SweepPace, isCluster: Bool) {
            if pace == .fast { (keysPerUnlink, dumpBytes, comparedBytes) = (512, 8 << 20, 1 << 20) }
            self.isCluster = isCluster
        }
    }
}
