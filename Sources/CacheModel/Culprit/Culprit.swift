internal import RedisValues

/// Who or what an alert is about: a name that the figures of the last minutes carry.
public struct Culprit: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        case namespace, component, command, clientGroup = "client-group", slowQuery = "slow-query", events, fork
    }

    /// How much the lower end of ``part`` allows to say.
    public enum Weight: Sendable {
        case whole, part, largest

        init(low: Double) { self = low >= 0.5 ? .whole : low >= 0.2 ? .part : .largest }
    }

    public var kind: Kind
    /// Escaped.
    public var name: String
    /// Of a namespace that no rule covers, what its keys begin with, escaped; nil for one of the rules, and for all else.
    public var prefix: String?
    /// Of all that has risen, 0 to 1; nil where it is no part of anything.
    public var part: Estimated?
    /// One sentence: who it is, by how much, which part that is, and who is behind it.
    public var words: String
    /// Name and figure, such as `reco:home +38.0 MiB`; the name where the alert says the figure.
    private var short: String

    public var weight: Weight { part.map { Weight(low: $0.low) } ?? .whole }

    /// Says who asks for it: a query by itself closes no connection.
    mutating func say(askedBy group: String) { short += " from \(group)" }

    /// Name and figure, where there is room for no more; nil where it is only the largest of many.
    public var brief: String? { weight == .largest ? nil : short }

    /// - Parameters:
    ///   - rise: by how much, in short; nil where the alert says it.
    ///   - figure: the same with its margin and its time.
    ///   - whole: what the part is of.
    public init(
        _ kind: Kind, _ name: String, _ part: Estimated?, rise: String?, figure: String, of whole: String
    ) {
        let name = name.count > Self.longestName ? name.prefix(Self.longestName - 1) + "…" : name
        (self.kind, self.name, self.part) = (kind, name, part)
        short = rise.map { "\(name) \($0)" } ?? name
        words = ""
        let told = part.map { "\(figure), \($0.percentage) of \(whole)" } ?? figure
        words =
            switch weight {
            case .whole: "\(name) is it: \(told)"
            case .part: "\(name) is part of it: \(told)"
            case .largest: "no single one; largest: \(name) \(told)"
            }
    }

    private static let longestName = 80

    /// The same with other words, where somebody must not be named.
    public func rewritten(_ change: (String) -> String) -> Culprit {
        var culprit = self
        (culprit.name, culprit.words, culprit.short) = (change(name), change(words), change(short))
        culprit.prefix = prefix.map(change)
        return culprit
    }
}
