internal import RedisValues

/// What a poll found of the revocations that this program has written.
public struct RevocationCheck: Codable, Equatable, Sendable {
    /// Revocations that are to hold still.
    public var watched: Int
    /// Ids of those that the server does not have, escaped.
    public var lost: [String]

    public init(watched: Int, lost: [String]) {
        self.watched = watched
        self.lost = lost
    }
}
