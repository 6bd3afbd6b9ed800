public import CacheWire
public import RedisValues

/// A command whose answer has a shape: what is sent, and how the reply is read.
public struct Call<Answer: Sendable>: Sendable {
    public let command: Command
    private let reader: @Sendable (RESPValue) throws(RESPShapeError) -> Answer

    /// - Parameter read: gets a reply that is not an error.
    public init(_ command: Command, read: @escaping @Sendable (RESPValue) throws(RESPShapeError) -> Answer) {
        self.command = command
        reader = read
    }

    /// What a reply holds.
    ///
    /// - Throws: ``RESPShapeError`` for an error reply and for any other shape.
    public func read(_ reply: RESPValue) throws(RESPShapeError) -> Answer { try reader(reply) }
}

extension Call where Answer == ServerInfo {
    /// `INFO`: what a server says of itself; fields that it does not have are nil.
    public static var info: Call {
        Call(Command("INFO")) { reply throws(RESPShapeError) in InfoParser.parse(try reply.bytes) }
    }
}

extension Call where Answer == [String: CommandStats] {
    /// `INFO commandstats`, by lower-case command name.
    public static var commandStats: Call {
        Call(Command("INFO", "commandstats")) { reply throws(RESPShapeError) in
            InfoParser.commandStats(try reply.bytes)
        }
    }
}

extension Call where Answer == Int {
    /// `DBSIZE`: keys of the chosen database, those that have expired and are not removed yet among them.
    public static var size: Call { Call(Command("DBSIZE")) { reply throws(RESPShapeError) in try reply.count } }

    /// `SLOWLOG LEN`: entries that the server keeps.
    public static var slowlogLength: Call {
        Call(Command("SLOWLOG", "LEN")) { reply throws(RESPShapeError) in try reply.count }
    }
}

extension Call where Answer == ClientListParser.Result {
    /// `CLIENT LIST`: all connections to a server. It holds the server for about a microsecond a connection.
    public static var clientList: Call {
        Call(Command("CLIENT", "LIST")) { reply throws(RESPShapeError) in ClientListParser.parse(try reply.bytes) }
    }
}

extension Call where Answer == [SlowlogEntry] {
    /// `SLOWLOG GET`: the newest entries, newest first; arguments are escaped, and secrets among them are `***`.
    ///
    /// - Parameter count: entries at most, 1 or more.
    public static func slowlog(_ count: Int) -> Call {
        Call(Command("SLOWLOG", "GET", String(max(1, count)))) { reply throws(RESPShapeError) in
            try SlowlogEntry.list(reply)
        }
    }
}
