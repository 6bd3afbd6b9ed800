extension MemoryKeyspace {
    /// As ``IndexScript`` does it; false where the key holds something else.
    package mutating func list(_ member: [UInt8], in set: [UInt8], life: Duration, at now: WallTime) -> Bool {
        var members: Set<[UInt8]> = []
        switch value(of: set, at: now) {
        case nil: break
        case .set(let there): members = there
        default: return false
        }
        let rest = rest(of: set, at: now)
        members.insert(member)
        self.set(.set(members), of: set, until: Self.end(rest, life, now))
        return true
    }

    package mutating func unlist(_ member: [UInt8], from set: [UInt8], at now: WallTime) {
        guard case .set(var members) = value(of: set, at: now) else { return }
        members.remove(member)
        // A server keeps no empty set.
        if members.isEmpty { remove(set, at: now) } else { replace(.set(members), of: set, at: now) }
    }

    /// As ``RevocationScript`` does it; nil where there is no room for it.
    package mutating func revoke(
        _ key: [UInt8], _ record: [UInt8], life: Duration, at now: WallTime
    ) -> RevocationScript.Reply? {
        let before = rest(of: key, at: now)
        let holds = before.map { $0.map { $0 >= life } ?? true } ?? false
        if !holds, isAlien(key, at: now) {
            setEnd(now.adding(life), of: key)
        } else if !holds {
            guard hasRoom(for: key.count + record.count, at: now) else { return nil }
            set(.string(record), of: key, until: now.adding(life))
        }
        return RevocationScript.Reply(
            isUnchanged: holds, isThere: true, lifetime: Self.milliseconds(rest(of: key, at: now)))
    }

    /// Whether a key holds something else than a string.
    package mutating func isAlien(_ key: [UInt8], at now: WallTime) -> Bool {
        switch value(of: key, at: now) {
        case nil, .string: false
        case .hash, .set: true
        }
    }

    /// As ``CutOffScript`` does it for a key that holds a string or nothing; nil where there is no room for it.
    package mutating func cutOff(
        _ cutOff: CutOff, key: [UInt8], life: Duration, at now: WallTime
    ) -> CutOffScript.Reply? {
        var holds = false
        if case .string(let bytes) = value(of: key, at: now),
            let there = CutOff(user: cutOff.user, value: bytes), there.since >= cutOff.since
        {
            holds = true
        }
        let before = rest(of: key, at: now)
        guard before != nil || hasRoom(for: key.count + cutOff.value.utf8.count, at: now) else { return nil }
        if !holds { set(.string(Array(cutOff.value.utf8)), of: key, until: nil) }
        setEnd(Self.end(before, life, now), of: key)
        guard case .string(let bytes) = value(of: key, at: now) else { return nil }
        return CutOffScript.Reply(
            isUnchanged: holds, cutOff: CutOff(user: cutOff.user, value: bytes),
            lifetime: Self.milliseconds(rest(of: key, at: now)))
    }

    /// The later of what was and what is asked for; what stays for good stays so.
    private static func end(_ before: Duration??, _ life: Duration, _ now: WallTime) -> WallTime? {
        switch before {
        case nil: now.adding(life)
        case .some(nil): nil
        case .some(let rest?): now.adding(max(rest, life))
        }
    }

    /// As PTTL tells it.
    private static func milliseconds(_ rest: Duration??) -> Int64 {
        switch rest {
        case nil: -2
        case .some(nil): -1
        case .some(let rest?): rest.wholeMilliseconds
        }
    }
}
