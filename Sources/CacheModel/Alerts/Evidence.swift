internal import RedisValues

/// What a node looked like at the instant an alert fired.
enum Evidence {
    static func lines(
        for node: NodeSnapshot, busiest: (name: String, part: Double)? = nil, growing: (name: String, keys: Int)? = nil,
        clients names: ClientNames? = nil
    ) -> [String] {
        var lines: [String] = []
        // Totals since the start name whatever led all year: they are told where nothing else is known.
        if let busiest {
            lines.append(
                "most server time in the last minute: \(busiest.name), \(Format.percent(busiest.part)) of it")
        } else if let top = node.commands?.max(by: { $0.value.time < $1.value.time }) {
            lines.append(
                "most server time: \(top.key.uppercased()), calls since start: \(Format.count(top.value.calls))")
        }
        if let slow = node.slowlog?.first(where: { !$0.isOwn }) {
            let command = slow.withoutValues.command.prefix(3).joined(separator: " ").prefix(60)
            let client = ClientNames.words(of: slow, names)
            lines.append("newest slow query: \(command), \(Format.duration(slow.duration)), \(client)")
        }
        if let clients = node.info?.clients.connected {
            let most = names.flatMap { $0.list.isEmpty ? nil : "; most: \($0.list)" } ?? ""
            lines.append("clients: \(Format.count(clients))\(most)")
        }
        if let memory = node.info?.memory {
            lines.append("memory: \(Format.bytes(memory.used)), peak \(Format.bytes(memory.peak))")
        }
        if let keys = node.keys { lines.append("keys: \(Format.count(keys))") }
        if let growing {
            lines.append(
                "fastest growing: \(growing.name), \(Format.count(growing.keys, "key")) more than at the look before")
        }
        return lines
    }
}
