/// One line of `CLIENT LIST`: a connection to a server.
///
/// Figures that a server's version does not tell are nil; its texts are escaped.
public struct ClientEntry: Codable, Equatable, Sendable, Identifiable {
    /// Unique and rising until the server restarts.
    public var id: Int
    /// `host:port`, `[IPv6]:port`, or the path of a Unix socket and `:0`.
    public var address: String
    /// Of `CLIENT SETNAME`; empty where it has none.
    public var name: String = ""
    /// ACL user; nil before Redis 6.
    public var user: String?
    /// `lib-name` and `lib-ver`; nil before Redis 7.2.
    public var library: String?
    public var libraryVersion: String?
    /// Since it was opened, in seconds.
    public var age: Int?
    /// Since its latest command, in seconds.
    public var idle: Int?
    public var database: Int?
    /// Its latest command, in lower case, such as `client|list`.
    public var command: String?
    /// As `CLIENT LIST` documents them, such as `N` or `S`.
    public var flags: String = ""
    /// Channels and patterns that it is subscribed to.
    public var subscriptions: Int?
    /// Bytes of replies that it has not read.
    public var outputBuffer: Int?
    /// Bytes that it takes as a whole; nil before Redis 6.2.
    public var memory: Int?
    /// Commands and bytes since it was opened; nil where the server does not count them.
    public var totalCommands: Int?
    public var totalIn: Int?
    public var totalOut: Int?
    /// Fields that are not known here.
    public var other: [String: String] = [:]

    public init(id: Int, address: String) {
        self.id = id
        self.address = address
    }

    /// Who stands at the other end.
    public enum Kind: String, Codable, Sendable {
        case client, subscriber, monitor, replica, primary, slotMover = "slot-mover"
    }

    public var kind: Kind {
        if flags.contains("M") { return .primary }
        if flags.contains("S") { return flags.contains("O") ? .monitor : .replica }
        if flags.contains("O") { return .monitor }
        // Valkey 9 and Redis 8.4 mark who moves a slot.
        if command == "cluster|syncslots" || command == "migrate-asking" { return .slotMover }
        return flags.contains("P") || (subscriptions ?? 0) > 0 ? .subscriber : .client
    }

    /// Waits in a blocking command.
    public var isBlocked: Bool { flags.contains("b") }
    /// One of this program's.
    public var isOwn: Bool { name == SlowlogEntry.ownName }

    /// The address without its port; the path of a socket.
    public var host: String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        let host = address[..<colon]
        return host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
