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
    public var layouts: [BlacklistLayout]
    /// One a layout, escaped.
    public var keys: [String]
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
    public var risk = EvictionRisk.none

    public init(token: RevokedToken, layout: BlacklistLayout, key: String, state: State) {
        self.token = token
        layouts = [layout]
        keys = [key]
        self.state = state
        if case .failed = state { isThere = false }
    }

    /// The same token in another layout: it holds where both do, and as long as both do.
    public func joined(_ other: RevocationResult) -> RevocationResult {
        var sum = self
        sum.layouts += other.layouts
        sum.keys.append(contentsOf: other.keys)
        sum.indexes += other.indexes
        sum.isThere = isThere || other.isThere
        sum.lifetime = [lifetime, other.lifetime].compactMap { $0 }.min()
        sum.acknowledged = [acknowledged, other.acknowledged].compactMap { $0 }.min()
        switch (state, other.state) {
        case (.failed(let words), .failed(let others)):
            sum.state = .failed(words == others ? words : "\(words); \(others)")
        case (.failed(let words), _): sum.state = .failed(half(words, held: other))
        case (_, .failed(let words)): sum.state = .failed(other.half(words, held: self))
        case (.alreadyRevoked, .alreadyRevoked): sum.state = .alreadyRevoked
        default: sum.state = .written
        }
        return sum
    }

    private func half(_ words: String, held: RevocationResult) -> String {
        "revoked as \(held.keys.joined(separator: ", ")), but not as \(keys.joined(separator: ", ")): \(words)"
    }

    /// False where all is as it was before, as far as anybody knows.
    public var hasChanged: Bool {
        switch state {
        case .written: true
        case .alreadyRevoked: false
        // In a part: it stands there, and is not listed, or not in both layouts.
        case .failed: isThere
        }
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
        let place = layouts.count > 1 ? "\(head) in both layouts" : head
        let replicas = Self.words(ofReplicas: replicas, acknowledged: acknowledged)
        return ([place, Self.words(ofLifetime: lifetime)] + [replicas].compactMap { $0 }).joined(separator: ", ")
    }

    static func words(ofLifetime lifetime: Duration?) -> String {
        lifetime.map { "TTL \(Format.count($0.wholeSeconds)) s" } ?? "never expires"
    }

    static func words(ofReplicas replicas: Int, acknowledged: Int?) -> String? {
        guard let acknowledged else { return replicas == 0 ? "no replica" : nil }
        if acknowledged < replicas {
            return "only \(acknowledged) of \(Format.count(replicas, "replica")) acknowledged: a fail-over may lose it"
        }
        return "\(Format.count(acknowledged, "replica")) acknowledged"
    }
}
