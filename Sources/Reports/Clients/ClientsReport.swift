public import CacheModel

/// Who the clients are.
///
/// ```
/// 54 connections in 3 groups by name
///
/// group                      conn   +/min  busy  idle>10m  cmd/s   unread  oldest  last command
/// checkout-worker-*            50      25     0         0    0.4      0 B   1 min  ping
///   rising for 6 looks, all idle: leak
/// ```
public enum ClientsReport {
    /// - Parameters:
    ///   - all: whether each connection is told, below its group.
    /// - Returns: lines of at most 100 columns, but for the connections.
    public static func text(_ memory: ClientMemory, by grouping: ClientGrouping, all: Bool) -> String {
        guard let look = memory.latest else { return "" }
        var page = TextPage()
        TextClients.write(memory, look, by: grouping, to: &page) { group, page in
            guard all else { return }
            for member in look.members(of: group.id) { page.verbatim(words(member, nodes: look.entries.count)) }
        }
        return page.text
    }

    public static func json(_ memory: ClientMemory, by grouping: ClientGrouping, all: Bool) -> String {
        guard let look = memory.latest else { return "" }
        return JSONValue.object(
            [("schema", .integer(1))] + JSONClients.members(memory, look, by: grouping, all: all)
        ).text + "\n"
    }

    /// `id 17  10.0.3.7:51234  checkout-1  user shop  jedis 5.1  db0  idle 3 s  age 1 min  get  0 B unread`.
    private static func words(_ member: ClientMember, nodes: Int) -> String {
        let entry = member.entry
        let library = entry.library.map { [$0, entry.libraryVersion].compactMap { $0 }.joined(separator: " ") }
        func age(_ seconds: Int?) -> String { seconds.map { Format.age(.seconds($0)) } ?? Format.unknown }
        return [
            "  id \(entry.id)", entry.address, entry.name.isEmpty ? "(no name)" : entry.name,
            entry.user.map { "user \($0)" }, library, entry.database.map { "db\($0)" }, "idle \(age(entry.idle))",
            "age \(age(entry.age))", entry.command ?? Format.unknown,
            "\(Format.bytes(entry.outputBuffer.map { ByteCount($0) })) unread", nodes > 1 ? "on \(member.node)" : nil,
        ].compactMap { $0 }.joined(separator: "  ")
    }
}
