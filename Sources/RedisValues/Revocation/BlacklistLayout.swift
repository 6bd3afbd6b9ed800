/// How a deployment names the keys of its blacklist.
public enum BlacklistLayout: String, CaseIterable, Codable, Sendable {
    /// `token:blacklist:<id>`, as the platform's guide has it.
    case documented = "token:blacklist"
    /// `blacklist:token:<uuid>` with the sets `blacklist:user:<uuid>` and `blacklist:type:<type>`, as the platform's
    /// code writes it.
    case deployed = "blacklist:token"

    /// In front of a token's id.
    public var prefix: String { rawValue + ":" }

    /// What the keys of all tokens begin with.
    public func front(_ keyPrefix: [UInt8]) -> [UInt8] { keyPrefix + Array(prefix.utf8) }

    /// What the layout calls a token.
    public func name(of id: String) -> String { self == .deployed ? TokenID.uuid(for: id) : id }

    public func key(of id: String, keyPrefix: [UInt8]) -> [UInt8] { front(keyPrefix) + Array(name(of: id).utf8) }

    /// Every key under which a token may stand.
    ///
    /// Others than the platform put ids of any form into the deployed layout as they are.
    public static func keys(of id: String, keyPrefix: [UInt8]) -> [(layout: BlacklistLayout, key: [UInt8])] {
        let keys = allCases.map { ($0, $0.key(of: id, keyPrefix: keyPrefix)) }
        let asItIs = deployed.front(keyPrefix) + Array(id.utf8)
        return keys.contains { $0.1 == asItIs } ? keys : keys + [(.deployed, asItIs)]
    }

    /// Whether sets list the tokens beside their own keys.
    public var hasIndexKeys: Bool { self == .deployed }

    /// Sets that list the token's name; none in the documented layout.
    public func indexKeys(of token: RevokedToken, keyPrefix: [UInt8]) -> [[UInt8]] {
        guard hasIndexKeys else { return [] }
        let user = token.user.map { "blacklist:user:\(TokenID.canonicalUUID($0) ?? $0)" }
        return [user, token.type.map { "blacklist:type:\($0)" }].compactMap { $0 }.map { keyPrefix + Array($0.utf8) }
    }

    /// What a key of this layout calls its token.
    public func id(in key: [UInt8], keyPrefix: [UInt8]) -> String? {
        let front = front(keyPrefix)
        guard key.starts(with: front), key.count > front.count else { return nil }
        return String(validating: key[front.count...], as: UTF8.self)
    }
}

/// In which layouts revocations are written.
public enum RevocationLayout: String, CaseIterable, Sendable {
    case documented = "token:blacklist"
    case deployed = "blacklist:token"
    case both

    public var layouts: [BlacklistLayout] {
        BlacklistLayout(rawValue: rawValue).map { [$0] } ?? BlacklistLayout.allCases
    }

    /// `token:blacklist:<id>`.
    public var words: String {
        layouts.map { $0.prefix + ($0 == .deployed ? "<uuid>" : "<id>") }.joined(separator: " and ")
    }
}
