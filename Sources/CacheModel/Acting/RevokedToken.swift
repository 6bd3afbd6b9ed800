public import RedisValues

/// What the blacklist holds of a revoked token: the value of its key.
public struct RevokedToken: Equatable, Sendable {
    public var id: String
    public var user: String?
    /// Such as `access` or `refresh`.
    public var type: String?
    public var reason: String?
    public var blacklistedAt: WallTime
    public var expiresAt: WallTime?
    public var address: String?

    public init(
        id: String, user: String? = nil, type: String? = nil, reason: String? = nil, blacklistedAt: WallTime,
        expiresAt: WallTime? = nil, address: String? = nil
    ) {
        self.id = id
        self.user = user
        self.type = type
        self.reason = reason
        self.blacklistedAt = blacklistedAt
        self.expiresAt = expiresAt
        self.address = address
    }

    /// The members in the platform's order and names; times in Unix seconds.
    public var json: JSONValue {
        .object([
            ("token_id", .string(id)), ("user_id", JSONValue(user)), ("token_type", JSONValue(type)),
            ("reason", JSONValue(reason)), ("blacklisted_at", .integer(Int(blacklistedAt.seconds))),
            ("expires_at", JSONValue(expiresAt.map { Int($0.seconds) })), ("ip_address", JSONValue(address)),
        ])
    }

    /// Reads a value of the blacklist; servers that write something else than ``json`` leave only the id.
    public init(value: [UInt8], id: String) {
        let json = (try? JSONParser.parse(value)) ?? .null
        func time(_ name: String) -> WallTime? {
            json[name]?.wholeNumber.map { WallTime(seconds: Int64($0)) }
        }
        self.init(
            id: id, user: json["user_id"]?.string, type: json["token_type"]?.string, reason: json["reason"]?.string,
            blacklistedAt: time("blacklisted_at") ?? WallTime(seconds: 0), expiresAt: time("expires_at"),
            address: json["ip_address"]?.string)
    }
}

/// How a deployment names the keys of its blacklist.
public enum BlacklistLayout: String, CaseIterable, Codable, Sendable {
    /// `token:blacklist:<id>`, as the platform's guide has it.
    case documented = "token:blacklist"
    /// `blacklist:token:<id>` with the sets `blacklist:user:<id>` and `blacklist:type:<type>`, as deployed servers are
    /// known to write it.
    case deployed = "blacklist:token"

    /// In front of a token's id.
    public var prefix: String { rawValue + ":" }

    public func key(of id: String, keyPrefix: [UInt8]) -> [UInt8] { keyPrefix + Array((prefix + id).utf8) }

    /// Whether sets list the tokens beside their own keys.
    public var hasIndexKeys: Bool { self == .deployed }

    /// Sets that list the token's id; none in the documented layout.
    public func indexKeys(of token: RevokedToken, keyPrefix: [UInt8]) -> [[UInt8]] {
        guard hasIndexKeys else { return [] }
        let names = [token.user.map { "blacklist:user:\($0)" }, token.type.map { "blacklist:type:\($0)" }]
        return names.compactMap { $0 }.map { keyPrefix + Array($0.utf8) }
    }

    /// The id in a key of this layout.
    public func id(in key: [UInt8], keyPrefix: [UInt8]) -> String? {
        let front = keyPrefix + Array(prefix.utf8)
        guard key.starts(with: front), key.count > front.count else { return nil }
        return String(validating: key[front.count...], as: UTF8.self)
    }
}

/// A token that is in the blacklist.
public struct ListedToken: Equatable, Sendable {
    public var token: RevokedToken
    public var layout: BlacklistLayout
    /// nil for one that never expires.
    public var lifetime: Duration?

    public init(token: RevokedToken, layout: BlacklistLayout, lifetime: Duration?) {
        self.token = token
        self.layout = layout
        self.lifetime = lifetime
    }
}
