internal import RedisValues

/// What is true of a token after it was revoked.
public struct RevocationResult: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        case written
        /// It was revoked already, for at least as long.
        case alreadyRevoked
        /// The words say why.
        case failed(String)
    }

    public var token: RevokedToken
    public var layout: BlacklistLayout
    /// Escaped.
    public var key: String
    public var state: State
    /// Read back: what is left of its time; nil where it never expires or was not read.
    public var lifetime: Duration?
    /// Replicas that had it when the server answered; nil where there is none.
    public var acknowledged: Int?
    public var replicas = 0
    /// Whether the key was there when it was read back; also where not all went well.
    public var isThere = true
    /// Index sets that list it, escaped.
    public var indexes: [String] = []

    public init(token: RevokedToken, layout: BlacklistLayout, key: String, state: State) {
        self.token = token
        self.layout = layout
        self.key = key
        self.state = state
    }

    /// True where the server holds it, and nothing is missing.
    public var holds: Bool {
        if case .failed = state { false } else { true }
    }

    /// `written, TTL 3,412 s, 1 replica acknowledged`.
    public var words: String {
        let head: String
        switch state {
        case .failed(let words): return words
        case .written: head = "written"
        case .alreadyRevoked: head = "already revoked"
        }
        let time = lifetime.map { "TTL \(Format.count(Int(($0 / .seconds(1)).rounded()))) s" } ?? "never expires"
        return ([head, time] + [replicaWords].compactMap { $0 }).joined(separator: ", ")
    }

    private var replicaWords: String? {
        guard let acknowledged else { return replicas == 0 ? "no replica" : nil }
        if acknowledged < replicas {
            return "only \(acknowledged) of \(replicas) replicas acknowledged: a fail-over may lose it"
        }
        return "\(acknowledged) \(acknowledged == 1 ? "replica" : "replicas") acknowledged"
    }
}
