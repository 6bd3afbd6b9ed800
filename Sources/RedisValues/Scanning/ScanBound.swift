/// Tells a SCAN that comes to no end from one that takes long.
///
/// The cursors of Redis and Valkey count up in the reversed order of their bits, so that they tell how much of the
/// table has been walked over: while that rises, a walk is believed, unless at its pace it would take days. Of cursors
/// that jump nobody knows that; there, far more places than there are keys are an end, and so is a time that no walk
/// takes, once all keys can have been met: until then, whoever rests between its steps, or reads, is waited for. A
/// cursor that comes again is an end in any case: from there on all would come again.
///
/// Source: `dictScan` in dict.c of Redis, `addDictIndexToCursor` in kvstore.c of Redis 7.4 and Valkey 8, which put the
/// slot in front, and `hashtableScan` in hashtable.c of Valkey 9; R. P. Brent, "An improved Monte Carlo factorization
/// algorithm", BIT 1980, for the cycle.
package struct ScanBound: Equatable, Sendable {
    /// nil where nobody tells.
    private let keys: Int?
    private var began: ContinuousClock.Instant?
    /// Asked for so far, and keys that came.
    private var places = 0
    private var met = 0
    // Brent's: a cursor of before, and how many steps it is kept for.
    private var anchor: UInt64?
    private var steps = 0
    private var kept = 1
    /// How far it has come, by both ways of counting; nil once it fell.
    private var table: UInt64? = 0
    private var slots: SlotShare? = SlotShare(0)

    /// More keys than that no server holds.
    private static let mostKeys = 1 << 40
    /// Places that may be asked for in any case, at once and within two seconds, and for each key.
    private static let somePlaces = 1 << 16
    private static let fewPlaces = 1 << 10
    private static let shortest = Duration.seconds(2)
    private static let placesPerKey = 16
    /// What a walk may take that cannot be shown to come nearer to its end.
    private static let someTime = Duration.seconds(600)
    private static let timePerKey = Duration.microseconds(100)
    private static let longest = Duration.seconds(86_400)

    /// - Parameter keys: of the database, as `DBSIZE` has it; nil where it is not known.
    package init(keys: Int?) { self.keys = keys.flatMap { $0 > Self.mostKeys ? nil : max(0, $0) } }

    /// Whether the cursors so far are in an order that shows how far the walk has come.
    package var isOrdered: Bool { table != nil || slots != nil }

    /// Takes a cursor that was answered and is not the end.
    ///
    /// - Parameters:
    ///   - places: that were asked for, `COUNT`.
    ///   - found: keys that came with it.
    ///   - isFiltered: the server leaves keys out, `MATCH`: how many have come tells nothing of how many there are.
    ///   - now: when the answer came.
    /// - Returns: why the walk comes to no end; nil while it may.
    package mutating func note(
        _ cursor: some Collection<UInt8>, places: Int, found: Int, isFiltered: Bool = false,
        at now: ContinuousClock.Instant
    ) -> Refusal? {
        let number = Self.number(cursor)
        let start = began ?? now
        began = start
        self.places +|= max(places, found)
        met +|= found
        noteOrder(number)
        if comesAgain(number) { return refusal("its cursor \(Printable.escape(cursor, limit: 20)) comes again") }
        let isEndless = goesOnForEver(after: now - start, isFiltered: isFiltered)
        return isEndless ? refusal("it does not come nearer to its end") : nil
    }

    /// Leaves out time in which nobody walked.
    package mutating func leaveOut(_ gap: Duration) { began = began.map { $0 + max(.zero, gap) } }

    private func refusal(_ words: String) -> Refusal {
        let size = keys.map { " of \(Format.count($0, "key"))" } ?? ""
        return Refusal(.endlessScan, detail: "\(words), after \(Format.count(places)) places\(size)")
    }

    private mutating func noteOrder(_ number: UInt64) {
        let position = number.bitsReversed
        table = table.flatMap { $0 < position ? position : nil }
        let share = SlotShare(number)
        slots = slots.flatMap { $0 < share ? share : nil }
    }

    private mutating func comesAgain(_ number: UInt64) -> Bool {
        if number == anchor { return true }
        steps += 1
        if steps == kept { (anchor, steps, kept) = (number, 0, kept &* 2) }
        return false
    }

    /// What there is to walk over, as far as anybody can say; nil where nobody can.
    private func size(isFiltered: Bool) -> Int? {
        if isFiltered { return keys ?? (isOrdered ? met : nil) }
        // Whose cursors jump has to show the keys that it has.
        return isOrdered ? keys ?? met : min(keys ?? met, met)
    }

    /// What a walk whose cursors jump may take.
    private var patience: Duration {
        guard let keys else { return Self.someTime }
        // It cannot have met all keys yet.
        if places < 2 * keys + Self.fewPlaces { return Self.longest }
        return min(Self.longest, Self.someTime + Self.timePerKey * Double(keys))
    }

    private func goesOnForEver(after time: Duration, isFiltered: Bool) -> Bool {
        guard let known = size(isFiltered: isFiltered) else { return time > Self.someTime }
        let size = min(Self.mostKeys, known)
        let beyond = places - Self.placesPerKey * size
        if !isOrdered, beyond > Self.fewPlaces, time > Self.shortest { return true }
        guard beyond > Self.somePlaces else {
            return !isOrdered && time > patience
        }
        guard isOrdered else { return true }
        // A table that has been far larger is walked over as a whole.
        let share = max(table.map { Double($0) / 0x1p64 } ?? 0, slots?.share ?? 0)
        return time > .seconds(60) && time / Self.longest > share
    }

    /// Whatever it is, the same for the same.
    private static func number(_ cursor: some Collection<UInt8>) -> UInt64 {
        cursor.reduce(0) { $0 &* 10 &+ UInt64($1 &- 0x30) }
    }

    /// How far a walk over slot after slot has come: the cursor's lowest bits are the slot, the others the place in it.
    private struct SlotShare: Equatable, Sendable {
        let slot: UInt64
        let place: UInt64

        init(_ cursor: UInt64) {
            (slot, place) = (cursor % UInt64(KeySlot.count), (cursor / UInt64(KeySlot.count)).bitsReversed)
        }

        static func < (left: SlotShare, right: SlotShare) -> Bool {
            (left.slot, left.place) < (right.slot, right.place)
        }

        var share: Double { (Double(slot) + Double(place) / 0x1p64) / Double(KeySlot.count) }
    }
}

extension UInt64 {
    /// The first bit is the last one.
    fileprivate var bitsReversed: UInt64 {
        var bits = byteSwapped
        bits = bits >> 4 & 0x0f0f_0f0f_0f0f_0f0f | (bits & 0x0f0f_0f0f_0f0f_0f0f) << 4
        bits = bits >> 2 & 0x3333_3333_3333_3333 | (bits & 0x3333_3333_3333_3333) << 2
        return bits >> 1 & 0x5555_5555_5555_5555 | (bits & 0x5555_5555_5555_5555) << 1
    }
}
