/// Reads the text of `CLIENT LIST`.
public enum ClientListParser {
    /// What a text holds.
    public struct Result: Equatable, Sendable {
        public var entries: [ClientEntry] = []
        /// Lines beyond `limit`, and those without an id or an address.
        public var leftOut = 0
    }

    /// More connections than a server is made for.
    static let limit = 100_000
    private static let longest = 256
    private static let mostOther = 32
    /// Fields that say nothing of who it is or what it does; there may be ten thousand lines of them.
    private static let passedOver: Set<String> = [
        "fd", "qbuf", "qbuf-free", "argv-mem", "multi", "multi-mem", "watch", "rbs", "rbp", "obl", "oll", "events",
        "redir", "resp",
    ]

    public static func parse(_ text: [UInt8]) -> Result {
        var result = Result()
        for line in text.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
            guard result.entries.count < limit, let entry = entry(line) else {
                result.leftOut = result.leftOut +| 1
                continue
            }
            result.entries.append(entry)
        }
        return result
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> ClientEntry? {
        var (id, address): (Int?, String?)
        var entry = ClientEntry(id: 0, address: "")
        var (channels, patterns, shards): (Int?, Int?, Int?)
        for (name, bytes) in fields(line) {
            func text() -> String { Printable.escape(bytes, limit: longest) }
            switch name {
            case "id": id = number(bytes)
            case "addr": address = text()
            case "name": entry.name = text()
            case "user": entry.user = bytes.isEmpty || text() == "(superuser)" ? entry.user : text()
            case "lib-name": entry.library = bytes.isEmpty ? nil : text()
            case "lib-ver": entry.libraryVersion = bytes.isEmpty ? nil : text()
            case "age": entry.age = number(bytes).map { max(0, $0) }
            case "idle": entry.idle = number(bytes).map { max(0, $0) }
            case "db": entry.database = number(bytes)
            case "cmd": entry.command = text() == "NULL" ? nil : text().lowercased()
            case "flags": entry.flags = text()
            case "sub": channels = number(bytes)
            case "psub": patterns = number(bytes)
            case "ssub": shards = number(bytes)
            case "omem": entry.outputBuffer = number(bytes)
            case "tot-mem": entry.memory = number(bytes)
            case "tot-cmds": entry.totalCommands = number(bytes)
            case "tot-net-in": entry.totalIn = number(bytes)
            case "tot-net-out": entry.totalOut = number(bytes)
            default:
                if entry.other.count < mostOther, !passedOver.contains(name) {
                    entry.other[Printable.escape(name)] = text()
                }
            }
        }
        guard let id, let address else { return nil }
        (entry.id, entry.address) = (id, address)
        if let channels { entry.subscriptions = channels +| (patterns ?? 0) +| (shards ?? 0) }
        return entry
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? { Int(String(decoding: bytes, as: UTF8.self)) }

    /// A part without `=` belongs to the value before it: the path of a socket may hold a blank.
    private static func fields(_ line: ArraySlice<UInt8>) -> [(name: String, value: ArraySlice<UInt8>)] {
        var fields: [(name: String, value: ArraySlice<UInt8>)] = []
        fields.reserveCapacity(32)
        for part in line.split(separator: 0x20, omittingEmptySubsequences: false) {
            if let sign = part.firstIndex(of: 0x3d) {
                fields.append((String(decoding: part[..<sign], as: UTF8.self), part[(sign + 1)...]))
            } else if let last = fields.last {
                fields[fields.count - 1].value = line[last.value.startIndex..<part.endIndex]
            }
        }
        return fields
    }
}
