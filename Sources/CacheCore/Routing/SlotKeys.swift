package import CacheWire
internal import RedisValues

/// Lists the keys of slots, for whoever goes after what has moved between nodes.
package enum SlotKeys {
    /// As many slots are asked for in one flight.
    package static let slotsAtOnce = 128
    /// Of one slot; whoever has more has one hash tag for all of them.
    private static let most = 1_000_000

    /// - Returns: the keys, also those that are there in part of a move.
    /// - Throws: ``CacheError``.
    package static func list(_ slots: some Collection<Int>, on session: Session) async throws(CacheError)
        -> [[UInt8]]
    {
        let replies = try await session.ask(slots.map { Command("CLUSTER", "GETKEYSINSLOT", String($0), String(most)) })
        var keys: [[UInt8]] = []
        for reply in replies {
            let names = try reply.reading { reply throws(RESPShapeError) in try reply.array }
            // What is not listed whole would be missed without a word.
            guard names.count < most else {
                throw .refused(Refusal(.slotsMoving, detail: "one of them holds \(Format.count(most, "key")) or more"))
            }
            keys += names.compactMap { try? $0.bytes }
        }
        return keys
    }
}

extension Array {
    /// In parts of so many elements.
    package func parts(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
