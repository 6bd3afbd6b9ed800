extension MemoryKeyspace {
    /// The script *window*: counts up, and gives an end to what has none.
    package mutating func countUp(_ key: [UInt8], window: Duration, at now: WallTime) -> LimitCount {
        var count = 0
        switch value(of: key, at: now) {
        case nil: break
        case .string(let bytes):
            guard let number = Self.number(bytes) else { return .undecodable }
            count = number
        case .hash, .set: return .wrongType
        }
        count +|= 1
        var left = rest(of: key, at: now) ?? nil
        if count == 1 { left = nil }
        let lasting = left ?? window
        set(.string(Array(String(count).utf8)), of: key, until: now.adding(lasting))
        return .counted(count, rest: lasting)
    }

    /// How much was counted; nil for what is not there or holds no number.
    package mutating func count(of key: [UInt8], at now: WallTime) -> Int? {
        guard case .string(let bytes) = value(of: key, at: now) else { return nil }
        return Self.number(bytes)
    }

    /// The script *rate*.
    package mutating func spend(_ key: [UInt8], _ rate: GCRA, at now: WallTime) -> LimitCount {
        var kept: Int64?
        switch value(of: key, at: now) {
        case nil: break
        case .string(let bytes): kept = Self.number(bytes).map(Int64.init)
        case .hash, .set: return .wrongType
        }
        let decision = rate.decide(kept: kept, now: now.milliseconds *| 1000)
        if let instant = decision.instant {
            let end = now.adding(.milliseconds(decision.rest))
            set(.string(Array(String(instant).utf8)), of: key, until: end)
        }
        return .decided(decision)
    }

    private static func number(_ bytes: [UInt8]) -> Int? {
        String(validating: bytes, as: UTF8.self).flatMap { Int($0) }
    }
}
