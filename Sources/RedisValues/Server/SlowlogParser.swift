extension SlowlogEntry {
    /// More than anybody asks for, and longer than what a server keeps: it cuts a command to 32 words of 128 bytes.
    private static let mostEntries = 1024
    private static let mostWords = 64
    private static let longestWord = 1024

    /// Reads a whole `SLOWLOG GET` reply; entries that are of another shape are left out, and what scripts have called has
    /// the name of who has called them.
    ///
    /// - Throws: ``RESPShapeError`` where the reply is not an array, or none of its elements is an entry.
    public static func list(_ reply: RESPValue) throws(RESPShapeError) -> [SlowlogEntry] {
        let replies = try reply.array.prefix(mostEntries)
        let entries = replies.compactMap { try? SlowlogEntry($0) }
        if entries.isEmpty, let first = replies.first { return [try SlowlogEntry(first)] }
        return attributed(entries)
    }

    /// Reads one entry: id, time in seconds, microseconds, command, and since Redis 4.0 client address and name.
    ///
    /// - Throws: ``RESPShapeError`` for another shape.
    public init(_ reply: RESPValue) throws(RESPShapeError) {
        let fields = try reply.array
        guard fields.count >= 4 else {
            throw RESPShapeError(expected: "four fields or more", found: "\(fields.count)")
        }
        var command: [String] = []
        for word in try fields[3].array.prefix(Self.mostWords) {
            command.append(Printable.escape(try word.bytes, limit: Self.longestWord))
        }
        self.init(
            id: Int(try fields[0].integer), at: WallTime(seconds: try fields[1].integer),
            duration: .microseconds(max(0, try fields[2].integer)), command: CommandRedaction.redact(command),
            client: fields.count > 4 ? Printable.escape(try fields[4].bytes, limit: Self.longestWord) : "",
            clientName: fields.count > 5 ? Printable.escape(try fields[5].bytes, limit: Self.longestWord) : "")
    }
}
