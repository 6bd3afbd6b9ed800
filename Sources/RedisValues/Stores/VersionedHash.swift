/// A value with a version, as sessions and carts are kept: a hash of `version` and `data`.
///
/// Each step is a script for a server, and the same for ``MemoryKeyspace``.
package enum VersionedHash {
    package static let version = Array("version".utf8)
    package static let data = Array("data".utf8)
    /// To whom the value is on its way; for all others it is gone.
    package static let taken = Array("taken_by".utf8)

    /// What somebody notes beside the value, of which others know nothing.
    package struct Note: Equatable, Sendable {
        package var field: [UInt8]
        package var value: [UInt8]

        package init(field: [UInt8], value: [UInt8]) { (self.field, self.value) = (field, value) }
    }

    package struct Contents: Equatable, Sendable {
        package var version: Int64
        package var data: [UInt8]
        /// Of the field that was asked for.
        package var note: [UInt8]?

        package init(version: Int64, data: [UInt8], note: [UInt8]? = nil) {
            (self.version, self.data, self.note) = (version, data, note)
        }
    }

    /// What a key holds.
    package enum Reading: Equatable, Sendable {
        case gone
        case there(Contents)
        /// Something else, which is nobody's here.
        case alien
    }

    /// What has become of a value that was to be written.
    package enum Writing: Equatable, Sendable {
        /// Under this version.
        case written(Int64)
        /// Another one stands there, and stays.
        case differs(Reading)
        case gone
    }

    /// ARGV: the life in milliseconds, and the field of a note. Answers 0 gone, 1 there, 2 something else.
    ///
    /// What is no such hash keeps its life.
    package static let read = """
        local field = ARGV[2] or 'version'
        local said = redis.pcall('HMGET', KEYS[1], 'version', 'data', 'taken_by', field)
        if said.err then return said end
        if said[3] then return {0} end
        if not said[1] or not said[2] or not string.match(said[1], '^%-?%d+$') then
          return {redis.call('EXISTS', KEYS[1]) * 2}
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return {1, said[1], said[2], said[4]}
        """

    /// ARGV: the life in milliseconds, the first version, the data, and a note.
    package static let create = """
        local kind = redis.call('TYPE', KEYS[1]).ok
        if kind == 'hash' then
          local said = redis.call('HMGET', KEYS[1], 'version', 'data', 'taken_by')
          if said[3] then return {2, '', ''} end
          return {2, said[1] or '', said[2] or ''}
        elseif kind ~= 'none' then
          return {2, '', ''}
        end
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'data', ARGV[3], unpack(ARGV, 4))
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return {1, ARGV[2]}
        """

    /// ARGV: the life in milliseconds, the version that is expected, the data, and a note.
    ///
    /// A key that is gone stays so: no slow request revives what somebody has ended.
    package static let save = """
        local said = redis.pcall('HMGET', KEYS[1], 'version', 'data', 'taken_by')
        if said.err then return said end
        if not said[1] or said[3] then return {0} end
        if said[1] ~= ARGV[2] then return {2, said[1], said[2] or ''} end
        redis.call('HINCRBY', KEYS[1], 'version', 1)
        redis.call('HSET', KEYS[1], 'data', ARGV[3], unpack(ARGV, 4))
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return {1, redis.call('HGET', KEYS[1], 'version')}
        """

    /// ARGV: who takes it. From then on it is gone for all others; for who has taken it, it is there still.
    package static let take = """
        local said = redis.pcall('HMGET', KEYS[1], 'version', 'data', 'taken_by')
        if said.err then return said end
        if said[3] and said[3] ~= ARGV[1] then return {0} end
        if not said[1] or not said[2] or not string.match(said[1], '^%-?%d+$') then
          return {redis.call('EXISTS', KEYS[1]) * 2}
        end
        redis.call('HSET', KEYS[1], 'taken_by', ARGV[1])
        return {1, said[1], said[2]}
        """

    /// ARGV: who has taken it.
    package static let removeTaken = """
        if redis.call('HGET', KEYS[1], 'taken_by') ~= ARGV[1] then return 0 end
        return redis.call('UNLINK', KEYS[1])
        """
}

extension VersionedHash.Reading {
    /// Of ``VersionedHash/read`` and ``VersionedHash/take``.
    package init(_ reply: RESPValue) throws(RESPShapeError) {
        let parts = try reply.array
        switch (try parts.first?.integer, parts.count) {
        case (0, _): self = .gone
        case (1, 3...): self = try Self(parts[1], parts[2], note: parts.count > 3 ? parts[3] : .null)
        case (2, _): self = .alien
        default: throw RESPShapeError(expected: "a version and data", found: "an array of \(parts.count)")
        }
    }

