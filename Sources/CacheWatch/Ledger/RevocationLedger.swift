internal import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// Remembers the revocations that this user's cachewatch has written, so that each poll can see whether they hold.
///
/// JSON Lines, mode 0600, shared by all processes of the user; what has expired is not watched any more.
public final class RevocationLedger: Sendable {
    /// A token that is to stay revoked.
    public struct Entry: Equatable, Sendable {
        public var token: RevokedToken
        public var layouts: [BlacklistLayout]
        var keys: [[UInt8]]
        /// When the server forgets it by itself.
        public var until: WallTime
    }

    /// A user who is to stay cut off.
    public struct CutOffEntry: Equatable, Sendable {
        public var cutOff: CutOff
        var key: [UInt8]
        public var until: WallTime
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var cutOffs: [String: CutOffEntry] = [:]
        var size = -1
        /// Why nobody knows what stands there; nil where it was read, or is not there.
        var problem: String?
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

    /// Those that have not expired, by user.
    public func cutOffs(at now: WallTime) -> [CutOffEntry] {
        state.withLock { state in
            refresh(&state)
            state.cutOffs = state.cutOffs.filter { $0.value.until > now }
            return state.cutOffs.values.sorted { $0.cutOff.user < $1.cutOff.user }
        }
    }

    /// What cannot be read is not taken for empty where something depends on it.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    func requireReadable() throws(CacheError) {
        let problem = state.withLock { state in
            refresh(&state)
            return state.problem
        }
        if let problem { throw .file(path: path, problem) }
    }

    /// What was added, and what stood there before.
    struct Added: Sendable {
        fileprivate let ids: [String]
        fileprivate let earlier: [String: Entry]
    }

    /// The same of a user.
    struct AddedCutOff: Sendable {
        fileprivate let user: String?
        fileprivate let earlier: CutOffEntry?
    }

    /// A revocation that is watched for at least as long is left as it is.
    ///
    /// - Returns: what was added, for whoever has to take it back.
    /// - Throws: ``CacheError/file(path:_:)``.
    func record(
        _ tokens: [(token: RevokedToken, layouts: [BlacklistLayout], until: WallTime)]
    ) throws(CacheError) -> Added {
        try requireReadable()
        let earlier = Dictionary(entries(at: .now).map { ($0.token.id, $0) }) { first, _ in first }
        let new = tokens.filter { token, layouts, until in
            earlier[token.id].map { Set($0.keys) != Set(keys(of: token.id, layouts)) || $0.until < until } ?? true
        }
        try append(new.map { line($0.token, $0.layouts, $0.until) })
        return Added(ids: new.map(\.token.id), earlier: earlier)
    }

    /// Watches again what was watched before, and nothing else.
    ///
    /// - Parameter ids: nil for all of them; what was not added is passed over.
    /// - Throws: ``CacheError/file(path:_:)``.
    func takeBack(_ added: Added, of ids: [String]? = nil) throws(CacheError) {
        let lost = added.ids.filter { ids?.contains($0) ?? true }
        try append(
            lost.map { id in
                added.earlier[id].map { line($0.token, $0.layouts, $0.until) } ?? line([("forget", .string(id))])
            })
    }

