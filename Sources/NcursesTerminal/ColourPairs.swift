internal import CNcurses
internal import TerminalUI

/// Attributes and colour pair of each style, made when first needed.
struct ColourPairs {
    struct Look {
        var attributes: attr_t
        var pair: Int32
    }

    private struct Colours: Hashable {
        var foreground: Int32
        var background: Int32
    }

    let depth: ColourDepth
    private(set) var theme: Theme
    private var looks: [Style: Look] = [:]
    private var pairs: [Colours: Int32] = [:]
    private let capacity: Int32

    init(depth: ColourDepth, theme: Theme) {
        self.depth = depth
        self.theme = theme
        capacity = depth == .none ? 0 : min(cw_colour_pairs(), 32_000)
    }

    mutating func apply(_ theme: Theme) {
        self.theme = theme
        looks.removeAll()
    }

    mutating func look(of style: Style) -> Look {
        if let look = looks[style] { return look }
        let resolved = eightColours(theme.resolve(style, depth: depth))
        var attributes: attr_t = 0
        if resolved.bold { attributes |= cw_bold() }
        if resolved.dim { attributes |= cw_dim() }
        if resolved.reverse { attributes |= cw_reverse() }
        if resolved.underline { attributes |= cw_underline() }
        let look = Look(attributes: attributes, pair: pair(resolved))
        looks[style] = look
        return look
    }

    /// On a terminal of 8 colours, bright ones are bold and grey is dim white.
    private func eightColours(_ style: ResolvedStyle) -> ResolvedStyle {
        guard depth == .colours16, cw_colours() < 16 else { return style }
        var style = style
        if case .index(let index) = style.foreground, index >= 8 {
            style.foreground = .index(index == 8 ? 7 : index - 8)
            if index == 8 { style.dim = true } else { style.bold = true }
        }
        if case .index(let index) = style.background, index >= 8 {
            style.background = .index(index == 8 ? 0 : index - 8)
        }
        return style
    }

    private mutating func pair(_ style: ResolvedStyle) -> Int32 {
        guard capacity > 1 else { return 0 }
        let colours = Colours(foreground: number(style.foreground), background: number(style.background))
        if colours.foreground == -1, colours.background == -1 { return 0 }
        if let pair = pairs[colours] { return pair }
        let pair = Int32(pairs.count + 1)
        // A theme has far fewer; after many previews the oldest numbers are given anew, and the screen with them.
        guard pair < capacity else { return 0 }
        init_extended_pair(pair, colours.foreground, colours.background)
        pairs[colours] = pair
        return pair
    }

    private func number(_ colour: TerminalColour) -> Int32 {
        switch colour {
        case .default: return -1
        case .rgb(let red, let green, let blue): return Int32(red) << 16 | Int32(green) << 8 | Int32(blue)
        case .index(let index): return Int32(index)
        }
    }
}
