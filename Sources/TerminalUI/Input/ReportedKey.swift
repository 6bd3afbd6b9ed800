/// Keys as terminals report them by number: where another program has left the kitty keyboard protocol or xterm's
/// modifyOtherKeys on, Ctrl-C and Esc come like this.
///
/// https://sw.kovidgoyal.net/kitty/keyboard-protocol/ and xterm's `formatOtherKeys`.
struct ReportedKey {
    /// The numbers of each parameter; an empty one is nil.
    private let parameters: [[Int?]]

    private enum Modifier {
        static let shift = 1
        static let control = 4
        /// Caps Lock and Num Lock.
        static let locks = 64 | 128
        static let capsLock = 64
    }

    /// - Parameter body: what stands between `CSI` and the final byte.
    init?(_ body: some Collection<UInt8>) {
        guard body.allSatisfy({ (0x30...0x3b).contains($0) }) else { return nil }
        parameters = body.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
            $0.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
                Int(String(decoding: $0, as: UTF8.self))
            }
        }
    }

    private func number(_ parameter: Int, _ part: Int = 0) -> Int? {
        guard parameters.indices.contains(parameter), parameters[parameter].indices.contains(part) else { return nil }
        return parameters[parameter][part]
    }

    private func modifiers(_ parameter: Int) -> Int { max(0, (number(parameter) ?? 1) - 1) }

    /// Shift, Alt and Control, but not what is locked.
    private func held(_ parameter: Int) -> Int { modifiers(parameter) & ~Modifier.locks }

    private func isReleased(_ parameter: Int) -> Bool { number(parameter, 1) == 3 }

    /// `CSI code:shifted ; modifiers:event ; text u`.
    var meaning: KeySequences.Meaning? {
        guard let code = number(0), !isReleased(1) else { return nil }
        let text = parameters.indices.contains(2) ? parameters[2].compactMap { $0 }.first : nil
        return Self.meaning(code, modifiers(1), shifted: number(0, 1), text: text)
    }

    /// `CSI 27 ; modifiers ; code ~`.
    var otherMeaning: KeySequences.Meaning? {
        guard number(0) == 27, parameters.count == 3, let code = number(2), !isReleased(1) else { return nil }
        return Self.meaning(code, modifiers(1), shifted: nil, text: nil)
    }

    /// The sequence of the same key without its modifiers, where only locks are on and it is pressed: nil where that is
    /// not so.
    func plain(_ final: UInt8) -> [UInt8]? {
        guard parameters.count == 2, let code = number(0), held(1) == 0, !isReleased(1) else { return nil }
        let number = final == UInt8(ascii: "~") ? "\(code)" : ""
        guard code == 1 || !number.isEmpty else { return nil }
        return Array("\u{1b}[\(number)".utf8) + [final]
    }

    private static func meaning(_ code: Int, _ modifiers: Int, shifted: Int?, text: Int?) -> KeySequences.Meaning? {
        let held = modifiers & ~Modifier.locks
        switch code {
        case 27: return .key(.escape)
        case 13, 57_414: return held == 0 ? .key(.enter) : nil
        case 9: return held == 0 ? .key(.tab) : held == Modifier.shift ? .key(.backTab) : nil
        case 8, 127: return held & ~(Modifier.shift | Modifier.control) == 0 ? .key(.backspace) : nil
        case 57_344...63_743: return held == 0 ? keypad[code].map { .key($0) } ?? digit(code) : nil
        case ..<0x20: return nil
        default: break
        }
        if held & ~Modifier.shift == Modifier.control {
            guard code < 0x80, let scalar = Unicode.Scalar(UInt8(code).lowercased) else { return nil }
            // As the keyboard writes it where nothing is on.
            switch scalar {
            case "[": return .key(.escape)
            case "h": return .key(.backspace)
            case "i": return .key(.tab)
            case "a"..."z": return .key(.control(Character(scalar)))
            default: return nil
            }
        }
        guard held & ~Modifier.shift == 0 else { return nil }
        let isUpper = (held & Modifier.shift != 0) != (modifiers & Modifier.capsLock != 0)
        let letter = text ?? (held & Modifier.shift != 0 ? shifted : nil)
        guard let scalar = UInt32(exactly: letter ?? code).flatMap({ Unicode.Scalar($0) }), scalar.value >= 0x20,
            !(0x7f...0x9f).contains(scalar.value)
        else { return nil }
        guard letter == nil, isUpper else { return .letter(scalar) }
        let upper = scalar.properties.uppercaseMapping.unicodeScalars
        return .letter(upper.count == 1 ? upper.first ?? scalar : scalar)
    }

    private static func digit(_ code: Int) -> KeySequences.Meaning? {
        guard (57_399...57_408).contains(code) else { return nil }
        return Unicode.Scalar(UInt32(0x30 + code - 57_399)).map { .letter($0) }
    }

    private static let keypad: [Int: Key] = [
        57_417: .left, 57_418: .right, 57_419: .up, 57_420: .down, 57_421: .pageUp, 57_422: .pageDown, 57_423: .home,
        57_424: .end, 57_425: .insert, 57_426: .delete,
    ]
}

extension UInt8 {
    /// Of ASCII.
    fileprivate var lowercased: UInt32 { UInt32((0x41...0x5a).contains(self) ? self + 0x20 : self) }
}
