internal import CacheWire
internal import RedisValues

struct CartKeys: Sendable {
    static let namespace = "cart"
    let keyPrefix: String

    func key(_ owner: CartOwner) throws(CacheError) -> [UInt8] {
        switch owner {
        case .user(let id): Array("\(keyPrefix)cart:user:".utf8) + (try StoreInput.id(id))
        case .guest(let token): Array("\(keyPrefix)cart:guest:".utf8) + (try StoreInput.id(token))
        }
    }
}

struct Carts<Value: Codable & Sendable>: Sendable {
    let store: VersionedStore<Value>
    let keys: CartKeys

    /// How often a user may write between our look and our write.
    private static var patience: Int { 8 }

    /// The keys of the two may lie on two nodes, so that no script sees both. What makes it happen once is the note in the
    /// user's cart of which version of the guest's it has taken in: it is written with the lines, and stays for as long as
    /// the cart, for whoever has the guest's in hand.
    func merge(
        guest token: String, into user: String, _ combine: @Sendable (Value, Value?) -> Value
    ) async throws(CacheError) -> SaveOutcome<Value>? {
        let (guestKey, userKey) = (try keys.key(.guest(token)), try keys.key(.user(user)))
        let owner = Array(user.utf8)
        let taken = try await store.ground.take(guestKey, for: owner)
        guard case .there(let contents) = taken, let guest = store.value(in: taken, at: guestKey) else { return nil }
        let note = VersionedHash.Note(
            field: Array("taken_in:\(token)".utf8), value: Array(String(contents.version).utf8))
        var latest: SaveOutcome<Value> = .conflict(nil)
        for _ in 0..<Self.patience {
            latest = try await takeIn(guest.value, userKey, note, combine)
            switch latest {
            case .saved:
                try await store.ground.removeTaken(guestKey, by: owner)
                return latest
            case .conflict(nil): return latest
            case .conflict, .gone: continue
            }
        }
        return latest
    }

    /// One try.
    private func takeIn(
        _ guest: Value, _ key: [UInt8], _ note: VersionedHash.Note, _ combine: @Sendable (Value, Value?) -> Value
    ) async throws(CacheError) -> SaveOutcome<Value> {
        let reading = try await store.ground.read(key, life: store.life, note: note.field)
        switch reading {
        case .gone: return try await store.create(combine(guest, nil), at: key, note)
        case .alien: return .conflict(nil)
        case .there(let contents):
            guard let there = store.value(in: reading, at: key) else { return .conflict(nil) }
            if contents.note == note.value { return .saved(there) }
            return try await store.save(combine(guest, there.value), over: there.version, at: key, note)
        }
    }
}
