public import RedisValues

/// A deployment at one time, as far as two of them are compared: read from what `--once --format json` prints, of this
/// version or an earlier one. Recordings and the present come to the same form.
public struct ComparedState: Equatable, Sendable {
    /// One thing of a node or of a namespace.
    struct Fact: Equatable, Sendable {
        var part: ComparedPart
        var name: String
        var value: ComparedValue
        var tolerance: Tolerance
        var weight = ComparedWeight.state
    }

    struct Node: Equatable, Sendable {
        var address: String
        var runID: String?
        var isSentinel: Bool
        var refusal: String?
        var facts: [Fact]
    }

    struct Namespace: Equatable, Sendable {
        var name: String
        var facts: [Fact]
    }

    struct StandingAlert: Equatable, Sendable {
        var id: String
        var level: String
        var node: String?
    }

    public internal(set) var takenAt: WallTime?
    public internal(set) var target: String
    /// What is known of it all, such as its kind.
    var facts: [Fact]
    var nodes: [Node]
    var namespaces: [Namespace]
    /// Why nothing is known of the namespaces; nil where something is.
    var whyNoNamespaces: String?
    /// Of all namespaces together; nil where nobody knows.
    var keys: Double?
    var alerts: [StandingAlert]
    /// Whether there were two polls at least, without which some alerts cannot be raised.
    var wasWatched: Bool
    /// What of it a newer version may mean in another way; nil where nothing is.
    var newerSchema: Int?
    /// Addresses and names are hashes.
    public var isAnonymous = false
    /// What people should know of how it was found, such as that nothing was recorded at that time.
    public var notes: [String] = []

    /// It comes from a recording that a newer version has written.
    public mutating func note(newerSchema schema: Int) { newerSchema = schema }

    /// Whether somebody has looked at its keys.
    public var hasNamespaces: Bool { whyNoNamespaces == nil }
}

/// What is compared, in the order in which it is told.
public enum ComparedPart: String, CaseIterable, Sendable {
    case settings, members, figures, namespaces, alerts
    /// What always moves: told, and no difference.
    case traffic
}

/// What it means for the whole that something is not the same, or not known.
enum ComparedWeight: Sendable {
    case state
    /// It happens, or does not: where it does on one side it is a difference, and only who watches knows of it.
    case event
    /// It moves by itself.
    case traffic
}

/// Why something cannot be compared.
public enum ComparisonProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Damaged at that byte; the words say how.
    case torn(offset: Int, String)
    case foreign(String)

    public var description: String {
        switch self {
        case .torn(0, let words): "is not a document of cachewatch --once --format json: \(words)"
        case .torn(let offset, let words):
            "is damaged, or not whole: at byte \(offset) of its JSON \(words)"
        case .foreign(let words): "is not a document of cachewatch --once --format json: \(words)"
        }
    }
}
