/// What is known of one thing at one time.
public enum ComparedValue: Equatable, Sendable {
    public enum Unit: Sendable { case bytes, count, share, perSecond, bytesPerSecond }

    /// Harmless to a terminal.
    case text(String)
    case flag(Bool)
    case number(Double, Unit)
    case estimated(Estimated, Unit)
    /// Why nobody knows.
    case unknown(String)

    public var isUnknown: Bool { whyUnknown != nil }

    var whyUnknown: String? { if case .unknown(let why) = self { why } else { nil } }

    /// The figure, and its interval; of a number both ends are the number.
    public var figure: (value: Estimated, unit: Unit)? {
        switch self {
        case .number(let number, let unit): (Estimated(exactly: number), unit)
        case .estimated(let figure, let unit): (figure, unit)
        case .text, .flag, .unknown: nil
        }
    }
}

/// How far apart two figures may be that are the same: what a cache in use does by itself is no difference.
public struct Tolerance: Equatable, Sendable {
    /// Of the larger one.
    var relative = 0.0
    /// In the figure's own unit.
    var absolute = 0.0
    /// Whether as much as chance makes of a number of independent things is no difference, too: three standard
    /// deviations of a Poisson count, 3 √n.
    var countsByChance = false

    /// Every difference is one.
    static let none = Tolerance()

    func covers(_ was: Estimated, _ now: Estimated) -> Bool {
        // Intervals that have a value in common may be of the same truth.
        if max(was.low, now.low) <= min(was.high, now.high) { return true }
        let apart = abs(now.value - was.value)
        let larger = max(abs(was.value), abs(now.value))
        return apart <= absolute || apart <= relative * larger
            || countsByChance && apart <= 3 * larger.squareRoot()
    }
}
