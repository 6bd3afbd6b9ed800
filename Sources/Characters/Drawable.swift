/// Which characters are drawn as they are: every terminal, multiplexer and C library gives them the same columns, and
/// no two texts of them look alike because one is another spelling of the other.
///
/// All others are written out: joined emoji, flags, skin tones and variation selectors, whose width depends on what
/// draws them; syllables that are put together on the screen (Hangul from its parts, the scripts of India and their
/// neighbours); what is younger than Unicode 12.1, which a C library of today's servers or the terminal before them may
/// not know; what is drawn as a blank; and what another spelling would be drawn like. The text that is left is in normal
/// form C, so that two of them which are canonically equal are the same bytes.
///
/// Sources: Unicode Standard Annexes 11, 15, 29 and 44; `wcwidth` of glibc 2.36 and 2.41 and of Python's `wcwidth` 0.2.5
/// to 0.9, which agree on the widths of all that is left.
public enum Drawable {
    /// True for what stands in one or two columns of its own.
    public static func isBase(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x7f { return value >= 0x20 }
        if isCommon(value) { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
            .otherSymbol:
            break
        default: return false
        }
        return !isContested(value) && isKnownLongEnough(scalar)
            && !scalar.properties.isFullCompositionExclusion && !scalar.properties.isDefaultIgnorableCodePoint
    }

    /// True for what is drawn on the letter before it, and takes no column: of Hebrew, Arabic, Thai and Lao.
    ///
    /// None of them makes one character of two, so that no other spelling looks the same.
    public static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x591...0x5bd, 0x5bf, 0x5c1...0x5c2, 0x5c4...0x5c5, 0x5c7: true
        case 0x610...0x61a, 0x64b...0x652, 0x656...0x65f, 0x670, 0x6d6...0x6dc, 0x6df...0x6e4, 0x6e7...0x6e8,
            0x6ea...0x6ed:
            true
        // Without nikhahit: with the vowel behind it, it is drawn like sara am.
        case 0xe31, 0xe34...0xe3a, 0xe47...0xe4c, 0xe4e: true
        case 0xeb1, 0xeb4...0xebc, 0xec8...0xecc: true
        default: false
        }
    }

    /// `\x1b` of ASCII, `\u{202e}` of all else.
    public static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        guard scalar.value < 0x80 else { return "\\u{\(digits)}" }
        return digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }

    /// Most of what is ever drawn, found without a look into tables.
    private static func isCommon(_ value: UInt32) -> Bool {
        switch value {
        // Latin; box drawing and blocks; Braille but the blank; kana; ideographs; whole Hangul syllables.
        case 0xa1...0xac, 0xae...0x2ff, 0x2500...0x259f, 0x2801...0x28ff, 0x3041...0x3096, 0x30a1...0x30fa,
            0x4e00...0x9fa5, 0xac00...0xd7a3:
            true
        default: false
        }
    }

    private static func isKnownLongEnough(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return (age.major, age.minor) <= (12, 1)
    }

    private static func isContested(_ value: UInt32) -> Bool {
        switch value {
        // Parts of Hangul syllables.
        case 0x1100...0x11ff, 0xa960...0xa97f, 0xd7b0...0xd7ff: true
        // Letters of flags, skin tones, and marks of the narrow kana: they join what is before them.
        case 0x1f1e6...0x1f1ff, 0x1f3fb...0x1f3ff, 0xff9e...0xff9f: true
        // What joins what comes behind it.
        case 0xd4e, 0x111c2...0x111c3, 0x11a3a, 0x11a84...0x11a89, 0x11d46: true
        // Narrow until Unicode 15 and wide since, or wide in some C libraries only.
        case 0x2630...0x2637, 0x268a...0x268f, 0x3248...0x324f, 0x4dc0...0x4dff, 0x1d300...0x1d356,
            0x1d360...0x1d376:
            true
        // Blanks.
        case 0x2800, 0x1d159: true
        default: false
        }
    }
}
