/// A WebSocket connection, as its server tells all others of it.
public struct WebSocketSession: Equatable, Sendable {
    /// A UUID, which the deployed layout asks for.
    public var connectionID: String
    /// nil until somebody has logged in on it; a UUID in the deployed layout.
    public var userID: String?
    public var clientIP: String?
    /// Whole seconds are kept.
    public var connectedAt: WallTime?
    public var lastActivity: WallTime?
    public var isAuthenticated: Bool
    public var subscriptions: [String]
    /// What others have written there that is no text stands here as JSON.
    public var metadata: [String: String]
    /// One more with each change.
    public var version: Int

    public init(
        connectionID: String, userID: String? = nil, clientIP: String, connectedAt: WallTime,
        isAuthenticated: Bool = false, subscriptions: [String] = [], metadata: [String: String] = [:]
    ) {
        self.connectionID = connectionID
        self.userID = userID
        self.clientIP = clientIP
        self.connectedAt = connectedAt
        lastActivity = connectedAt
        self.isAuthenticated = isAuthenticated
        self.subscriptions = subscriptions
        self.metadata = metadata
        version = 1
    }
}

/// The record of a WebSocket connection: JSON whose members others may have written, and which keeps what it does not
/// know.
package struct WebSocketRecord: Sendable {
    private var members: [(name: String, value: JSONValue)]
    package private(set) var session: WebSocketSession

    /// Instead of an address that is not known: the platform's readers want one.
    private static let unknown = "unknown"

    /// - Parameter now: for times that are not known.
    package init(_ session: WebSocketSession, now: WallTime) {
        self.session = session
        members = []
        let before = session
        self.session.connectedAt = session.connectedAt ?? now
        self.session.lastActivity = session.lastActivity ?? self.session.connectedAt
        roundTimes()
        for name in Self.names { put(name, before: before) }
    }

    /// - Returns: nil for what is no JSON object. Members that are missing, or of another kind, are not known.
    package init?(_ bytes: [UInt8], id: String) {
        guard case .object(let members) = try? JSONParser.parse(bytes) else { return nil }
        self.members = members
        let json = JSONValue.object(members)
        func time(_ name: String) -> WallTime? { json[name].flatMap { try? TokenTime.read($0, .down) } }
        session = WebSocketSession(
            connectionID: id, userID: json["user_id"]?.string, clientIP: "", connectedAt: WallTime(seconds: 0))
        session.clientIP = json["client_ip"]?.string
        session.connectedAt = time("connected_at")
        session.lastActivity = time("last_activity")
        if case .boolean(true) = json["is_authenticated"] { session.isAuthenticated = true }
        if case .array(let values) = json["subscriptions"] { session.subscriptions = values.compactMap(\.string) }
        if case .object(let values) = json["metadata"] {
            for (name, value) in values { session.metadata[name] = value.string ?? value.line }
        }
        session.version = json["version"]?.wholeNumber ?? 0
    }

    /// The value of its key.
    package var bytes: [UInt8] { Array(JSONValue.object(members).line.utf8) }

    /// Another version; what is not changed stays as it was written, whoever has written it how.
    ///
    /// - Parameter change: whatever it does to the connection's id is not kept.
    package mutating func change(at now: WallTime, _ change: (inout WebSocketSession) -> Void) {
        let before = session
        change(&session)
        session.connectionID = before.connectionID
        session.connectedAt = session.connectedAt ?? now
        session.lastActivity = session.lastActivity ?? now
        session.version = before.version +| 1
        roundTimes()
        for name in Self.names { put(name, before: before) }
    }

    /// Whole seconds are kept.
    private mutating func roundTimes() {
        session.connectedAt = session.connectedAt.map { WallTime(seconds: $0.seconds) }
        session.lastActivity = session.lastActivity.map { WallTime(seconds: $0.seconds) }
    }

    private static let names = [
        "connection_id", "user_id", "client_ip", "connected_at", "last_activity", "is_authenticated", "subscriptions",
        "metadata", "version",
    ]

    private mutating func put(_ name: String, before: WebSocketSession) {
        let index = members.firstIndex { $0.name == name }
        let there = index.map { members[$0].value }
        let isSame = Self.text(name, of: before, there) == Self.text(name, of: session, there)
        // What is missing or null fails the record for the platform's readers, but for the user.
        if isSame, let there, name == "user_id" || !there.isNull { return }
        let value = Self.value(name, of: session, there)
        if let index { members[index].value = value } else { members.append((name, value)) }
    }

    private static func text(_ name: String, of session: WebSocketSession, _ there: JSONValue?) -> String {
        value(name, of: session, there).line
    }

    private static func value(_ name: String, of session: WebSocketSession, _ there: JSONValue?) -> JSONValue {
        func time(_ time: WallTime?) -> JSONValue { JSONValue(time.map { Int(clamping: $0.seconds) }) }
        return switch name {
        case "connection_id": .string(session.connectionID)
        case "user_id": JSONValue(session.userID)
        case "client_ip": .string(session.clientIP ?? unknown)
        case "connected_at": time(session.connectedAt)
        case "last_activity": time(session.lastActivity)
        case "is_authenticated": .boolean(session.isAuthenticated)
        case "subscriptions": JSONValue(session.subscriptions)
        case "metadata": metadata(session.metadata, there)
        default: .integer(session.version)
        }
    }

    /// What was no text and is as it was stays no text.
    private static func metadata(_ texts: [String: String], _ there: JSONValue?) -> JSONValue {
        .object(
            texts.sorted { $0.key < $1.key }.map { name, text in
                if let value = there?[name], value.string == nil, value.line == text { return (name, value) }
                return (name, .string(text))
            })
    }
}

extension JSONValue {
    fileprivate var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

/// Under which keys WebSocket connections stand.
package struct WebSocketKeys: Sendable {
    private let front: [UInt8]

    package init(keyPrefix: String) { front = Array((keyPrefix + "ws:session").utf8) }

    /// - Returns: nil for an id that the layout does not have: that of deployed servers is a UUID.
    package func key(_ id: String, in layout: StoreLayout) -> [UInt8]? {
        switch layout {
        case .guide: front + [UInt8(ascii: ":")] + Array(id.utf8)
        case .deployed: TokenID.canonicalUUID(id).map { front + Array("/\($0)".utf8) }
        }
    }

    /// Lists the connections of a user who has logged in.
    package func set(ofUser user: String) -> [UInt8] {
        front + Array("/user:\(TokenID.canonicalUUID(user) ?? user)/sessions".utf8)
    }

    package func set(fromIP address: String) -> [UInt8] { front + Array("/ip:\(address)/sessions".utf8) }

    /// All that list a connection.
    package func sets(of session: WebSocketSession) -> [[UInt8]] {
        [session.userID.map(set(ofUser:)), session.clientIP.map(set(fromIP:))].compactMap { $0 }
    }
}
