internal import Characters

/// What a cell shows, or a wide one and the half behind it.
struct Glyph {
    var character: Character
    /// 1 or 2.
    var columns: Int

    /// The printable ones, by their code.
    fileprivate static let ascii = (0..<0x7f).map { Glyph(character: Character(Unicode.Scalar($0)), columns: 1) }
}

/// Texts as they are drawn: one glyph after the other, and escapes for what terminals do not draw alike.
///
/// All that measures, cuts, breaks and writes takes its glyphs from here, so that they agree.
extension Charset {
    /// The glyphs of a text, from left to right.
    ///
    /// - Parameter body: says whether it wants more.
    func draw(_ text: some StringProtocol, _ body: (Glyph) -> Bool) {
        let ascii = Glyph.ascii
        if Self.isPlain(text) {
            for byte in text.utf8 { guard body(ascii[Int(byte)]) else { return } }
            return
        }
        var run = DrawnRun()
        var glyph: Glyph?
        for scalar in text.unicodeScalars {
            switch fate(of: scalar, &run) {
            case .mark:
                if let base = glyph {
                    glyph?.character = Character(String(base.character) + String(scalar))
                }
            case .base:
                if let glyph, !body(glyph) { return }
                guard self == .ascii, scalar.value >= 0x7f else {
                    glyph = shown(scalar)
                    continue
                }
                // A likeness may take several columns.
                glyph = nil
                for byte in (Self.likeness[Character(scalar)] ?? "?").utf8 {
                    guard body(ascii[Int(byte)]) else { return }
                }
            case .escaped:
                if let glyph, !body(glyph) { return }
                glyph = nil
                for byte in Drawable.escape(scalar).utf8 { guard body(ascii[Int(byte)]) else { return } }
            }
        }
        if let glyph { _ = body(glyph) }
    }

    func glyphs(of text: some StringProtocol) -> [Glyph] {
        var glyphs: [Glyph] = []
        draw(text) {
            glyphs.append($0)
            return true
        }
        return glyphs
    }

    /// How many columns a text takes.
    public func width(of text: some StringProtocol) -> Int {
        if Self.isPlain(text) { return text.utf8.count }
        var width = 0
        draw(text) {
            width += $0.columns
            return true
        }
        return width
    }

    /// The text with escapes for what is not drawn; of what is drawn nothing changes.
    public func drawn(_ text: String) -> String {
        if Self.isPlain(text) { return text }
        var drawn = ""
        draw(text) {
            drawn.append($0.character)
            return true
        }
        return drawn
    }

    private func fate(of scalar: Unicode.Scalar, _ run: inout DrawnRun) -> DrawnRun.Fate {
        guard self == .ascii, scalar.value >= 0x7f else { return run.take(scalar) }
        run = DrawnRun()
        return Self.likeness[Character(scalar)] == nil ? .escaped : .base
    }

    private func shown(_ scalar: Unicode.Scalar) -> Glyph {
        if scalar.value < 0x7f { return Glyph.ascii[Int(scalar.value)] }
        return Glyph(character: Character(scalar), columns: CharacterWidth.of(scalar))
    }

    private static func isPlain(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }
}
