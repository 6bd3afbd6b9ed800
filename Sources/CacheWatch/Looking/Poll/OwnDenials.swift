internal import CacheModel
internal import CacheWire

/// What servers have denied to us, which they count among the errors of all clients.
struct OwnDenials: Equatable, Sendable {
    /// Not seen among the server's errors yet, by prefix; those of before the latest poll apart, which are counted by now
    /// or never will be.
    private var older: [String: Int] = [:]
    private var newer: [String: Int] = [:]

    /// Of this poll, behind the server's figures.
    mutating func note(_ replies: [[UInt8]]) {
        for words in replies {
            guard let prefix = DenialPrefix.of(words) else { continue }
            // Over the wire they have been counted already.
            newer[prefix] = max(newer[prefix] ?? 0, replies.count { $0.starts(with: prefix.utf8) })
        }
    }

    /// Begins a poll.
    mutating func add(_ now: [String: Int], since then: [String: Int]) {
        older = newer
        newer = [:]
        for (prefix, count) in now {
            let rise = count -| (then[prefix] ?? 0)
            if rise > 0 { newer[prefix] = rise }
        }
    }

    /// Takes them out of rates, and remembers what the server has not counted yet.
    mutating func takeOut(of rates: inout [String: Double], over seconds: Double) {
        for prefix in DenialPrefix.all {
            guard let rate = rates[prefix] else { continue }
            let counted = (rate * seconds).rounded()
            let known = Double((older[prefix] ?? 0) +| (newer[prefix] ?? 0))
            let ours = min(counted, known)
            rates[prefix] = ours >= counted ? nil : rate - ours / seconds
            let left = max(0, known - ours)
            newer[prefix] = min(newer[prefix] ?? 0, left.whole)
        }
    }
}
