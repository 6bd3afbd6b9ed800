internal import CacheWire
internal import RedisValues

/// What both twins of ``WebSocketStore`` do.
struct WebSockets: Sendable {
    static let namespace = "ws:session"
    /// How often somebody else may write between our look and our write.
    private static let patience = 8
    /// As many are asked for at once.
    private static let part = 250

    let ground: any RecordGround
    let notes: StoreNotes
    let clock: any StoreClock
    let layout: StoreLayout
    let life: Duration
    private let keys: WebSocketKeys

    init(
        _ ground: any RecordGround, _ notes: StoreNotes, _ clock: any StoreClock, _ layout: StoreLayout,
        life: Duration, keyPrefix: String
    ) throws(CacheError) {
        (self.ground, self.notes, self.clock, self.layout) = (ground, notes, clock, layout)
        self.life = try StoreInput.life(life)
        keys = WebSocketKeys(keyPrefix: keyPrefix)
    }

    /// What is known of a connection.
    private struct Look {
        var found: Found?
        /// Nothing stands there, and nothing that cannot be understood.
        let isGone: Bool
    }

    /// A record and where it stands.
    private struct Found {
        let key: [UInt8]
        let layout: StoreLayout
        /// As it was read.
        let bytes: [UInt8]
        var record: WebSocketRecord
    }

    // MARK: one connection

    func open(_ session: WebSocketSession) async throws(CacheError) -> WebSocketSession {
        var session = session
        _ = try StoreInput.id(session.connectionID)
        if let user = session.userID { session.userID = try checked(user: user) }
        if let address = session.clientIP { _ = try StoreInput.id(address) }
        session.connectionID = TokenID.canonicalUUID(session.connectionID) ?? session.connectionID
        guard let key = keys.key(session.connectionID, in: layout) else {
            throw .input("the id of a connection has to be a UUID in the layout of deployed servers")
        }
        let record = WebSocketRecord(session, now: clock.now)
        // The key stands before a set names it: what is named and not there is taken off the list.
        try await ground.put(record.bytes, at: key, life: life)
        if let error = try await list(record.session, layout) { throw error }
        return record.session
    }

    private func checked(user: String) throws(CacheError) -> String {
        _ = try StoreInput.id(user)
        if let uuid = TokenID.canonicalUUID(user) { return uuid }
        guard layout == .guide else {
            throw .input("the user of a connection has to be a UUID in the layout of deployed servers")
        }
        return user
    }

    private func list(_ session: WebSocketSession, _ layout: StoreLayout) async throws(CacheError) -> CacheError? {
        guard layout == .deployed else { return nil }
        return try await ground.list(Array(session.connectionID.utf8), in: keys.sets(of: session), life: life)
    }

    func session(_ id: String) async throws(CacheError) -> WebSocketSession? { try await find(id)?.record.session }

    /// Looks in our own layout, and in the other one.
    private func find(_ id: String) async throws(CacheError) -> Found? {
        _ = try StoreInput.id(id)
        return try await find([id])[0].found
    }

    private func find(_ ids: [String]) async throws(CacheError) -> [Look] {
        let layouts = [layout] + StoreLayout.allCases.filter { $0 != layout }
        let places = ids.map { id in
            layouts.compactMap { layout in keys.key(id, in: layout).map { (key: $0, layout: layout) } }
        }
        var records = try await ground.values(of: places.flatMap { $0.map(\.key) })[...]
        return zip(ids, places).map { id, places in
            let mine = records.prefix(places.count)
            records = records.dropFirst(places.count)
            let found = zip(places, mine).lazy.compactMap { place, record in
                read(record, id: id, place.key, place.layout)
            }.first
            notes.count(found == nil ? .misses : .hits)
            notes.count(.sideMisses, by: max(0, mine.count { $0 == .gone } - (found == nil ? 1 : 0)))
            return Look(found: found, isGone: mine.allSatisfy { $0 == .gone })
        }
    }

    private func read(_ record: StoredRecord, id: String, _ key: [UInt8], _ layout: StoreLayout) -> Found? {
        switch record {
        case .gone: return nil
        case .alien: notes.wrongType(key)
        case .value(let bytes):
            let name = TokenID.canonicalUUID(id) ?? id
            if let record = WebSocketRecord(bytes, id: name) {
                return Found(key: key, layout: layout, bytes: bytes, record: record)
            }
        }
        notes.count(.undecodable)
        return nil
    }

    func heartbeat(_ id: String) async throws(CacheError) -> WebSocketSession? {
        let now = clock.now
        return try await update(id) { $0.lastActivity = now }
    }

    func update(
        _ id: String, _ change: @Sendable (inout WebSocketSession) -> Void
    ) async throws(CacheError) -> WebSocketSession? {
        for _ in 0..<Self.patience {
            guard var found = try await find(id) else { return nil }
            let before = found.record.session
            found.record.change(at: clock.now) { session in
                change(&session)
                session.userID = session.userID.map { TokenID.canonicalUUID($0) ?? $0 }
            }
            let after = found.record.session
            if let user = after.userID, user != before.userID { _ = try checked(user: user) }
            if let address = after.clientIP, address != before.clientIP { _ = try StoreInput.id(address) }
            switch try await ground.swap(found.bytes, for: found.record.bytes, at: found.key, life: life) {
            case .gone: return nil
            case .differs: continue
            case .done: break
            }
            if let error = try await list(after, found.layout) { throw error }
            let left = keys.sets(of: before).filter { !keys.sets(of: after).contains($0) }
            if !left.isEmpty {
                _ = try await ground.remove([], members: [Array(after.connectionID.utf8)], from: left)
            }
            return after
        }
        throw notes.failed(.refused(Refusal(.commandFailed, detail: "others write to the connection all the time")))
    }

    func close(_ id: String) async throws(CacheError) -> Bool {
        let found = try await find(id)
        let name = TokenID.canonicalUUID(id) ?? id
        return try await ground.remove(
            StoreLayout.allCases.compactMap { keys.key(name, in: $0) }, members: [Array(name.utf8)],
            from: found.map { keys.sets(of: $0.record.session) } ?? [])
    }

    // MARK: those that sets list

    func sessions(ofUser user: String) async throws(CacheError) -> [WebSocketSession] {
        _ = try StoreInput.id(user)
        return try await sessions(in: keys.set(ofUser: user))
    }

    func sessions(fromIP address: String) async throws(CacheError) -> [WebSocketSession] {
        _ = try StoreInput.id(address)
        return try await sessions(in: keys.set(fromIP: address))
    }

    private func sessions(in set: [UInt8]) async throws(CacheError) -> [WebSocketSession] {
        let members = try await ground.members(of: set).compactMap { member in
            String(validating: member, as: UTF8.self).flatMap { (try? StoreID($0)) == nil ? nil : $0 }
        }
        var sessions: [WebSocketSession] = []
        for start in stride(from: 0, to: members.count, by: Self.part) {
            let ids = Array(members[start..<min(start + Self.part, members.count)])
            let looks = try await find(ids)
            sessions += looks.compactMap { $0.found?.record.session }
            let ended = zip(ids, looks).filter { $0.1.isGone }.map { Array($0.0.utf8) }
            if !ended.isEmpty { _ = try await ground.remove([], members: ended, from: [set]) }
        }
        let unknown = WallTime(milliseconds: .max)
        return sessions.sorted {
            ($0.connectedAt ?? unknown, $0.connectionID) < ($1.connectedAt ?? unknown, $1.connectionID)
        }
    }
}
