internal import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials
internal import Synchronization

/// Remembers the revocations that this user's cachewatch has written, so that each poll can see whether they hold.
///
/// JSON Lines, mode 0600, shared by all processes of the user; what has expired is not watched any more.
public final class RevocationLedger: Sendable {
    /// A revocation that is to hold.
    public struct Entry: Equatable, Sendable {
        public var token: RevokedToken
        public var layout: BlacklistLayout
        var key: [UInt8]
        /// When the server forgets it by itself.
        public var until: WallTime
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var size = -1
    }

    public let path: String
    private let target: String
    private let canonicalTarget: String
    private let keyPrefix: [UInt8]
    private let state = Mutex(State())

    /// - Parameter target: the URL without its secrets; revocations on other servers are left alone.
    public init(path: String, target: String, keyPrefix: [UInt8]) {
        self.path = path
        self.target = target
        canonicalTarget = TargetName.canonical(target)
        self.keyPrefix = keyPrefix
    }

    /// Those that have not expired, by id.
    public func entries(at now: WallTime) -> [Entry] {
        state.withLock { state in
            refresh(&state)
            state.entries = state.entries.filter { $0.value.until > now }
            return state.entries.values.sorted { $0.token.id < $1.token.id }
        }
    }

    /// What ``record(_:)`` has added, and what stood there before.
    struct Added: Sendable {
        fileprivate let ids: [String]
        fileprivate let earlier: [String: Entry]
    }

    /// A revocation that is watched for at least as long is left as it is.
    ///
    /// - Returns: what was added, for whoever has to take it back.
    /// - Throws: ``CacheError/file(path:_:)``.
    func record(
        _ tokens: [(token: RevokedToken, layout: BlacklistLayout, until: WallTime)]
    ) throws(CacheError) -> Added {
        let earlier = Dictionary(entries(at: .now).map { ($0.token.id, $0) }) { first, _ in first }
        let new = tokens.filter { token, layout, until in
            earlier[token.id].map { $0.layout != layout || $0.until < until } ?? true
        }
        try append(new.map { line($0.token, $0.layout, $0.until) })
        return Added(ids: new.map(\.token.id), earlier: earlier)
    }

    /// Watches again what was watched before, and nothing else.
    ///
    /// - Parameter ids: nil for all of them; what was not added is passed over.
    /// - Throws: ``CacheError/file(path:_:)``.
    func takeBack(_ added: Added, of ids: [String]? = nil) throws(CacheError) {
        let lost = added.ids.filter { ids?.contains($0) ?? true }
        try append(
            lost.map { id in added.earlier[id].map { line($0.token, $0.layout, $0.until) } ?? forgetting(id) })
    }

    private func line(_ token: RevokedToken, _ layout: BlacklistLayout, _ until: WallTime) -> JSONValue {
        .object([
            ("server", .string(target)), ("layout", .string(layout.rawValue)), ("token", token.json),
            ("until_ms", .integer(Int(until.milliseconds))),
        ])
    }

    private func forgetting(_ id: String) -> JSONValue {
        .object([("server", .string(target)), ("forget", .string(id))])
    }

    func forget(_ ids: [String]) throws(CacheError) {
        try append(ids.map(forgetting))
    }

    private func append(_ lines: [JSONValue]) throws(CacheError) {
        guard !lines.isEmpty else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try OperationFiles.makeFolder(String(path[..<slash]))
        }
        let file = try OutputFile(path: path, exclusive: false, isPrivate: true)
        try file.append(lines: Array(lines.map { $0.line + "\n" }.joined().utf8))
        try file.synchronize()
    }

    /// Reads the file anew where it has changed.
    private func refresh(_ state: inout State) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        // Nothing is read from a pipe: it would hold up every poll.
        let isFile = attributes?[.type] as? FileAttributeType == .typeRegular
        let size = isFile ? attributes?[.size] as? Int ?? 0 : 0
        guard size != state.size else { return }
        state.size = size
        state.entries = [:]
        guard isFile, let data = try? Data(contentsOf: URL(filePath: path)) else { return }
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONParser.parse(Array(line)), let server = json["server"]?.string,
                TargetName.canonical(server) == canonicalTarget
            else { continue }
            if let id = json["forget"]?.string { state.entries[id] = nil }
            if let entry = entry(json) { state.entries[entry.token.id] = entry }
        }
    }

    private func entry(_ json: JSONValue) -> Entry? {
        guard let layout = json["layout"]?.string.flatMap(BlacklistLayout.init), let value = json["token"],
            let id = value["token_id"]?.string, let until = json["until_ms"]?.wholeNumber,
            (try? TokenInput.checked(id: id)) != nil
        else { return nil }
        return Entry(
            token: RevokedToken(value: Array(value.line.utf8), id: id), layout: layout,
            key: layout.key(of: id, keyPrefix: keyPrefix), until: WallTime(milliseconds: Int64(until)))
    }
}

extension RevocationLedger {
    /// The entries that a server does not have.
    ///
    /// - Parameter replies: to `EXISTS`, one for each entry.
    /// - Throws: ``CacheError`` for a reply that does not say whether the key is there.
    static func lost(among entries: [Entry], _ replies: [RESPValue]) throws(CacheError) -> [Entry] {
        var lost: [Entry] = []
        for (entry, reply) in zip(entries, replies) {
            let count = try reply.reading { reply throws(RESPShapeError) in try reply.count }
            if count == 0 { lost.append(entry) }
        }
        return lost
    }
}
