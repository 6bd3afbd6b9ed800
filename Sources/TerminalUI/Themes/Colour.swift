/// A colour as a theme names it.
public enum Colour: Hashable, Sendable {
    case rgb(UInt8, UInt8, UInt8)
    /// One of the terminal's own 16.
    case named(UInt8)
    /// Whatever the terminal's own background or text is.
    case `default`

    public static let names = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
    ]

    /// Reads `#rrggbb`, one of the 16 names, or `default`; nil for anything else.
    public init?(_ text: String) {
        if text == "default" {
            self = .default
        } else if let index = Self.names.firstIndex(of: text) {
            self = .named(UInt8(index))
        } else {
            guard text.utf8.count == 7, text.hasPrefix("#"), let value = UInt32(text.dropFirst(), radix: 16),
                !text.contains("+"), !text.contains("-")
            else { return nil }
            self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 0xff), UInt8(value & 0xff))
        }
    }

    /// A background of 16 colours is black or white: its greys are needed for words.
    func reducedAsBackground(to depth: ColourDepth) -> TerminalColour {
        guard depth == .colours16, case .rgb(let red, let green, let blue) = self else { return reduced(to: depth) }
        return .index(Int(red) * 3 + Int(green) * 6 + Int(blue) < 1280 ? 0 : 15)
    }

    /// The same colour with what the terminal has.
    public func reduced(to depth: ColourDepth) -> TerminalColour {
        switch (self, depth) {
        case (_, .none), (.default, _): .default
        case (.named(let index), _): .index(index)
        case (.rgb(let red, let green, let blue), .trueColour): .rgb(red, green, blue)
        case (.rgb(let red, let green, let blue), .colours256): .index(Palette.nearest256(red, green, blue))
        case (.rgb(let red, let green, let blue), .colours16): .index(Palette.nearest16(red, green, blue))
        }
    }

    /// Between two colours, `share` from 0 to 1; colours without known components don't mix.
    static func mix(_ low: Colour, _ high: Colour, _ share: Double) -> Colour {
        guard case .rgb(let r1, let g1, let b1) = low, case .rgb(let r2, let g2, let b2) = high else {
            return share < 0.5 ? low : high
        }
        func between(_ a: UInt8, _ b: UInt8) -> UInt8 {
            UInt8(clamping: Int((Double(a) + (Double(b) - Double(a)) * share).rounded()))
        }
        return .rgb(between(r1, r2), between(g1, g2), between(b1, b2))
    }
}

/// A colour as a terminal is told it.
public enum TerminalColour: Hashable, Sendable {
    case `default`
    /// Into the palette of 16 or 256.
    case index(UInt8)
    case rgb(UInt8, UInt8, UInt8)
}

/// The colours that terminals agree on.
enum Palette {
    private static let steps = [0, 95, 135, 175, 215, 255]

    /// The nearest of the 6×6×6 cube and the 24 greys; the first 16 differ from terminal to terminal.
    static func nearest256(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let (r, g, b) = (Int(red), Int(green), Int(blue))
        let (x, y, z) = (step(r), step(g), step(b))
        let cube = distance((r, g, b), (steps[x], steps[y], steps[z]))
        let grey = min(23, max(0, ((r + g + b) / 3 - 3) / 10))
        let level = 8 + grey * 10
        return distance((r, g, b), (level, level, level)) < cube ? UInt8(232 + grey) : UInt8(16 + 36 * x + 6 * y + z)
    }

    /// Of the first 16, by hue rather than by distance: a muted green has to stay green, and not become grey.
    static func nearest16(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let parts = [red, green, blue]
        let (low, high) = (Int(parts.min() ?? 0), Int(parts.max() ?? 0))
        guard high - low >= 40 else {
            switch (low + high) / 2 {
            case ..<40: return 0
            case ..<150: return 8
            case ..<225: return 7
            default: return 15
            }
        }
        let middle = (low + high) / 2
        var hue = parts.enumerated().reduce(UInt8(0)) { Int($1.element) > middle ? $0 | 1 << UInt8($1.offset) : $0 }
        // An olive that leans to green is a green.
        if hue == 3, green > red { hue = 2 }
        return high >= 210 ? hue + 8 : hue
    }

    private static func step(_ value: Int) -> Int {
        steps.indices.min { abs(steps[$0] - value) < abs(steps[$1] - value) } ?? 0
    }

    private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
        let (r, g, b) = (a.0 - b.0, a.1 - b.1, a.2 - b.2)
        return 2 * r * r + 4 * g * g + 3 * b * b
    }
}
