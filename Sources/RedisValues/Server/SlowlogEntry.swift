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

    /// What this program calls its connections.
    public static let ownName = "cachewatch"

    /// Whether this program has asked it itself, here or elsewhere.
    public var isOwn: Bool { clientName == Self.ownName }
}
