extension SlowlogEntry {
    /// Reads a whole `SLOWLOG GET` reply; entries that are of another shape are left out.
    ///
    /// - Throws: ``RESPShapeError`` where the reply is not an array.
    public static func list(_ reply: RESPValue) throws(RESPShapeError) -> [SlowlogEntry] {
        try reply.array.compactMap { try? SlowlogEntry($0) }
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
        for word in try fields[3].array { command.append(try word.text) }
        self.init(
            id: Int(try fields[0].integer), at: WallTime(seconds: try fields[1].integer),
            duration: .microseconds(max(0, try fields[2].integer)), command: CommandRedaction.redact(command),
            client: fields.count > 4 ? try fields[4].text : "", clientName: fields.count > 5 ? try fields[5].text : "")
    }
}
