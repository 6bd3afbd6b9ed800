internal import CacheModel
public import RedisValues

/// The bytes of a line of a recording.
public enum RecordLine {
    /// - Parameter monotonic: since the host has begun, by the clock that never jumps.
    /// - Returns: with the end of the line.
    public static func encode(_ entry: RecordEntry, time: WallTime, monotonic: Duration) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(4096)
        let milliseconds = (monotonic / .milliseconds(1)).whole
        LineHead(time: time, monotonic: Int64(milliseconds), kind: entry.kind).write(to: &head)
        let encoder = LineEncoder(head: head)
        // Nothing that is recorded refuses to be encoded.
        try? encode(entry, to: encoder)
        encoder.finish()
        return encoder.bytes
    }

    private static func encode(_ entry: RecordEntry, to encoder: LineEncoder) throws {
        switch entry {
        case .header(let header): try header.encode(to: encoder)
        case .snapshot(let snapshot): try snapshot.encode(to: encoder)
        case .namespaces(let report): try report.encode(to: encoder)
        case .clients(let look): try look.encode(to: encoder)
        case .counters(let report): try report.encode(to: encoder)
        case .slow(let log): try log.encode(to: encoder)
        case .alert(let alert): try alert.encode(to: encoder)
        case .action(let action): try action.encode(to: encoder)
        case .mark(let text): try Mark(text: text).encode(to: encoder)
        case .gap(let gap): try gap.encode(to: encoder)
        case .end: break
        }
    }

    private struct Mark: Codable {
        var text: String
    }

    /// - Parameters:
    ///   - line: with or without its end.
    ///   - escapes: takes out of its texts what would move a cursor: whoever has written a file may be anybody. What this
    ///     program has shown stays as it was.
    /// - Returns: nil for what is no line of a recording, and for what a newer version has written in another way.
    public static func decode(_ line: [UInt8], escapes: Bool = false) -> RecordEntry? {
        guard let kind = LineHead(reading: line)?.kind, let tape = LineTape(line, escapes: escapes) else { return nil }
        return try? decode(kind, LineDecoder(tape: tape, place: 0))
    }

    private static func decode(_ kind: RecordKind, _ decoder: LineDecoder) throws -> RecordEntry? {
        switch kind {
        case .header: .header(try RecordHeader(from: decoder))
        case .snapshot: .snapshot(try Snapshot(from: decoder))
        case .namespaces: .namespaces(try NamespaceReport(from: decoder))
        case .clients: .clients(try ClientLook(from: decoder))
        case .counters: .counters(try CounterReport(from: decoder))
        case .slow: .slow(try RecordedSlowlog(from: decoder))
        case .alert: .alert(try RecordedAlert(from: decoder))
        case .action: .action(try RecordedAction(from: decoder))
        case .mark: .mark(try Mark(from: decoder).text)
        case .gap: .gap(try RecordedGap(from: decoder))
        case .end: .end
        case .latency: nil
        }
    }

    /// Of which node a line of ``RecordKind/slow`` is, without the rest of it; nil for another line.
    static func node(ofSlow line: [UInt8]) -> String? {
        let name = Array(",\"node\":".utf8)
        guard LineHead(reading: line)?.kind == .slow, let start = LineHead.length(of: line),
            line[start...].starts(with: name)
        else { return nil }
        let quote = start + name.count
        var end = quote + 1
        while end < line.count, line[end] != UInt8(ascii: "\"") { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < line.count else { return nil }
        return LineTape(Array(line[quote...end]))?.string(0)
    }
}
