internal import RedisValues

/// A JWT as it may be shown: what it says, and nothing that could be used.
struct TokenText {
    private let header: [UInt8]
    /// nil for one that is encrypted, and one that is cut.
    private let claims: [UInt8]?
    private let size: Int

    /// - Returns: nil for what begins like one and is none.
    init?(_ token: ArraySlice<UInt8>) {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2, let header = Base64URL.decode(parts[0]),
            case .object? = try? JSONParser.parse(header)
        else { return nil }
        self.header = header
        size = token.count
        let isReadable = parts.count == 2 || parts.count == 3
        claims = isReadable ? Base64URL.decode(parts[1]).flatMap { (try? JSONParser.parse($0)) == nil ? nil : $0 } : nil
    }

    /// Such as `JWT HS256, sub 42, exp 2026-11-22 14:32:07 UTC`.
    func summary(_ clock: CivilClock) -> String {
        func member(_ name: String, of bytes: [UInt8]?) -> String? {
            switch bytes.flatMap({ try? JSONParser.parse($0) })?[name] {
            case .string(let text): Printable.escape(SecretFilter.redact(text), limit: 40)
            case .integer(let number): UnixTime.instant("\(number)".utf8).map(clock.full) ?? "\(number)"
            case .numeral(let text): UnixTime.instant(text.utf8).map(clock.full) ?? Printable.escape(text, limit: 40)
            default: nil
            }
        }
        let kind = ["JWT", member("alg", of: header)].compactMap { $0 }.joined(separator: " ")
        let said = ["sub", "jti", "iat", "exp"].compactMap { name in member(name, of: claims).map { "\(name) \($0)" } }
        return ([kind] + said).joined(separator: ", ")
    }

    /// Header and claims, a line a value; the signature is not shown.
    func lines(_ clock: CivilClock) -> [DecodedValue.Line] {
        func part(_ name: String, _ bytes: [UInt8]?) -> [DecodedValue.Line] {
            let lines = bytes.flatMap { JSONIndent.lines($0, isCut: false, read: ScalarNotes(clock: clock).read) }
            return [DecodedValue.Line(name, .note)]
                + (lines.map { $0.map { DecodedValue.Line($0.text, .value, depth: $0.depth) } }
                    ?? [DecodedValue.Line("not readable", .note)])
        }
        return [
            DecodedValue.Line(
                "\(SecretFilter.mask)  JWT of \(Format.bytes(ByteCount(size))); nobody has checked its signature", .note
            )
        ] + part("header", header) + part("claims", claims) + [
            DecodedValue.Line("signature  \(SecretFilter.mask)", .note)
        ]
    }
}

/// What is said beside a value: the date of a number, whose token it is.
struct ScalarNotes {
    let clock: CivilClock

    func read(_ plain: [UInt8], _ isString: Bool, _ shown: String) -> JSONIndent.Scalar {
        if let time = UnixTime.instant(plain) { return JSONIndent.Scalar(shown: shown, note: clock.full(time)) }
        guard isString else { return JSONIndent.Scalar(shown: shown) }
        let tokens = TokenRanges.find(in: plain)
        guard let first = tokens.first else { return JSONIndent.Scalar(shown: shown) }
        let masked = Printable.escape(TokenRanges.masked(plain)).replacing("\"", with: "\\\"")
        return JSONIndent.Scalar(shown: masked, note: TokenText(plain[first])?.summary(clock))
    }
}
