internal import CacheWire
internal import RedisValues

/// What sessions and carts have in common: values with versions, whose life begins anew whenever they are used.
struct VersionedStore<Value: Codable & Sendable>: Sendable {
    let ground: any VersionedGround
    let notes: StoreNotes
    let clock: any StoreClock
    let life: Duration

    init(_ ground: any VersionedGround, _ notes: StoreNotes, _ clock: any StoreClock, life: Duration) throws(CacheError)
    {
        (self.ground, self.notes, self.clock) = (ground, notes, clock)
        self.life = try StoreInput.life(life)
    }

    func create(
        _ value: Value, at key: [UInt8], _ note: VersionedHash.Note? = nil
    ) async throws(CacheError) -> SaveOutcome<Value> {
        let contents = VersionedHash.Contents(version: firstVersion, data: try StoreJSON.encode(value))
        return outcome(try await ground.create(key, contents, life: life, note), value)
    }

    func read(_ key: [UInt8]) async throws(CacheError) -> Versioned<Value>? {
        value(in: try await ground.read(key, life: life, note: nil), at: key)
    }

    func save(
        _ value: Value, over version: Int64, at key: [UInt8], _ note: VersionedHash.Note? = nil
    ) async throws(CacheError) -> SaveOutcome<Value> {
        let contents = VersionedHash.Contents(version: version, data: try StoreJSON.encode(value))
        return outcome(try await ground.save(key, contents, life: life, note), value)
    }

    func remove(_ key: [UInt8]) async throws(CacheError) -> Bool { try await ground.remove(key) }

    /// Of two values that stand under one key one after the other, none has a version of the other: a request that still
    /// has the first one in hand does not overwrite the second.
    private var firstVersion: Int64 { clock.now.milliseconds *| 1000 +| Int64.random(in: 0..<1000) }

    private func outcome(_ writing: VersionedHash.Writing, _ value: Value) -> SaveOutcome<Value> {
        switch writing {
        case .written(let version): .saved(Versioned(value, version: version))
        case .differs(let reading): .conflict(understood(reading))
        case .gone: .gone
        }
    }

    /// Counts what was found.
    func value(in reading: VersionedHash.Reading, at key: [UInt8]) -> Versioned<Value>? {
        let value = understood(reading)
        notes.count(value == nil ? .misses : .hits)
        if value == nil, reading != .gone { notes.count(.undecodable) }
        if reading == .alien { notes.wrongType(key) }
        return value
    }

    private func understood(_ reading: VersionedHash.Reading) -> Versioned<Value>? {
        guard case .there(let contents) = reading, let value = StoreJSON.decode(contents.data, as: Value.self) else {
            return nil
        }
        return Versioned(value, version: contents.version)
    }
}
