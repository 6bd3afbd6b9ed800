public import RedisValues

/// How each line begins: `{"t":1764061200123,"m":5012345,"k":"snapshot"`, so that seeking looks at bytes and parses
/// nothing.
public struct LineHead: Equatable, Sendable {
    public var time: WallTime
    /// Milliseconds of a clock that never jumps; it begins anew where the host does.
    public var monotonic: Int64
    /// nil for a kind that a newer version has written.
    public var kind: RecordKind?

    public init(time: WallTime, monotonic: Int64, kind: RecordKind) {
        (self.time, self.monotonic, self.kind) = (time, monotonic, kind)
    }

    /// - Parameter line: with or without its end.
    /// - Returns: nil for what is not a whole line of a recording: torn, zeroed, or of another program.
    public init?(reading line: Span<UInt8>) {
        var reader = HeadReader(end: Self.end(of: line))
        guard reader.end > 0, line[reader.end - 1] == UInt8(ascii: "}"), reader.take(Self.time, of: line),
            let time = reader.number(of: line), reader.take(Self.monotonic, of: line),
            let monotonic = reader.number(of: line), reader.take(Self.kind, of: line),
            let kind = reader.word(of: line), reader.isFollowed(in: line)
        else { return nil }
        self.time = WallTime(milliseconds: time)
        self.monotonic = monotonic
        self.kind = RecordKind(rawValue: kind)
    }

    public init?(reading line: [UInt8]) { self.init(reading: line.span) }

    /// Bytes up to where the kind's own members follow.
    static func length(of line: [UInt8]) -> Int? {
        var (quotes, index) = (0, 0)
        while index < line.count {
            if line[index] == UInt8(ascii: "\"") { quotes += 1 }
            index += 1
            // Those of "t", "m", "k" and the kind.
            if quotes == 8 { return index }
        }
        return nil
    }

    private static let time = Array("{\"t\":".utf8)
    private static let monotonic = Array(",\"m\":".utf8)
    private static let kind = Array(",\"k\":\"".utf8)

    /// Writes it up to where the kind's own members follow, each behind a comma.
    func write(to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: "{\"t\":\(time.milliseconds),\"m\":\(monotonic),\"k\":\"\(kind?.rawValue ?? "")\"".utf8)
    }

    private static func end(of line: Span<UInt8>) -> Int {
        var end = line.count
        while end > 0, line[end - 1] == 0x0a || line[end - 1] == 0x0d { end -= 1 }
        return end
    }
}

private struct HeadReader {
    let end: Int
    var index = 0

    init(end: Int) { self.end = end }

    mutating func take(_ text: [UInt8], of line: Span<UInt8>) -> Bool {
        guard index + text.count <= end else { return false }
        for place in text.indices where line[index + place] != text[place] { return false }
        index += text.count
        return true
    }

    mutating func number(of line: Span<UInt8>) -> Int64? {
        let isNegative = index < end && line[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let start = index
        var value: Int64 = 0
        while index < end, (0x30...0x39).contains(line[index]) {
            guard index - start < 18 else { return nil }
            value = value * 10 + Int64(line[index] - 0x30)
            index += 1
        }
        return index > start ? (isNegative ? -value : value) : nil
    }

    /// Letters up to the closing quote.
    mutating func word(of line: Span<UInt8>) -> String? {
        var bytes: [UInt8] = []
        while index < end, line[index] != UInt8(ascii: "\"") {
            guard (0x61...0x7a).contains(line[index]) || line[index] == UInt8(ascii: "-"), bytes.count < 32 else {
                return nil
            }
            bytes.append(line[index])
            index += 1
        }
        guard index < end, !bytes.isEmpty else { return nil }
        index += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    func isFollowed(in line: Span<UInt8>) -> Bool {
        index < end && (line[index] == UInt8(ascii: ",") || index == end - 1)
    }
}
