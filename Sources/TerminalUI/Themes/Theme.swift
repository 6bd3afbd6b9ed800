/// Gives roles their colours.
public struct Theme: Equatable, Sendable {
    public var name: String
    public var background: Colour
    /// One colour, or a gradient from low to high.
    var colours: [Role: [Colour]]
    /// True for a theme that uses attributes only.
    public var isMonochrome: Bool

    /// A line of a theme file.
    public struct Entry: Equatable, Sendable {
        public var key: String
        public var values: [String]
        public var line: Int

        public init(key: String, values: [String], line: Int) {
            self.key = key
            self.values = values
            self.line = line
        }
    }

    /// - Parameter entries: `role = "#rrggbb"` or a list for a gradient; `background`; `monochrome = "true"`. A role
    ///   that is missing looks like its parent, see ``Role/parent``.
    /// - Throws: ``ThemeError`` for an unknown role or colour.
    public init(name: String, entries: [Entry]) throws(ThemeError) {
        self.name = name
        background = .default
        colours = [:]
        isMonochrome = false
        for entry in entries { try apply(entry) }
    }

    private mutating func apply(_ entry: Entry) throws(ThemeError) {
        if entry.key == "monochrome" {
            guard entry.values == ["true"] || entry.values == ["false"] else {
                throw ThemeError(entry, "found \(Self.found(entry)), expected true or false")
            }
            isMonochrome = entry.values == ["true"]
            return
        }
        var colours: [Colour] = []
        for value in entry.values {
            guard let colour = Colour(value) else {
                throw ThemeError(
                    entry,
                    "\"\(value)\" is no colour; expected \"#rrggbb\", \"default\" or one of \(Colour.names.joined(separator: ", "))"
                )
            }
            colours.append(colour)
        }
        guard let first = colours.first else { throw ThemeError(entry, "the list of colours is empty") }
        if entry.key == "background" {
            background = first
        } else if let role = Role(rawValue: entry.key) {
            self.colours[role] = colours
        } else {
            throw ThemeError(
                entry,
                "is no role; the roles are background, monochrome, \(Role.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
    }

    private static func found(_ entry: Entry) -> String { entry.values.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// The colour of a role at a place in its gradient.
    public func colour(_ role: Role, level: UInt8 = 0) -> Colour {
        var next: Role? = role
        while let current = next {
            if let gradient = colours[current] { return Self.pick(gradient, level) }
            next = current.parent
        }
        return .default
    }

    private static func pick(_ colours: [Colour], _ level: UInt8) -> Colour {
        guard colours.count > 1 else { return colours.first ?? .default }
        let position = Double(min(100, level)) / 100 * Double(colours.count - 1)
        let index = min(colours.count - 2, Int(position))
        return .mix(colours[index], colours[index + 1], position - Double(index))
    }

    /// What the terminal is told for a cell.
    public func resolve(_ style: Style, depth: ColourDepth) -> ResolvedStyle {
        let plain = isMonochrome || depth == .none
        var resolved = ResolvedStyle(bold: style.bold, reverse: style.reverse, underline: style.underline)
        if plain {
            style.role.addAttributes(to: &resolved)
            return resolved
        }
        if style.role == .selection {
            resolved.foreground = colour(.text).reduced(to: depth)
            resolved.background = colour(.selection).reduced(to: depth)
            if resolved.background == .default { resolved.reverse = true }
            return resolved
        }
        resolved.foreground = colour(style.role, level: style.level).reduced(to: depth)
        resolved.background = background.reducedAsBackground(to: depth)
        // Black on the terminal's own, probably black, ground would not be seen, nor would anything on itself.
        let isBlackOnDefault = resolved.foreground == .index(0) && resolved.background == .default
        let isOnItself = resolved.foreground != .default && resolved.foreground == resolved.background
        if depth == .colours16, isBlackOnDefault || isOnItself { resolved.foreground = .index(8) }
        // Of 16 colours none is muted enough for a frame: red would call for a look.
        if depth == .colours16, style.role.isFrame { resolved.foreground = .index(8) }
        if style.role.isStrong { resolved.bold = true }
        return resolved
    }
}

/// Colours and attributes of a cell, in the terminal's terms.
public struct ResolvedStyle: Hashable, Sendable {
    public var foreground = TerminalColour.default
    public var background = TerminalColour.default
    public var bold = false
    public var dim = false
    public var reverse = false
    public var underline = false
}

/// What is wrong in a theme file.
public struct ThemeError: Error, Equatable, Sendable, CustomStringConvertible {
    public var line: Int
    public var key: String
    public var message: String

    init(_ entry: Theme.Entry, _ message: String) {
        line = entry.line
        key = entry.key
        self.message = message
    }

    public var description: String { "line \(line): \(key): \(message)" }
}

extension Role {
    /// The role whose colour this one has where a theme says nothing.
    public var parent: Role? {
        switch self {
        case .text: nil
        case .dim, .value, .title, .accent, .input, .good, .warning, .critical, .info, .selection: .text
        case .stale, .border, .tab, .chartAxis: .dim
        case .tabSelected, .key: .accent
        case .borderMemory, .borderClients, .borderTraffic, .borderAlerts, .borderNamespaces, .borderSlowlog: .border
        case .borderDialog: .accent
        case .chartLimit: .warning
        case .chartMemory, .chartClients, .chartTraffic, .chartHits, .meter: .accent
        case .chartLoss: .warning
        }
    }

    /// Without colours, weight and reversal tell what matters.
    func addAttributes(to style: inout ResolvedStyle) {
        switch self {
        case .critical: (style.bold, style.reverse) = (true, true)
        case .warning, .value, .title, .accent, .key: style.bold = true
        case .tabSelected, .selection: style.reverse = true
        case .dim, .stale, .border, .tab, .chartAxis, .chartLimit, .borderMemory, .borderClients, .borderTraffic,
            .borderAlerts, .borderNamespaces, .borderSlowlog:
            style.dim = true
        case .input: style.underline = true
        case .text, .good, .info, .borderDialog, .chartMemory, .chartClients, .chartTraffic, .chartHits, .chartLoss,
            .meter:
            break
        }
    }

    /// Frames of panels, which a theme tints.
    var isFrame: Bool {
        switch self {
        case .border, .borderMemory, .borderClients, .borderTraffic, .borderAlerts, .borderNamespaces, .borderSlowlog:
            true
        case .text, .dim, .stale, .value, .title, .accent, .tab, .tabSelected, .borderDialog, .selection, .key, .good,
            .warning, .critical, .info, .chartAxis, .chartLimit, .chartMemory, .chartClients, .chartTraffic,
            .chartHits, .chartLoss, .meter, .input:
            false
        }
    }

    /// Bold whatever its colour.
    var isStrong: Bool {
        switch self {
        case .critical, .tabSelected, .title: true
        case .text, .dim, .stale, .value, .accent, .tab, .border, .borderMemory, .borderClients, .borderTraffic,
            .borderAlerts, .borderNamespaces, .borderSlowlog, .borderDialog, .selection, .key, .good, .warning, .info,
            .chartAxis, .chartLimit, .chartMemory, .chartClients, .chartTraffic, .chartHits, .chartLoss, .meter, .input:
            false
        }
    }
}
