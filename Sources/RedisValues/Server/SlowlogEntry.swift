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

    public init(
        id: Int, at: WallTime, duration: Duration, command: [String], client: String = "", clientName: String = ""
    ) {
        self.id = id
        self.at = at
        self.duration = duration
        self.command = command
        self.client = client
        self.clientName = clientName
    }

    /// Whether a script has called it: its time is in that of the script's own entry, the next one of a script.
    public var isOfScript: Bool { client == Self.scriptClient }

    /// The address of the client that servers make up for scripts: it has no name.
    private static let scriptClient = "?:0"

    private static let scriptCommands: Set<String> = ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"]

    /// Names the clients of what scripts have called: those of the scripts.
    ///
    /// - Parameter entries: newest first, as servers list them; what a script calls is logged before it.
    static func attributed(_ entries: [SlowlogEntry]) -> [SlowlogEntry] {
        var (entries, script) = (entries, SlowlogEntry?.none)
        for index in entries.indices {
            guard entries[index].isOfScript else {
                let command = entries[index].command.first?.uppercased() ?? ""
                script = scriptCommands.contains(command) ? entries[index] : nil
                continue
            }
            // Ids have no holes: where one is missing, the script's may be, too.
            let isNext = index > 0 && entries[index - 1].id == entries[index].id &+ 1
            if !isNext { script = nil }
            if let script, entries[index].clientName.isEmpty { entries[index].clientName = script.clientName }
        }
        return entries
    }

    /// What this program calls its connections.
    public static let ownName = "cachewatch"

    /// Whether this program has asked it itself, here or elsewhere.
    public var isOwn: Bool { clientName == Self.ownName }
}
