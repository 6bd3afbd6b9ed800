/// The places of what ``SweepScript`` says of one head, in their order.
enum SweepHead: Int, CaseIterable {
    case name
    // Sums: keys, the bytes of those whose size is known, and how many they are.
    case keys, bytes, sized
    // Keys whose lifetime is known, those that never expire, those of them whose size is known, and their bytes.
    case timed, never, lasting, lastingBytes
}

/// The places of what ``SweepScript`` says of one group, in their order.
enum SweepRow: Int, CaseIterable {
    /// A namespace, counted from 1; the last one is for keys of none.
    case group
    // Sums.
    case keys, examined, bytes, timed, never, aboveContract, watched, idle, watchedBytes, idleBytes, hits, misses
    /// A bin and its count in turn.
    case sizes, lifetimes
    /// The number of a type, counted from 1, and its count in turn.
    case types
    /// How keys of the group begin.
    case layouts
    /// A key, its bytes and the number of its type, 0 where nobody asked, in turn.
    case biggest
    /// A key and its lifetime in seconds, -1 where it never expires, in turn.
    case breaches
}