    fileprivate init(_ version: RESPValue, _ data: RESPValue, note: RESPValue = .null) throws(RESPShapeError) {
        guard let version = try? version.integer else {
            self = .alien
            return
        }
        self = .there(VersionedHash.Contents(version: version, data: try data.bytes, note: try? note.bytes))
    }

    fileprivate init(_ value: MemoryValue?, note: [UInt8]? = nil) {
        guard let value else {
            self = .gone
            return
        }
        guard case .hash(let fields) = value, let data = fields[VersionedHash.data],
            let version = fields[VersionedHash.version].flatMap({ Int64(String(decoding: $0, as: UTF8.self)) })
        else {
            self = .alien
            return
        }
        self = .there(VersionedHash.Contents(version: version, data: data, note: note.flatMap { fields[$0] }))
    }
}

extension VersionedHash.Writing {
    /// Of ``VersionedHash/create`` and ``VersionedHash/save``.
    package init(_ reply: RESPValue) throws(RESPShapeError) {
        let parts = try reply.array
        switch (try parts.first?.integer, parts.count) {
        case (0, _): self = .gone
        case (1, 2): self = .written(try parts[1].integer)
        case (2, 3): self = .differs(try VersionedHash.Reading(parts[1], parts[2]))
        default: throw RESPShapeError(expected: "a version", found: "an array of \(parts.count)")
        }
    }
}

extension MemoryKeyspace {
    private mutating func takenBy(_ key: [UInt8], at now: WallTime) -> [UInt8]? {
        guard case .hash(let fields) = value(of: key, at: now) else { return nil }
        return fields[VersionedHash.taken]
    }

    /// As ``VersionedHash/read`` does it.
    package mutating func readVersioned(
        _ key: [UInt8], life: Duration, note: [UInt8]?, at now: WallTime
    ) -> VersionedHash.Reading {
        guard takenBy(key, at: now) == nil else { return .gone }
        let reading = VersionedHash.Reading(value(of: key, at: now), note: note)
        if case .there = reading { setEnd(now.adding(life), of: key) }
        return reading
    }

    /// As ``VersionedHash/create`` does it.
    package mutating func createVersioned(
        _ key: [UInt8], _ contents: VersionedHash.Contents, life: Duration, _ note: VersionedHash.Note?,
        at now: WallTime
    ) -> VersionedHash.Writing {
        if let there = value(of: key, at: now) {
            return .differs(takenBy(key, at: now) == nil ? VersionedHash.Reading(there) : .alien)
        }
        var fields = [
            VersionedHash.version: Array(String(contents.version).utf8), VersionedHash.data: contents.data,
        ]
        if let note { fields[note.field] = note.value }
        set(.hash(fields), of: key, until: now.adding(life))
        return .written(contents.version)
    }

    /// As ``VersionedHash/save`` does it.
    package mutating func saveVersioned(
        _ key: [UInt8], _ contents: VersionedHash.Contents, life: Duration, _ note: VersionedHash.Note?,
        at now: WallTime
    ) -> VersionedHash.Writing {
        guard case .hash(var fields) = value(of: key, at: now), let version = fields[VersionedHash.version],
            fields[VersionedHash.taken] == nil
        else { return .gone }
        guard version == Array(String(contents.version).utf8) else {
            return .differs(VersionedHash.Reading(.hash(fields)))
        }
        let next = contents.version +| 1
        fields[VersionedHash.version] = Array(String(next).utf8)
        fields[VersionedHash.data] = contents.data
        if let note { fields[note.field] = note.value }
        set(.hash(fields), of: key, until: now.adding(life))
        return .written(next)
    }

    /// As ``VersionedHash/take`` does it.
    package mutating func takeVersioned(
        _ key: [UInt8], for owner: [UInt8], at now: WallTime
    ) -> VersionedHash.Reading {
        let there = value(of: key, at: now)
        if let before = takenBy(key, at: now), before != owner { return .gone }
        let reading = VersionedHash.Reading(there)
        if case .there = reading, case .hash(var fields) = there {
            fields[VersionedHash.taken] = owner
            replace(.hash(fields), of: key, at: now)
        }
        return reading
    }

    /// As ``VersionedHash/removeTaken`` does it.
    package mutating func removeTaken(_ key: [UInt8], by owner: [UInt8], at now: WallTime) {
        if takenBy(key, at: now) == owner { remove(key, at: now) }
    }
}
