internal import RedisValues

/// A time to live as somebody types it, letter by letter.
public enum LifetimeText: Equatable, Sendable {
    case nothing
    /// It may become one.
    case unfinished
    case never
    case lifetime(Duration)
    /// It will not become one; the words say why.
    case wrong(String)

    public static let formats = "90s, 10m, 2h or 7d; a number alone is seconds; never takes it away"

    private static let units = ["ms", "s", "m", "min", "h", "d"]
    private static let forever = "never"

    public init(_ text: String) {
        let word = text.drop { $0 == " " }
        if word.isEmpty {
            self = .nothing
        } else if word == Self.forever {
            self = .never
        } else if Self.forever.hasPrefix(word) {
            self = .unfinished
        } else if let duration = DurationText.parse(text) {
            // More digits may follow a zero.
            self = duration >= .milliseconds(1) ? .lifetime(duration) : Self.nought(word)
        } else {
            self = Self.unparsed(word)
        }
    }

    private static func nought(_ word: Substring) -> LifetimeText {
        word.allSatisfy { $0 == "0" || $0 == "." } ? .unfinished : .wrong("A time to live is at least 1 ms")
    }

    private static func unparsed(_ word: Substring) -> LifetimeText {
        let digits = word.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        if word.first == "-" { return .wrong("A time to live is not negative") }
        guard !digits.isEmpty, digits.filter({ $0 == "." }).count < 2 else {
            return .wrong("It is not a time to live")
        }
        let unit = word.dropFirst(digits.count).drop { $0 == " " }
        // A point alone may still become a number.
        if digits == ".", unit.isEmpty { return .unfinished }
        if units.contains(where: { $0.hasPrefix(unit) }) {
            return units.contains(String(unit)) || unit.isEmpty
                ? .wrong("It is more than ten years") : .unfinished
        }
        return .wrong("\"\(Printable.escape(unit, limit: 20))\" is not a unit: \(units.joined(separator: ", "))")
    }

    /// nil for what is not one, or not yet; the inner nil is `never`.
    public var wanted: Duration?? {
        switch self {
        case .never: .some(nil)
        case .lifetime(let duration): .some(duration)
        case .nothing, .unfinished, .wrong: nil
        }
    }
}

extension NamespaceRule {
    /// What is promised of its keys' time to live, such as `expires, at most 2 h`.
    public var contractWords: String {
        let promises = [mustExpire ? "expires" : nil, maximumTTL.map { "at most \(Format.duration($0))" }]
            .compactMap { $0 }
        return promises.isEmpty ? "none" : promises.joined(separator: ", ")
    }

    /// Why a time to live breaks that; nil where it does not.
    ///
    /// - Parameter lifetime: nil for never.
    public func breach(_ lifetime: Duration?) -> String? {
        guard let lifetime else { return mustExpire ? "its contract is that it expires" : nil }
        guard let maximumTTL, lifetime > maximumTTL else { return nil }
        return "its contract is at most \(Format.duration(maximumTTL))"
    }
}
