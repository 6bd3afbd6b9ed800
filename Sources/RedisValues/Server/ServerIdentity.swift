/// What tells one server from another, as far as it says who it is, at one instant.
///
/// A name does not: behind an address may be another server since a fail-over, behind `localhost` the other end of another
/// tunnel. This is what all compare who have to know whether they speak to the server that they spoke to before.
public struct ServerIdentity: Codable, Equatable, Sendable {
    /// New at every start.
    public var runID: String?
    /// Of a cluster's node, as it calls itself in `CLUSTER NODES`; it outlives restarts. INFO does not have it: nil for
    /// whoever has read that alone.
    public var nodeID: String?
    /// The history of the dataset, and how far it has come; a replica shares it with its primary.
    public var history: History?
    /// The one before a promotion or a restart, with the offset up to which it is this one's, too.
    public var earlier: History?
    public var installation: Installation?
    /// By its own clock; right to a second.
    public var startedAt: WallTime?
    /// When it said all this, by its own clock.
    public var seenAt: WallTime?
    /// Seconds.
    public var uptime: Int?

    public struct History: Codable, Equatable, Sendable {
        public var id: String
        public var offset: Int

        public init(id: String, offset: Int) {
            self.id = id
            self.offset = offset
        }
    }

    /// What stays as it is when a server is started again.
    public struct Installation: Codable, Equatable, Sendable {
        public var port: Int?
        public var executable: String?
        public var configFile: String?
        public var operatingSystem: String?

        public init(port: Int?, executable: String?, configFile: String?, operatingSystem: String?) {
            self.port = port
            self.executable = executable
            self.configFile = configFile
            self.operatingSystem = operatingSystem
        }
    }

    public init(runID: String? = nil) { self.runID = runID }

    public init(_ info: ServerInfo) {
        // What nobody but this compares has no property of its own.
        let (server, other) = (info.server, info.unknown)
        runID = server.runID
        // Before a replica has met its primary, the offset is that of nothing.
        history = Self.history(other["master_replid"], info.replication.primaryOffset)
        earlier = Self.history(other["master_replid2"], other["second_repl_offset"].flatMap { Int($0) })
        if let executable = other["executable"] {
            installation = Installation(
                port: server.tcpPort, executable: executable, configFile: other["config_file"],
                operatingSystem: server.operatingSystem)
        }
        (seenAt, uptime) = (server.time, server.uptime)
        if let time = server.time, let uptime {
            let (milliseconds, overflows) = uptime.multipliedReportingOverflow(by: 1000)
            startedAt = overflows ? nil : WallTime(milliseconds: time.milliseconds -| Int64(milliseconds))
        }
    }

    private static func history(_ id: String?, _ offset: Int?) -> History? {
        guard let id, let offset, offset >= 0, id.contains(where: { $0 != "0" }) else { return nil }
        return History(id: id, offset: offset)
    }
}

/// What a server is to one that answered before under the same name.
public enum ServerRelation: Equatable, Sendable {
    /// Nothing has come between.
    case sameProcess
    /// The same server, started again since.
    case restarted
    /// Another server with the same dataset: a replica that was promoted, or the primary of one.
    case successor
    case another
    /// It does not say enough of itself.
    case unknown

    /// Whether what belonged to the one may be brought back into the other.
    public var sharesData: Bool { self == .sameProcess || self == .restarted || self == .successor }
}

extension ServerIdentity {
    /// How far what is said of the start of a process may be wrong, in milliseconds.
    private static let tolerance: Int64 = 5000

    /// What this server is to the one that `before` was.
    public func relation(to before: ServerIdentity) -> ServerRelation {
        guard let runID, let old = before.runID, !runID.isEmpty, !old.isEmpty else {
            // A uptime that falls is all that is left; it also does when a clock is set back.
            guard let uptime, let old = before.uptime else { return .unknown }
            return uptime < old ? .restarted : .unknown
        }
        if runID == old { return .sameProcess }
        if let nodeID, let old = before.nodeID {
            return nodeID == old ? .restarted : goesOn(from: before) ? .successor : .another
        }
        let isOther = installation != nil && before.installation != nil && installation != before.installation
        switch isYounger(than: before) {
        // It was there already when the other one was.
        case false?: return goesOn(from: before) ? .successor : .another
        case true? where !isOther && installation != nil && before.installation != nil: return .restarted
        case true?, nil: return goesOn(from: before) ? .successor : isOther ? .another : .unknown
        }
    }

    /// Whether counters and logs begin anew, whoever it is; a uptime that falls tells where there is no run id.
    public func isOtherProcess(than before: ServerIdentity) -> Bool {
        switch relation(to: before) {
        case .sameProcess: false
        case .restarted, .successor, .another: true
        case .unknown: runID != nil && before.runID != nil
        }
    }

    /// Whether it was started after the other one was seen; nil where nobody can tell.
    public func isYounger(than before: ServerIdentity) -> Bool? {
        if let startedAt, let seen = before.seenAt {
            return startedAt.milliseconds >= seen.milliseconds -| Self.tolerance
        }
        guard let uptime, let old = before.uptime, before.seenAt == nil else { return nil }
        return uptime < old
    }

    /// Whether both datasets have a past in common, however far each has come: of a fail-over that has lost its last writes,
    /// too.
    public func sharesHistory(with other: ServerIdentity) -> Bool {
        let ours = [history, earlier].compactMap { $0?.id }
        return [other.history, other.earlier].contains { $0.map { ours.contains($0.id) } ?? false }
    }

    /// Whether its dataset is what became of the other's.
    private func goesOn(from before: ServerIdentity) -> Bool {
        guard let then = before.history else { return false }
        // A copy of an old dump has an older part of the history.
        return [history, earlier].contains { $0.map { $0.id == then.id && $0.offset >= then.offset } ?? false }
    }
}
