/// One entry of `SLOWLOG GET`.
public struct SlowlogEntry: Codable, Equatable, Sendable, Identifiable {
    /// Unique and rising until the server restarts or its log is reset.
    public var id: Int
    /// Seconds are all the precision that a server gives.
    public var at: WallTime
    public var duration: Duration
    /// Command name and arguments, escaped; the server itself cuts long ones.
    public var command: [String]
    /// `address:port`, empty where unknown.
    public var client: String
    public var clientName: String
    /// The id of the script's entry that has called it, whose time its own is a part of; nil where none has.
    public var script: Int?

    public init(
        id: Int, at: WallTime, duration: Duration, command: [String], client: String = "", clientName: String = "",
        script: Int? = nil
    ) {
        self.id = id
        self.at = at
        self.duration = duration
        self.command = command
        self.client = client
        self.clientName = clientName
        self.script = script
    }

    public var isOfScript: Bool { script != nil }

    /// The address of the client that servers make up for scripts, which has no name. A client whose connection is gone may
    /// have it, too.
    private static let scriptClient = "?:0"

    package static let scriptCommands: Set<String> = ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"]

    /// Finds what scripts have called, and gives it the names of their clients.
    ///
    /// - Parameter entries: newest first, as servers list them; what a script calls is logged before it.
    static func attributed(_ entries: [SlowlogEntry]) -> [SlowlogEntry] {
        var (entries, script) = (entries, SlowlogEntry?.none)
        for index in entries.indices {
            let entry = entries[index]
            guard entry.client == scriptClient, entry.clientName.isEmpty else {
                script = scriptCommands.contains(entry.command.first?.uppercased() ?? "") ? entry : nil
                continue
            }
            // Ids have no holes: where one is missing, the script's may be, too.
            let isNext = index > 0 && entries[index - 1].id == entry.id &+ 1
            if !isNext { script = nil }
            guard let script else { continue }
            (entries[index].script, entries[index].clientName) = (script.id, script.clientName)
        }
        return entries
    }

    /// What this program calls its connections.
    public static let ownName = "cachewatch"

    /// Whether this program has asked it itself, here or elsewhere.
    public var isOwn: Bool { clientName == Self.ownName }
}
