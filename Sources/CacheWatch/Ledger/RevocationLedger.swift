internal import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials
internal import Glibc
internal import NIOConcurrencyHelpers

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
        /// Where; nil where its line does not say more than the name.
        var place: DeploymentIdentity?
    }

    /// A user who is to stay cut off.
    public struct CutOffEntry: Equatable, Sendable {
        public var cutOff: CutOff
        var key: [UInt8]
        public var until: WallTime
        /// As of ``Entry``.
        var place: DeploymentIdentity?
    }

    /// What is to hold in one deployment: others may have answered under the same name.
    private struct Group {
        var place: DeploymentIdentity?
        var entries: [String: Entry] = [:]
        var cutOffs: [String: CutOffEntry] = [:]
    }

    private struct State {
        /// The first one is of lines that do not say where.
        var groups = [Group()]
        /// By what lines call a place.
        var places: [String: Int] = [:]
        var size = -1
        /// Why nobody knows what stands there; nil where it was read, or is not there.
        var problem: String?

        /// Lines that call a place by this name mean this one; a server that was started again is the same one.
        mutating func note(_ place: DeploymentIdentity, as key: String) {
            let index = places[key] ?? group(of: place) ?? groups.count
            if index == groups.count { groups.append(Group()) }
            // What is newest is compared with who answers next, for those that were noted before, too.
            groups[index].place = place
            places[key] = index
        }

        private func group(of place: DeploymentIdentity) -> Int? {
            groups.indices.first { index in groups[index].place.map { place.verdict(on: $0) == .same } ?? false }
        }
    }

    public let path: String
    private let target: String
    private let canonicalTarget: String
    /// The name leads to whatever this machine puts behind it: lines say which servers they mean.
    private let isNobody: Bool
    private let keyPrefix: [UInt8]
    private let state = NIOLockedValueBox(State())

    /// - Parameter target: the URL without its secrets; revocations on other servers are left alone.
    public init(path: String, target: String, keyPrefix: [UInt8]) {
        self.path = path
        self.target = target
        canonicalTarget = TargetName.canonical(target)
        isNobody = TargetName.namesNobody(target)
        self.keyPrefix = keyPrefix
    }

    /// Those that have not expired, by id, of all who have ever answered under the name.
    public func entries(at now: WallTime) -> [Entry] {
        members(at: now) {
            $0.entries
        } place: {
            $0.place = $1
        }.sorted { $0.token.id < $1.token.id }
    }

    /// Those that are meant for one deployment.
    public func entries(at now: WallTime, on here: DeploymentIdentity) -> [Entry] {
        entries(at: now).filter { here.isMeant(by: $0.place) == .same }
    }

    /// Those that have not expired, by user, of all who have ever answered under the name.
    public func cutOffs(at now: WallTime) -> [CutOffEntry] {
        members(at: now) {
            $0.cutOffs
        } place: {
            $0.place = $1
        }.sorted { $0.cutOff.user < $1.cutOff.user }
    }

    /// Those that are meant for one deployment.
    public func cutOffs(at now: WallTime, on here: DeploymentIdentity) -> [CutOffEntry] {
        cutOffs(at: now).filter { here.isMeant(by: $0.place) == .same }
    }

    /// Of all groups, each with where it is meant to hold.
    private func members<Member>(
        at now: WallTime, _ members: (Group) -> [String: Member], place: (inout Member, DeploymentIdentity?) -> Void
    ) -> [Member] {
        groups(at: now).flatMap { group in
            members(group).values.map { member in
                var member = member
                place(&member, group.place)
                return member
            }
        }
    }

    private func groups(at now: WallTime) -> [Group] {
        state.withLockedValue { state in
            refresh(&state)
            for index in state.groups.indices {
                state.groups[index].entries = state.groups[index].entries.filter { $0.value.until > now }
                state.groups[index].cutOffs = state.groups[index].cutOffs.filter { $0.value.until > now }
            }
            return state.groups
        }
    }

    /// What cannot be read is not taken for empty where something depends on it.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    func requireReadable() throws(CacheError) {
        let problem = state.withLockedValue { state in
            refresh(&state)
            return state.problem
        }
        if let problem { throw .file(path: path, problem) }
    }

    /// What was added, and what stood there before.
    struct Added: Sendable {
        fileprivate let ids: [String]
        fileprivate let earlier: [String: Entry]
        fileprivate let place: DeploymentIdentity
    }

    /// The same of a user.
    struct AddedCutOff: Sendable {
        fileprivate let user: String?
        fileprivate let earlier: CutOffEntry?
        fileprivate let place: DeploymentIdentity
    }

    /// A revocation that is watched for at least as long is left as it is.
    ///
    /// - Parameter here: who answers now.
    /// - Returns: what was added, for whoever has to take it back.
    /// - Throws: ``CacheError/file(path:_:)``.
    func record(
        _ tokens: [(token: RevokedToken, layouts: [BlacklistLayout], until: WallTime)], on here: DeploymentIdentity
    ) throws(CacheError) -> Added {
        try requireReadable()
        let earlier = Dictionary(entries(at: .now, on: here).map { ($0.token.id, $0) }) { first, _ in first }
        let new = tokens.filter { token, layouts, until in
            earlier[token.id].map { Set($0.keys) != Set(keys(of: token.id, layouts)) || $0.until < until } ?? true
        }
        try append(new.map { line($0.token, $0.layouts, $0.until, here) }, here)
        return Added(ids: new.map(\.token.id), earlier: earlier, place: here)
    }

    /// Watches again what was watched before, and nothing else.
    ///
    /// - Parameter ids: nil for all of them; what was not added is passed over.
    /// - Throws: ``CacheError/file(path:_:)``.
    func takeBack(_ added: Added, of ids: [String]? = nil) throws(CacheError) {
        let lost = added.ids.filter { ids?.contains($0) ?? true }
        let place = added.place
        try append(
            lost.map { id in
                added.earlier[id].map { line($0.token, $0.layouts, $0.until, place) }
                    ?? line([("forget", .string(id))], place)
            }, place)
    }

    /// One that is watched up to a later instant, for at least as long, is left as it is.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    func record(
        _ cutOff: CutOff, until: WallTime, on here: DeploymentIdentity
    ) throws(CacheError) -> AddedCutOff {
        try requireReadable()
        let earlier = cutOffs(at: .now, on: here).first { $0.cutOff.user == cutOff.user }
        if let earlier, earlier.cutOff.since >= cutOff.since, earlier.until >= until {
            return AddedCutOff(user: nil, earlier: nil, place: here)
        }
        let since = max(cutOff.since, earlier?.cutOff.since ?? cutOff.since)
        let until = max(until, earlier?.until ?? until)
        try append([line(CutOff(user: cutOff.user, since: since), until, here)], here)
        return AddedCutOff(user: cutOff.user, earlier: earlier, place: here)
    }

    func takeBack(_ added: AddedCutOff) throws(CacheError) {
        guard let user = added.user else { return }
        let place = added.place
        let before = added.earlier.map { line($0.cutOff, $0.until, place) }
        try append([before ?? line([("forget_user", .string(user))], place)], place)
    }

    private func keys(of id: String, _ layouts: [BlacklistLayout]) -> [[UInt8]] {
        layouts.map { $0.key(of: id, keyPrefix: keyPrefix) }
    }

    // MARK: lines

    /// - Parameter place: is named where the server's name is nobody's.
    private func line(_ members: [(name: String, value: JSONValue)], _ place: DeploymentIdentity?) -> JSONValue {
        var all: [(name: String, value: JSONValue)] = [
            ("server", .string(target)), ("key_prefix", .string(String(decoding: keyPrefix, as: UTF8.self))),
        ]
        if let name = name(of: place) { all.append(("place", .string(name))) }
        return .object(all + members)
    }

    private func line(
        _ token: RevokedToken, _ layouts: [BlacklistLayout], _ until: WallTime, _ place: DeploymentIdentity?
    ) -> JSONValue {
        line(
            [
                ("layouts", JSONValue(layouts.map(\.rawValue))), ("token", token.json),
                ("until_ms", .integer(Int(until.milliseconds))),
            ], place)
    }

    private func line(_ cutOff: CutOff, _ until: WallTime, _ place: DeploymentIdentity?) -> JSONValue {
        line(
            [
                ("cut_off", .string(cutOff.user)), ("since", .integer(Int(cutOff.since.seconds))),
                ("until_ms", .integer(Int(until.milliseconds))),
            ], place)
    }

    /// nil where the server's name says it all, or the servers say nothing.
    private func name(of place: DeploymentIdentity?) -> String? {
        guard isNobody, let key = place?.key, !key.isEmpty else { return nil }
        return key
    }

    /// Whether the file says already what lines call a place.
    private func isKnown(_ name: String) -> Bool {
        state.withLockedValue { state in
            refresh(&state)
            return state.places[name] != nil
        }
    }

    /// What is not watched any more, for whoever has to take that back.
    struct Forgotten: Sendable { fileprivate let lines: [JSONValue] }

    /// Watches no more what stands under any of these keys, except where it is surely another deployment's.
    ///
    /// - Throws: ``CacheError/file(path:_:)``; what cannot be noted must not be let in.
    @discardableResult
    func forget(keys: [[UInt8]], on here: DeploymentIdentity) throws(CacheError) -> Forgotten {
        try requireReadable()
        let found = entries(at: .now).filter { entry in
            here.isMeant(by: entry.place) != .another && !Set(keys).isDisjoint(with: entry.keys)
        }
        try append(found.map { line([("forget", .string($0.token.id))], $0.place) }, nil)
        return Forgotten(lines: found.map { line($0.token, $0.layouts, $0.until, $0.place) })
    }

    @discardableResult
    func forget(users: [String], on here: DeploymentIdentity) throws(CacheError) -> Forgotten {
        try requireReadable()
        let found = cutOffs(at: .now).filter { entry in
            here.isMeant(by: entry.place) != .another && users.contains(entry.cutOff.user)
        }
        try append(found.map { line([("forget_user", .string($0.cutOff.user))], $0.place) }, nil)
        return Forgotten(lines: found.map { line($0.cutOff, $0.until, $0.place) })
    }

    /// Watches it again.
    func remember(_ forgotten: Forgotten) throws(CacheError) { try append(forgotten.lines, nil) }

    /// - Parameter place: what the lines call it is explained in front of them; nil where that was done before.
    private func append(_ lines: [JSONValue], _ place: DeploymentIdentity?) throws(CacheError) {
        guard !lines.isEmpty else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try OperationFiles.makeFolder(String(path[..<slash]))
        }
        var all = lines
        if let place, let name = name(of: place), !isKnown(name) { all.insert(line(place.members, place), at: 0) }
        let file = try OutputFile(path: path, exclusive: false, isPrivate: true)
        try file.append(lines: Array(all.map { $0.line + "\n" }.joined().utf8))
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
        (state.groups, state.places) = ([Group()], [:])
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
            let key = json["place"]?.string
            if let key, let place = DeploymentIdentity(target: target, json: json) {
                state.note(place, as: key)
                continue
            }
            // Other settings have other keys on the same server. Where a line does not say, it is of today's.
            guard json["key_prefix"].map({ $0.string.map { Array($0.utf8) } == keyPrefix }) ?? true else { continue }
            // What names a place that is not explained is of nobody knows where.
            let index = key.flatMap { state.places[$0] } ?? 0
            if let id = json["forget"]?.string { state.groups[index].entries[id] = nil }
            if let user = json["forget_user"]?.string { state.groups[index].cutOffs[user] = nil }
            // Where it is to hold is known from now on.
            if let entry = entry(json) {
                state.groups[0].entries[entry.token.id] = nil
                state.groups[index].entries[entry.token.id] = entry
            }
            if let entry = cutOff(json) {
                state.groups[0].cutOffs[entry.cutOff.user] = nil
                state.groups[index].cutOffs[entry.cutOff.user] = entry
            }
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