    /// One that is watched up to a later instant, for at least as long, is left as it is.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    func record(_ cutOff: CutOff, until: WallTime) throws(CacheError) -> AddedCutOff {
        try requireReadable()
        let earlier = cutOffs(at: .now).first { $0.cutOff.user == cutOff.user }
        if let earlier, earlier.cutOff.since >= cutOff.since, earlier.until >= until {
            return AddedCutOff(user: nil, earlier: nil)
        }
        let since = max(cutOff.since, earlier?.cutOff.since ?? cutOff.since)
        let until = max(until, earlier?.until ?? until)
        try append([line(CutOff(user: cutOff.user, since: since), until)])
        return AddedCutOff(user: cutOff.user, earlier: earlier)
    }

    func takeBack(_ added: AddedCutOff) throws(CacheError) {
        guard let user = added.user else { return }
        try append([added.earlier.map { line($0.cutOff, $0.until) } ?? line([("forget_user", .string(user))])])
    }

    private func keys(of id: String, _ layouts: [BlacklistLayout]) -> [[UInt8]] {
        layouts.map { $0.key(of: id, keyPrefix: keyPrefix) }
    }

    private func line(_ members: [(name: String, value: JSONValue)]) -> JSONValue {
        .object([("server", .string(target))] + members)
    }

    private func line(_ token: RevokedToken, _ layouts: [BlacklistLayout], _ until: WallTime) -> JSONValue {
        line([
            ("layouts", JSONValue(layouts.map(\.rawValue))), ("token", token.json),
            ("until_ms", .integer(Int(until.milliseconds))),
        ])
    }

    private func line(_ cutOff: CutOff, _ until: WallTime) -> JSONValue {
        line([
            ("cut_off", .string(cutOff.user)), ("since", .integer(Int(cutOff.since.seconds))),
            ("until_ms", .integer(Int(until.milliseconds))),
        ])
    }

    /// What is not watched any more, for whoever has to take that back.
    struct Forgotten: Sendable { fileprivate let lines: [JSONValue] }

    /// Watches no more what stands under any of these keys.
    ///
    /// - Throws: ``CacheError/file(path:_:)``; what cannot be noted must not be let in.
    @discardableResult
    func forget(keys: [[UInt8]]) throws(CacheError) -> Forgotten {
        try requireReadable()
        let found = entries(at: .now).filter { !Set(keys).isDisjoint(with: $0.keys) }
        try append(found.map { line([("forget", .string($0.token.id))]) })
        return Forgotten(lines: found.map { line($0.token, $0.layouts, $0.until) })
    }

    @discardableResult
    func forget(users: [String]) throws(CacheError) -> Forgotten {
        try requireReadable()
        let found = cutOffs(at: .now).filter { users.contains($0.cutOff.user) }
        try append(found.map { line([("forget_user", .string($0.cutOff.user))]) })
        return Forgotten(lines: found.map { line($0.cutOff, $0.until) })
    }

    /// Watches it again.
    func remember(_ forgotten: Forgotten) throws(CacheError) { try append(forgotten.lines) }

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
        var status = stat()
        let isThere = lstat(path, &status) == 0
        // Nothing is read from a pipe: it would hold up every poll; links are not followed where it is written either.
        let isFile = isThere && status.st_mode & S_IFMT == S_IFREG
        let size = isFile ? Int(status.st_size) : 0
        if !isFile { state.problem = isThere ? "is a link, a pipe or a folder, and no file: move it away" : nil }
        guard size != state.size || isFile && state.problem != nil else { return }
        (state.size, state.problem) = (size, isFile ? nil : state.problem)
        (state.entries, state.cutOffs) = ([:], [:])
        guard isFile else { return }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            // It is tried again.
            (state.size, state.problem) = (-1, "cannot be read: check who owns it")
            return
        }
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONParser.parse(Array(line)), let server = json["server"]?.string,
                TargetName.canonical(server) == canonicalTarget
            else { continue }
            if let id = json["forget"]?.string { state.entries[id] = nil }
            if let user = json["forget_user"]?.string { state.cutOffs[user] = nil }
            if let entry = entry(json) { state.entries[entry.token.id] = entry }
            if let entry = cutOff(json) { state.cutOffs[entry.cutOff.user] = entry }
        }
    }

    private func entry(_ json: JSONValue) -> Entry? {
        guard let value = json["token"], let id = value["token_id"]?.string, (try? TokenInput.checked(id: id)) != nil,
            let until = json["until_ms"]?.wholeNumber
        else { return nil }
        let token = RevokedToken(value: Array(value.line.utf8), id: id)
        var (layouts, keys): ([BlacklistLayout], [[UInt8]]) = ([], [])
        if case .array(let names) = json["layouts"] {
            layouts = names.compactMap { $0.string.flatMap(BlacklistLayout.init) }
            guard layouts.count == names.count else { return nil }
            keys = self.keys(of: id, layouts)
        } else if let layout = json["layout"]?.string.flatMap(BlacklistLayout.init) {
            // Before there were UUIDs the id stood in the key as it is.
            (layouts, keys) = ([layout], [layout.front(keyPrefix) + Array(id.utf8)])
        }
        guard !layouts.isEmpty else { return nil }
        return Entry(token: token, layouts: layouts, keys: keys, until: WallTime(milliseconds: Int64(until)))
    }

    private func cutOff(_ json: JSONValue) -> CutOffEntry? {
        guard let user = json["cut_off"]?.string, (try? TokenInput.checked(user: user)) != nil,
            let since = json["since"]?.wholeNumber, let until = json["until_ms"]?.wholeNumber
        else { return nil }
        return CutOffEntry(
            cutOff: CutOff(user: user, since: WallTime(seconds: Int64(since))),
            key: CutOff.key(of: user, keyPrefix: keyPrefix), until: WallTime(milliseconds: Int64(until)))
    }
}

extension RevocationLedger {
    /// The keys that a server does not have.
    ///
    /// - Parameter replies: to `EXISTS`, one for each key.
    /// - Throws: ``CacheError`` for a reply that does not say whether the key is there.
    static func lost(among keys: [[UInt8]], _ replies: [RESPValue]) throws(CacheError) -> Set<[UInt8]> {
        var lost: Set<[UInt8]> = []
        for (key, reply) in zip(keys, replies) {
            let count = try reply.reading { reply throws(RESPShapeError) in try reply.count }
            if count == 0 { lost.insert(key) }
        }
        return lost
    }
}
