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

    /// The members in the platform's order and names; times in Unix seconds, null for what is not known.
    public var json: JSONValue {
        .object([
            ("token_id", .string(id)), ("user_id", JSONValue(user)), ("token_type", JSONValue(type)),
            ("reason", JSONValue(reason)), ("blacklisted_at", .integer(Int(blacklistedAt.seconds))),
            ("expires_at", JSONValue(expiresAt.map { Int($0.seconds) })), ("ip_address", JSONValue(address)),
        ])
    }

    /// Instead of a user that is not known.
    private static let nobody = "00000000-0000-0000-0000-000000000000"
    /// Instead of a type and a reason that are not known.
    private static let unknown = "unknown"

    /// The value that is written under the token's key.
    ///
    /// The platform's readers want every member, `null` for the address alone, and UUIDs where their layout has them.
    /// What those cannot take stands beside as `token_ref` and `user_ref`.
    ///
    /// - Parameter until: when the key goes, for a token that does not say when it expires.
    public func value(in layout: BlacklistLayout, until: WallTime) -> JSONValue {
        let name = layout.name(of: id)
        let owner = layout == .deployed ? user.map { TokenID.canonicalUUID($0) ?? Self.nobody } : user
        let members: [(name: String, value: JSONValue)] = [
            ("token_id", .string(name)), ("user_id", .string(owner ?? Self.nobody)),
            ("token_type", .string(type ?? Self.unknown)), ("reason", .string(reason ?? Self.unknown)),
            ("blacklisted_at", .integer(Int(blacklistedAt.seconds))),
            ("expires_at", .integer(Int((expiresAt ?? until).seconds))), ("ip_address", JSONValue(address)),
        ]
        var references: [(name: String, value: JSONValue)] = []
        if layout == .deployed, TokenID.canonicalUUID(id) == nil { references.append(("token_ref", .string(id))) }
        if let user, owner == Self.nobody, user != owner { references.append(("user_ref", .string(user))) }
        return .object(members + references)
    }

    /// Reads a value of the blacklist, in whichever layout; what somebody else has written leaves only the id.
    ///
    /// - Parameter id: what the key calls the token; a `token_ref` that leads to it takes its place.
    public init(value: [UInt8], id: String) {
        let json = (try? JSONParser.parse(value)) ?? .null
        func time(_ name: String) -> WallTime? {
            json[name]?.wholeNumber.map { WallTime(seconds: Int64($0)) }
        }
        func known(_ name: String, _ unknown: String) -> String? {
            json[name]?.string.flatMap { $0 == unknown ? nil : $0 }
        }
        let reference = json["token_ref"]?.string.flatMap { reference in
            TokenID.uuid(for: reference) == id && TokenID.problem(of: reference) == nil ? reference : nil
        }
        self.init(
            id: reference ?? id, user: known("user_id", Self.nobody) ?? json["user_ref"]?.string,
            type: known("token_type", Self.unknown), reason: known("reason", Self.unknown),
            blacklistedAt: time("blacklisted_at") ?? WallTime(seconds: 0), expiresAt: time("expires_at"),
            address: json["ip_address"]?.string)
    }
}
