internal import CacheWire
internal import RedisValues

/// Where versioned values stand: a server, or this process.
protocol VersionedGround: Sendable {
    typealias Note = VersionedHash.Note
    typealias Contents = VersionedHash.Contents
    typealias Reading = VersionedHash.Reading
    typealias Writing = VersionedHash.Writing

    /// What is there, whose life begins anew.
    func read(_ key: [UInt8], life: Duration, note: [UInt8]?) async throws(CacheError) -> Reading
    func create(
        _ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?
    ) async throws(CacheError) -> Writing
    /// - Parameter contents: with the version that is expected.
    func save(_ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?) async throws(CacheError) -> Writing
    func remove(_ key: [UInt8]) async throws(CacheError) -> Bool
    /// From then on it is gone for all others.
    func take(_ key: [UInt8], for owner: [UInt8]) async throws(CacheError) -> Reading
    func removeTaken(_ key: [UInt8], by owner: [UInt8]) async throws(CacheError)
}

/// Versioned values on a server.
struct ServerHashes: VersionedGround {
    let desk: StoreDesk

    private static let readScript = StoreScript(VersionedHash.read)
    private static let createScript = StoreScript(VersionedHash.create)
    private static let saveScript = StoreScript(VersionedHash.save)
    private static let takeScript = StoreScript(VersionedHash.take)
    private static let removeTakenScript = StoreScript(VersionedHash.removeTaken)

    static func rule(_ front: String) -> String {
        "~\(front)* +eval +evalsha +exists +hget +hincrby +hmget +hset +pexpire +type +unlink"
    }

    func read(_ key: [UInt8], life: Duration, note: [UInt8]?) async throws(CacheError) -> Reading {
        let arguments = [life.millisecondDigits] + [note].compactMap { $0 }
        return try reading(await desk.run(Self.readScript, key, arguments, isRepeatable: true))
    }

    func create(
        _ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?
    ) async throws(CacheError) -> Writing {
        try writing(await desk.run(Self.createScript, key, arguments(contents, life, note)))
    }

    func save(_ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?) async throws(CacheError) -> Writing {
        let reply = try await desk.run(Self.saveScript, key, arguments(contents, life, note))
        return reply.isWrongType ? .gone : try writing(reply)
    }

    func remove(_ key: [UInt8]) async throws(CacheError) -> Bool {
        try await desk.send(.unlink(key)) == .integer(1)
    }

    func take(_ key: [UInt8], for owner: [UInt8]) async throws(CacheError) -> Reading {
        try reading(await desk.run(Self.takeScript, key, [owner], isRepeatable: true))
    }

    func removeTaken(_ key: [UInt8], by owner: [UInt8]) async throws(CacheError) {
        _ = try await desk.run(Self.removeTakenScript, key, [owner], isRepeatable: true)
    }

    private func arguments(_ contents: Contents, _ life: Duration, _ note: Note?) -> [[UInt8]] {
        [life.millisecondDigits, Array(String(contents.version).utf8), contents.data]
            + (note.map { [$0.field, $0.value] } ?? [])
    }

    private func reading(_ reply: RESPValue) throws(CacheError) -> Reading {
        if reply.isWrongType { return .alien }
        return try reply.reading { reply throws(RESPShapeError) in try Reading(reply) }
    }

    private func writing(_ reply: RESPValue) throws(CacheError) -> Writing {
        try reply.reading { reply throws(RESPShapeError) in try Writing(reply) }
    }
}

/// Versioned values in this process.
struct MemoryHashes: VersionedGround {
    let memory: StoreMemory

    func read(_ key: [UInt8], life: Duration, note: [UInt8]?) -> Reading {
        memory.step { $0.readVersioned(key, life: life, note: note, at: $1) }
    }

    func create(_ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?) -> Writing {
        memory.step { $0.createVersioned(key, contents, life: life, note, at: $1) }
    }

    func save(_ key: [UInt8], _ contents: Contents, life: Duration, _ note: Note?) -> Writing {
        memory.step { $0.saveVersioned(key, contents, life: life, note, at: $1) }
    }

    func remove(_ key: [UInt8]) -> Bool { memory.step { $0.remove(key, at: $1) } }

    func take(_ key: [UInt8], for owner: [UInt8]) -> Reading {
        memory.step { $0.takeVersioned(key, for: owner, at: $1) }
    }

    func removeTaken(_ key: [UInt8], by owner: [UInt8]) { memory.step { $0.removeTaken(key, by: owner, at: $1) } }
}
