/// Reads the text of `CLIENT LIST`.
public enum ClientListParser {
    /// What a text holds.
    public struct Result: Equatable, Sendable {
        public var entries: [ClientEntry] = []
        /// Lines beyond ``limit``, and those without an id or an address.
        public var leftOut = 0
    }

    /// More connections than a server is made for.
    static let limit = 100_000
    private static let longest = 256
    private static let mostOther = 32

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
            let number = Int(String(decoding: bytes, as: UTF8.self))
            func text() -> String { Printable.escape(bytes, limit: longest) }
            switch name {
            case "id": id = number
            case "addr": address = text()
            case "name": entry.name = text()
            case "user": entry.user = bytes.isEmpty || text() == "(superuser)" ? entry.user : text()
            case "lib-name": entry.library = bytes.isEmpty ? nil : text()
            case "lib-ver": entry.libraryVersion = bytes.isEmpty ? nil : text()
            case "age": entry.age = number.map { max(0, $0) }
            case "idle": entry.idle = number.map { max(0, $0) }
            case "db": entry.database = number
            case "cmd": entry.command = text() == "NULL" ? nil : text().lowercased()
            case "flags": entry.flags = text()
            case "sub": channels = number
            case "psub": patterns = number
            case "ssub": shards = number
            case "omem": entry.outputBuffer = number
            case "tot-mem": entry.memory = number
            case "tot-cmds": entry.totalCommands = number
            case "tot-net-in": entry.totalIn = number
            case "tot-net-out": entry.totalOut = number
            default:
                if entry.other.count < mostOther { entry.other[Printable.escape(name)] = text() }
            }
        }
        guard let id, let address else { return nil }
        (entry.id, entry.address) = (id, address)
        if let channels { entry.subscriptions = channels +| (patterns ?? 0) +| (shards ?? 0) }
        return entry
    }

    /// A part without `=` belongs to the value before it: the path of a socket may hold a blank.
    private static func fields(_ line: ArraySlice<UInt8>) -> [(name: String, value: ArraySlice<UInt8>)] {
        var fields: [(name: String, value: ArraySlice<UInt8>)] = []
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
