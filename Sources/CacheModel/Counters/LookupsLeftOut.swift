/// Lookups that the server counts and that no cache answers: revocation checks, and keys that stores look for besides.
///
/// That a token is not revoked is what most checks find: a miss each, for the server. Both are parts of all lookups of
/// the last minute, 0 to 1.
public struct LookupsLeftOut: Codable, Equatable, Sendable {
    public var lookups: Double
    /// Those of them that have found something.
    public var found: Double

    public init(lookups: Double, found: Double) { (self.lookups, self.found) = (lookups, found) }
}
