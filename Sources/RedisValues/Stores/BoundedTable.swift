/// A table of so many entries and bytes at most: what was not used for the longest time makes room.
///
/// Every operation takes the same time, however many entries there are.
public struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot {
        var key: Key
        var value: Value
        var bytes: Int
        /// Gone from then on; nil never.
        var end: WallTime?
        /// Used just before, and just after it; -1 where there is none.
        var older: Int
        var newer: Int
    }

    public let entries: Int
    public let bytes: Int
    /// What all entries take.
    public private(set) var size = 0
    /// How many had to make room.
    public private(set) var evictions = 0
    private var places: [Key: Int] = [:]
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var oldest = -1
    private var newest = -1

    /// - Parameters:
    ///   - entries: at most; one at least.
    ///   - bytes: of all entries at most.
    public init(entries: Int, bytes: Int) {
        (self.entries, self.bytes) = (max(1, entries), max(0, bytes))
    }

    /// Those whose time has run out and that nobody has asked for since are among them.
    public var count: Int { places.count }
    public var keys: [Key] { Array(places.keys) }

    /// What is there, which is used by this.
    public mutating func value(of key: Key, at now: WallTime) -> Value? {
        guard let place = livePlace(of: key, at: now) else { return nil }
        unlink(place)
        link(place)
        return slots[place]?.value
    }

    /// Until when it is there.
    ///
    /// - Returns: nil for what is not there, and `.some(nil)` for what stays.
    public mutating func end(of key: Key, at now: WallTime) -> WallTime?? {
        livePlace(of: key, at: now).map { slots[$0]?.end }
    }

    /// Puts it there, in place of what was; what alone is too large is not kept.
    ///
    /// - Parameter bytes: what it takes.
    public mutating func set(_ value: Value, of key: Key, bytes: Int, until end: WallTime?) {
        remove(key)
        guard bytes <= self.bytes else { return }
        let slot = Slot(key: key, value: value, bytes: bytes, end: end, older: -1, newer: -1)
        let place: Int
        if let last = free.popLast() {
            place = last
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        places[key] = place
        link(place)
        size +|= bytes
        while size > self.bytes || places.count > entries, let victim = slots[oldest] {
            remove(victim.key)
            evictions += 1
        }
    }

    /// Changes until when it is there.
    public mutating func setEnd(_ end: WallTime?, of key: Key) {
        guard let place = places[key] else { return }
        slots[place]?.end = end
    }

    @discardableResult
    public mutating func remove(_ key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key), let slot = slots[place] else { return nil }
        unlink(place)
        slots[place] = nil
        free.append(place)
        size -|= slot.bytes
        return slot.value
    }

    private mutating func livePlace(of key: Key, at now: WallTime) -> Int? {
        guard let place = places[key] else { return nil }
        if let end = slots[place]?.end, end <= now {
            remove(key)
            return nil
        }
        return place
    }

    private mutating func link(_ place: Int) {
        slots[place]?.older = newest
        slots[place]?.newer = -1
        if newest >= 0 { slots[newest]?.newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        guard let slot = slots[place] else { return }
        if slot.older >= 0 { slots[slot.older]?.newer = slot.newer } else { oldest = slot.newer }
        if slot.newer >= 0 { slots[slot.newer]?.older = slot.older } else { newest = slot.older }
    }
}
