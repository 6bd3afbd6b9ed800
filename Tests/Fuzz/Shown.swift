import CacheModel

/// What must hold of everything that is shown.
enum Shown {
    /// - Parameter besides: what else the format has.
    static func check(_ text: String, besides allowed: Set<Unicode.Scalar> = []) {
        for scalar in text.unicodeScalars where scalar != "\n" && !allowed.contains(scalar) && isObeyed(scalar) {
            fatalError("U+\(String(scalar.value, radix: 16)) in \(text.prefix(2000).debugDescription)")
        }
    }

    static func check(_ glyph: Character) {
        for scalar in glyph.unicodeScalars where isObeyed(scalar) {
            fatalError("U+\(String(scalar.value, radix: 16)) in a cell")
        }
    }

    /// What moves a cursor, ends a line, or turns the direction of others.
    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20..<0x7f).contains(scalar.value) { return false }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
        case .format:
            return scalar.value != 0x200d && scalar.value != 0x200c && !(0xe0020...0xe007f).contains(scalar.value)
        default: return false
        }
    }

    /// A document that every reader takes: no NaN, no infinity.
    static func checkJSON(_ text: String) {
        check(text)
        do { _ = try JSONParser.parse(Array(text.utf8)) } catch {
            fatalError("no JSON: \(error) in \(text.prefix(4000))")
        }
    }

    static func checkMetrics(_ text: String) {
        check(text)
        for line in text.split(separator: "\n") where line.first != "#" {
            guard let value = line.split(separator: " ").last.flatMap({ Double($0) }), value.isFinite else {
                fatalError("no sample: \(line)")
            }
        }
    }
}
