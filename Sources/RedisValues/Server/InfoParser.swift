/// Reads `INFO` replies.
///
/// Tolerant by design: what cannot be read is left out, what is not known is kept as text. A value that is not a number
/// where one is due is nil, never 0.
public enum InfoParser {
    public static func parse(_ bytes: [UInt8]) -> ServerInfo {
        var builder = InfoBuilder()
        forEachField(of: bytes, heading: { builder.begin(section: $0) }) { name, value in builder.set(name, value) }
        return builder.finished()
    }

    /// An honest server has some hundred.
    private static let mostCommands = 4096

    /// Reads `INFO commandstats`: lower-case command names to their figures.
    public static func commandStats(_ bytes: [UInt8]) -> [String: CommandStats] {
        var stats: [String: CommandStats] = [:]
        forEachField(of: bytes) { name, value in
            guard name.hasPrefix("cmdstat_"), stats.count < mostCommands else { return }
            let pairs = value.pairs
            guard let calls = InfoValue.count(pairs["calls"]), let time = InfoValue.count(pairs["usec"]) else { return }
            stats[Printable.escape(name.dropFirst(8), limit: 128)] = CommandStats(
                calls: calls, time: .microseconds(time), rejectedCalls: InfoValue.count(pairs["rejected_calls"]),
                failedCalls: InfoValue.count(pairs["failed_calls"]))
        }
        return stats
    }

    /// An honest answer has a thousand.
    private static let mostLines = 1 << 16

    private static func forEachField(
        of bytes: [UInt8], heading: (Substring) -> Void = { _ in }, _ body: (Substring, InfoValue) -> Void
    ) {
        for line in Lines(bytes).prefix(mostLines) {
            if line.first == UInt8(ascii: "#") {
                heading(String(decoding: line.dropFirst().drop { $0 == 0x20 }.prefix(32), as: UTF8.self)[...])
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            body(name[...], InfoValue(bytes: line[(colon + 1)...]))
        }
    }
}

/// The value of one field, read as what the field should be.
struct InfoValue {
    let bytes: ArraySlice<UInt8>

    /// Escaped.
    var text: String { Printable.escape(bytes, limit: 512) }
    private var raw: String { String(decoding: bytes, as: UTF8.self) }

    /// Plain decimal digits, without the detour over a string: there are a hundred of them a poll.
    var integer: Int? {
        var digits = bytes
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits.removeFirst() }
        guard !digits.isEmpty else { return nil }
        var number = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int(byte - 0x30))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        return negative ? -number : number
    }

    /// A part of a value that counts something; nil for what is missing, not a number, or negative.
    static func count(_ text: Substring?) -> Int? {
        text.flatMap { InfoValue(bytes: Array($0.utf8)[...]).integer }.flatMap { $0 >= 0 ? $0 : nil }
    }

    var double: Double? { Double(raw).flatMap { $0.isFinite ? $0 : nil } }
    var byteCount: ByteCount? { integer.map { ByteCount($0) } }
    var boolean: Bool? { integer.map { $0 != 0 } }
    var succeeded: Bool { bytes.elementsEqual("ok".utf8) }
    /// Redis writes -1 for what has not happened yet.
    var seconds: Duration? { integer.flatMap { $0 >= 0 ? .seconds($0) : nil } }

    /// `a=1,b=2`.
    var pairs: [Substring: Substring] {
        var pairs: [Substring: Substring] = [:]
        for pair in raw.split(separator: ",") {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            pairs[pair[..<equals]] = pair[pair.index(after: equals)...]
        }
        return pairs
    }
}
