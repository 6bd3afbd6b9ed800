/// What a key of a ``MemoryKeyspace`` holds.
public enum MemoryValue: Equatable, Sendable {
    case string([UInt8])
    case hash([[UInt8]: [UInt8]])
    case set(Set<[UInt8]>)

    /// Without what tables need for themselves.
    public var bytes: Int {
        switch self {
        case .string(let bytes): bytes.count
        case .hash(let fields): fields.reduce(into: 0) { $0 +|= $1.key.count +| $1.value.count }
        case .set(let members): members.reduce(into: 0) { $0 +|= $1.count }
        }
    }
}

/// Keys with values and ends, as a server has them, within bounds: what the in-memory twins of the stores stand on.
public struct MemoryKeyspace: Sendable {
    private var table: BoundedTable<[UInt8], MemoryValue>

    public init(entries: Int, bytes: Int) { table = BoundedTable(entries: entries, bytes: bytes) }

    public var count: Int { table.count }
    public var evictions: Int { table.evictions }

    /// Whether one more fits without another having to make room.
    package mutating func hasRoom(for bytes: Int, at now: WallTime) -> Bool {
        var fits: Bool { table.count < table.entries && table.size +| bytes <= table.bytes }
        if fits { return true }
        // What has expired goes when it is asked for.
        _ = keys(at: now)
        return fits
    }

    /// Keys that are there.
    public mutating func keys(at now: WallTime) -> [[UInt8]] {
        table.keys.filter { table.end(of: $0, at: now) != nil }
    }

    public mutating func value(of key: [UInt8], at now: WallTime) -> MemoryValue? { table.value(of: key, at: now) }

    /// As `PTTL` tells it.
    ///
    /// - Returns: nil for a key that is not there, and `.some(nil)` for one that never expires.
    public mutating func rest(of key: [UInt8], at now: WallTime) -> Duration?? {
        table.end(of: key, at: now).map { $0.map { $0 - now } }
    }

    /// - Parameter end: nil for never.
    public mutating func set(_ value: MemoryValue, of key: [UInt8], until end: WallTime?) {
        table.set(value, of: key, bytes: key.count +| value.bytes, until: end)
    }

    /// The value anew, to end when the old one would have.
    public mutating func replace(_ value: MemoryValue, of key: [UInt8], at now: WallTime) {
        let end = table.end(of: key, at: now) ?? nil
        set(value, of: key, until: end)
    }

    public mutating func setEnd(_ end: WallTime?, of key: [UInt8]) { table.setEnd(end, of: key) }

    /// - Returns: whether it was there.
    @discardableResult
    public mutating func remove(_ key: [UInt8], at now: WallTime) -> Bool {
        let isThere = table.end(of: key, at: now) != nil
        table.remove(key)
        return isThere
    }
}
