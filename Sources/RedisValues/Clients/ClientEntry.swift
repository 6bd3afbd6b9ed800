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
    public enum Kind: String, Codable, CaseIterable, Sendable {
        case client, subscriber, monitor, replica, primary, sentinel, slotMover = "slot-mover"
    }

    public var kind: Kind {
        let flags = flags.utf8
        if flags.contains(UInt8(ascii: "M")) { return .primary }
        let isMonitor = flags.contains(UInt8(ascii: "O"))
        if flags.contains(UInt8(ascii: "S")) { return isMonitor ? .monitor : .replica }
        if isMonitor { return .monitor }
        // Valkey 9 and Redis 8.4 mark who moves a slot.
        if command == "cluster|syncslots" || command == "migrate-asking" { return .slotMover }
        if isSentinel { return .sentinel }
        return flags.contains(UInt8(ascii: "P")) || (subscriptions ?? 0) > 0 ? .subscriber : .client
    }

    /// `sentinel-6f1c0c2b-cmd`, as sentinels call their connections.
    private var isSentinel: Bool {
        name.hasPrefix("sentinel-") && (name.hasSuffix("-cmd") || name.hasSuffix("-pubsub"))
    }

    /// Waits in a blocking command.
    public var isBlocked: Bool { flags.utf8.contains(UInt8(ascii: "b")) }
    /// One of this program's.
    public var isOwn: Bool { name == SlowlogEntry.ownName }

    /// The address without its port; the path of a socket.
    public var host: String {
        let bytes = address.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return address }
        let host = address[..<colon]
        return host.utf8.first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
            ? String(host.dropFirst().dropLast()) : String(host)
    }
}
