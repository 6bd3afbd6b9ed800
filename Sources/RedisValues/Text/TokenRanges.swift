/// Where JWTs stand in bytes that nobody vouches for: each is a secret, whatever is around it.
///
/// Unlike in what people have typed, something in base64 without a dot is none here, unless the value goes on behind it.
public enum TokenRanges {
    /// A JWT's header alone is longer.
    private static let shortest = 12
    /// Fewer characters at the end of a signature tell nothing of it.
    private static let shortestRest = 4
    /// What has no dot before it ends is a signature at most, and none is longer.
    private static let longestSignature = 8 << 10

    /// - Parameters:
    ///   - isCut: the value goes on beyond these bytes, and so may a token at their end.
    ///   - isStart: they are the first ones of the value; else a token may end at their beginning.
    public static func find(in bytes: [UInt8], isCut: Bool = false, isStart: Bool = true) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = 0
        if !isStart, let rest = rest(in: bytes) {
            found.append(rest)
            index = rest.upperBound
        }
        while index + shortest <= bytes.count {
            guard bytes[index] == UInt8(ascii: "e"), begins(bytes, at: index) else {
                index += 1
                continue
            }
            let run = bytes[index...].prefix(while: isPart)
            let isOpen = isCut && run.endIndex == bytes.count
            guard run.count >= shortest, isOpen || hasSecondPart(run) else {
                index = max(index + 1, run.endIndex)
                continue
            }
            found.append(index..<run.endIndex)
            index = run.endIndex
        }
        return found
    }

    /// With `***` in the place of each.
    public static func masked(_ bytes: [UInt8], isCut: Bool = false, isStart: Bool = true) -> [UInt8] {
        masked(bytes, find(in: bytes, isCut: isCut, isStart: isStart))
    }

    /// With `***` in the place of what may be the rest of a token that began before these bytes, and no other.
    public static func maskedRest(_ page: [UInt8]) -> [UInt8] {
        masked(page, rest(in: page).map { [$0] } ?? [])
    }

    private static func masked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
        guard !ranges.isEmpty else { return bytes }
        var masked: [UInt8] = []
        var end = 0
        for range in ranges {
            masked += bytes[end..<range.lowerBound]
            masked += Array(SecretFilter.mask.utf8)
            end = range.upperBound
        }
        return masked + bytes[end...]
    }

    /// What may be the end of a token that begins before these bytes; nil for none.
    private static func rest(in bytes: [UInt8]) -> Range<Int>? {
        let run = bytes.prefix(while: isPart)
        guard run.count >= shortestRest, run.count <= longestSignature || run.contains(UInt8(ascii: ".")) else {
            return nil
        }
        return 0..<run.endIndex
    }

    private static func begins(_ bytes: [UInt8], at index: Int) -> Bool {
        let start = String(decoding: bytes[index..<index + shortest], as: UTF8.self)
        guard JWTText.begins(start) else { return false }
        let before = String(decoding: bytes[max(0, index - 3)..<index], as: UTF8.self)
        return JWTText.mayBegin(after: before) || JWTText.isSure(start)
    }

    private static func hasSecondPart(_ run: ArraySlice<UInt8>) -> Bool {
        guard let dot = run.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return run.endIndex - dot > 4
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
