/// A text on its way to the screen, scalar by scalar: which of them are drawn depends on what is before them.
public struct DrawnRun: Sendable {
    public enum Fate: Sendable {
        /// Drawn in columns of its own.
        case base
        /// Drawn on the base before it.
        case mark
        /// Written out.
        case escaped
    }

    /// Of one base: more than that are no word's.
    private static let mostMarks = 2

    /// Marks that may still come; none where no letter is before them.
    private var room = 0
    private var lastClass: UInt8 = 0

    public init() {}

    public mutating func take(_ scalar: Unicode.Scalar) -> Fate {
        if scalar.value < 0x7f {
            room = 0
            return scalar.value >= 0x20 ? .base : .escaped
        }
        if Drawable.isMark(scalar) {
            let order = scalar.properties.canonicalCombiningClass.rawValue
            // In another order they would be another spelling of the same.
            if room > 0, order == 0 || order >= lastClass {
                (room, lastClass) = (room - 1, order)
                return .mark
            }
        } else if Drawable.isBase(scalar) {
            (room, lastClass) = (Self.takesMarks(scalar) ? Self.mostMarks : 0, 0)
            return .base
        }
        room = 0
        return .escaped
    }

    /// Letters of the scripts whose marks are drawn.
    private static func takesMarks(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x5d0...0x5f2, 0x620...0x6ff, 0xe01...0xe2e, 0xe81...0xeae, 0xedc...0xedf:
            scalar.properties.isAlphabetic
        default: false
        }
    }
}
