/// What a time to live that somebody sets means for a key.
public enum KeyLifetime {
    /// What is shorter ends a key before anybody could look, or think again.
    public static let shortest = Duration.seconds(60)

    /// True for a time to live that is a deletion: it wants a deletion's confirmation, and its journal.
    public static func isDeletion(_ lifetime: Duration) -> Bool { lifetime < shortest }
}
