public import RedisValues

/// What a journal is about: its first block.
public struct JournalHeader: Equatable, Sendable {
    public enum Kind: String, Sendable {
        /// Keys that were removed, with their values.
        case flush
        /// Times to live that were changed, without values.
        case lifetimes
    }

    public static let format = 1

    /// Told apart from other journals by it, so that no block can stray from one into another.
    public var id: UInt64
    public var kind: Kind
    /// A namespace, a prefix, a pattern or a key, in words, escaped.
    public var scope: String
    /// Keys that were to be removed though no journal can hold them, a few: they are not in it.
    public var forGood: [NotedKey] = []
    /// How many more there were of these.
    public var forGoodOthers = 0
    /// The URL without its secrets.
    public var target: String
    public var database: Int
    public var runID: String
    /// Those that were to be changed, as they were when it was begun.
    public var servers: [ServerIdentity]
    /// Such as `redis 7.0.15`.
    public var software: String
    public var startedAt: WallTime

    public init(
        id: UInt64, kind: Kind, scope: String, target: String, database: Int, runID: String, software: String,
        startedAt: WallTime, servers: [ServerIdentity] = []
    ) {
        self.id = id
        self.kind = kind
        self.scope = scope
        self.target = target
        self.database = database
        self.runID = runID
        self.software = software
        self.startedAt = startedAt
        self.servers = servers
    }

    /// What to type to name its server again, without its secrets; nil where its head is damaged.
    public var url: String? {
        target.contains("://") ? target.replacing("://***@", with: "://", maxReplacements: 1) : nil
    }

    var payload: [UInt8] {
        let forGood = forGood.map { JSONValue.object([("key", .string($0.key)), ("bytes", JSONValue($0.bytes))]) }
        let json = JSONValue.object([
            ("kind", .string(kind.rawValue)), ("scope", .string(scope)), ("target", .string(target)),
            ("database", .integer(database)), ("run_id", .string(runID)), ("software", .string(software)),
            ("started_at", .string(startedAt.iso8601)), ("started_at_ms", .integer(Int(startedAt.milliseconds))),
            ("servers", .array(servers.map(\.json))), ("for_good", .array(forGood)),
            ("for_good_others", .integer(forGoodOthers)),
        ])
        return Array(json.line.utf8)
    }

    init(id: UInt64, payload: [UInt8]) throws(JournalProblem) {
        guard let json = try? JSONParser.parse(payload), let kind = json["kind"]?.string.flatMap(Kind.init),
            let scope = json["scope"]?.string, let target = json["target"]?.string,
            let database = json["database"]?.wholeNumber, let started = json["started_at_ms"]?.wholeNumber
        else { throw .damaged(block: 0) }
        // Whoever wrote it, it is shown on a terminal.
        func safe(_ text: String) -> String {
            text.unicodeScalars.allSatisfy(Printable.isPrintable) ? text : Printable.escape(text, limit: 300)
        }
        self.init(
            id: id, kind: kind, scope: safe(scope), target: safe(target), database: database,
            runID: safe(json["run_id"]?.string ?? ""), software: safe(json["software"]?.string ?? ""),
            startedAt: WallTime(milliseconds: Int64(started)),
            servers: Self.servers(json["servers"]))
        // Journals of before have none.
        guard case .array(let keys)? = json["for_good"] else { return }
        forGood = keys.prefix(10).compactMap { key in
            key["key"]?.string.map { NotedKey(key: safe($0), bytes: key["bytes"]?.wholeNumber) }
        }
        forGoodOthers = max(0, json["for_good_others"]?.wholeNumber ?? 0)
    }

    private static func servers(_ json: JSONValue?) -> [ServerIdentity] {
        guard case .array(let values)? = json else { return [] }
        return values.map(ServerIdentity.init(json:))
    }

    /// What stands in for a head that is damaged.
    public static func unknown(id: UInt64, kind: Kind) -> JournalHeader {
        JournalHeader(
            id: id, kind: kind, scope: "?", target: "?", database: 0, runID: "", software: "",
            startedAt: WallTime(seconds: 0))
    }
}

/// A key as it was.
public struct JournalEntry: Equatable, Sendable {
    /// What is done to the key.
    public enum Change: Equatable, Sendable {
        /// It is removed; this is its `DUMP`.
        case removed(dump: [UInt8])
        /// It is made to expire at this Unix time in milliseconds, by the server's clock.
        case expires(at: Int64)
    }

    public var key: [UInt8]
    /// Milliseconds from the block's time on; nil for a key that never expires.
    public var lifetime: Int64?
    public var change: Change

    public init(key: [UInt8], lifetime: Int64?, change: Change) {
        self.key = key
        self.lifetime = lifetime
        self.change = change
    }

    /// nil where only the time to live is changed.
    public var dump: [UInt8]? {
        if case .removed(let dump) = change { dump } else { nil }
    }
}

/// Where an entry stands in its journal.
public struct JournalPlace: Hashable, Sendable {
    /// The block's number.
    public var sequence: UInt32
    /// In the block, from 0.
    public var index: UInt32

    public init(sequence: UInt32, index: UInt32) {
        self.sequence = sequence
        self.index = index
    }
}

/// From when on the times to live of a block count.
public struct JournalTime: Equatable, Sendable {
    public var time: WallTime
    /// By the server's clock: then it is known to the millisecond when each key expires, whatever ours says.
    public var isOfServer = false

    /// - Parameter time: by our own clock.
    public init(_ time: WallTime) { self.time = time }

    /// nil for a time that a server does not tell, or that no clock shows.
    public init?(server time: WallTime?) {
        guard let time, time.milliseconds > 0, UInt64(time.milliseconds) < JournalFormat.latest else { return nil }
        (self.time, isOfServer) = (time, true)
    }
}

/// Why a journal cannot be used.
public enum JournalProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case notAJournal
    case otherVersion(String)
    /// It ends in the middle of a block, counted from 0.
    case cutShort(block: Int)
    /// A block's checksum is wrong, or it is not the one that should stand there.
    case damaged(block: Int)

    public var description: String {
        switch self {
        case .notAJournal: "is no journal of cachewatch"
        case .otherVersion(let found):
            "is of another version (\(Printable.escape(found, limit: 20))); this program reads version \(JournalHeader.format)"
        case .cutShort(0): "ends before its first key: it was cut, or what wrote it was killed at once"
        case .cutShort(let block): "ends in the middle of block \(block)"
        case .damaged(0):
            "is damaged or was edited: its head does not match its checksum; --salvage reads what is whole"
        case .damaged(let block): "is damaged or was edited: block \(block) does not match its checksum"
        }
    }
}
