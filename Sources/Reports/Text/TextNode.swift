internal import CacheModel
internal import TerminalUI

/// The text report's part on one node.
struct TextNode {
    var node: NodeSnapshot
    var clock: TextClock
    /// True for several nodes as one: slow queries stand with each of them.
    var isSum = false

    /// Slow-log entries shown.
    private static let slowQueries = 10

    func write(to page: inout TextPage) {
        writeHead(to: &page)
        for warning in node.warnings { page.field("Warning", [warning]) }
        if let refusal = node.refusal {
            page.field(
                refusal.kind.concernsCommand ? "Not known" : "Not reached",
                [refusal.detail.isEmpty ? refusal.reason : "\(refusal.reason): \(refusal.detail)"])
            page.field("", [refusal.remedy])
        }
        for unanswered in node.everythingUnanswered where unanswered.reason != .refused {
            page.field("Not known", [unanswered.sentence])
        }
        if let info = node.info {
            writeMemory(info.memory, to: &page)
            writeClients(info.clients, to: &page)
            writeTraffic(to: &page)
            writeKeyspace(info.keyspace, to: &page)
            writeReplication(info.replication, to: &page)
            writePersistence(info, to: &page)
            writeSlowlog(to: &page)
        }
        writeDenied(to: &page)
        writeOwnLoad(to: &page)
    }

    private func writeHead(to page: inout TextPage) {
        guard let server = node.info?.server else { return page.row(node.address) }
        // Whoever reads one line of it alone has to see that it is not of all.
        let address = node.missingParts.map { "\($0.words), not all" } ?? node.address
        let uptime = server.uptime.map { "up \(Format.duration(.seconds($0)))" }
        let parts = [
            address, "\(server.software?.rawValue ?? "") \(server.version ?? Format.unknown)", server.mode,
            node.role?.rawValue, uptime, node.roundTrip.map { "poll \(Format.duration($0))" },
        ]
        page.line(parts.compactMap { $0 })
    }

    private func writeMemory(_ memory: ServerInfo.Memory, to page: inout TextPage) {
        let limit =
            switch memory.maximum?.bytes {
            case nil: "limit \(Format.unknown)"
            case 0: "no maxmemory"
            default: "of \(Format.bytes(memory.maximum)) (\(Format.percent(node.pressure)))"
            }
        page.field(
            "Memory",
            [
                "\(Format.bytes(memory.used)) \(limit)", "rss \(Format.bytes(memory.rss))",
                "peak \(Format.bytes(memory.peak))", "frag \(Format.number(memory.fragmentationRatio))",
                "policy \(memory.policy ?? Format.unknown)",
            ])
    }

    private func writeClients(_ clients: ServerInfo.Clients, to page: inout TextPage) {
        page.field(
            "Clients",
            [
                "\(Format.count(clients.connected)) of \(Format.count(clients.maximum))",
                "blocked \(Format.count(clients.blocked))",
                "rejected \(Format.count(node.info?.stats.rejectedConnections))",
                "new \(Format.rate(node.rates?.connections))/s", "buffers \(Format.bytes(node.info?.memory.clients))",
            ])
    }

    private var hitRatio: String {
        let ratio = "hit ratio \(Format.percent(node.hitRatio))"
        return node.rates?.leftOut == nil ? ratio : ratio + " without revocation checks"
    }

    private func writeTraffic(to page: inout TextPage) {
        let rates = node.rates
        page.field(
            "Traffic",
            [
                "\(Format.rate(rates?.commands)) commands/s", "in \(Format.byteRate(rates?.inputBytes))",
                "out \(Format.byteRate(rates?.outputBytes))", hitRatio,
                "evicted \(Format.rate(rates?.evicted))/s", "expired \(Format.rate(rates?.expired))/s",
            ])
    }

    private func writeKeyspace(_ keyspace: [Int: ServerInfo.Keyspace], to page: inout TextPage) {
        page.field(
            "Keys", ["\(Format.count(node.keys)) in the chosen database", node.keys == nil ? why("DBSIZE") : nil])
        for (number, database) in keyspace.sorted(by: { $0.key < $1.key }) {
            let share = database.expires.flatMap { database.keys > 0 ? Double($0) / Double(database.keys) : nil }
            page.field(
                "",
                [
                    "db\(number)", Format.count(database.keys, "key"),
                    "\(Format.count(database.expires)) with a TTL (\(Format.percent(share)))",
                    database.averageTTL.map { "mean TTL \(Format.duration($0))" },
                ])
        }
    }

    private func writeReplication(_ replication: ServerInfo.Replication, to page: inout TextPage) {
        if replication.role == .replica {
            let link = replication.linkUp.map { $0 ? "link up" : "link down" }
            page.field(
                "Replication",
                [
                    "of \(replication.primaryHost ?? Format.unknown):\(replication.primaryPort.map(String.init) ?? Format.unknown)",
                    link, replication.linkDownFor.map { "for \(Format.duration($0))" },
                    replication.syncInProgress == true ? "synchronising" : nil,
                ])
        }
        for (index, replica) in replication.replicas.enumerated() {
            page.field(
                index == 0 ? "Replicas" : "",
                [replica.address, replica.state, "lag \(Format.duration(replica.lag))"])
        }
    }

    private func writePersistence(_ info: ServerInfo, to page: inout TextPage) {
        let persistence = info.persistence
        func outcome(_ succeeded: Bool?) -> String { succeeded.map { $0 ? "ok" : "failed" } ?? Format.unknown }
        page.field(
            "Persistence",
            [
                "last save \(persistence.lastSave.map(clock.short) ?? Format.unknown) (\(outcome(persistence.lastSaveSucceeded)))",
                persistence.appendOnlyEnabled.map {
                    $0 ? "AOF on (\(outcome(persistence.lastAppendWriteSucceeded)))" : "AOF off"
                },
                info.stats.latestFork.map { "last fork \(Format.duration($0))" },
            ])
    }

    private func writeSlowlog(to page: inout TextPage) {
        guard let entries = node.slowlog else {
            if !isSum { page.field("Slow log", ["not known", why("SLOWLOG GET")]) }
            return
        }
        guard !entries.isEmpty else {
            if let words = node.slowlogSilence { return page.field("Slow log", [words]) }
            return page.field("Slow log", ["empty"])
        }
        page.field("Slow log", [Format.count(node.slowlogLength ?? entries.count, "entry")])
        let times = entries.prefix(Self.slowQueries).map { clock.short($0.at) }
        let width = min(19, times.map(\.count).max() ?? 0)
        for (entry, time) in zip(entries, times) {
            let duration = TextColumn.right(Format.duration(entry.duration), to: 8)
            let command = TextColumn.fitted(entry.command.joined(separator: " "), to: 57 - width)
            let address = entry.script.map { "script of id \($0)," } ?? entry.client
            let client = entry.clientName.isEmpty ? address : "\(address) \(entry.clientName)"
            let query = "    \(TextColumn.fitted(time, to: width))  \(duration)  \(command)"
            if CharacterWidth.of(query) + 2 + CharacterWidth.of(client) <= TextPage.width {
                page.row("\(query)  \(client)")
            } else {
                page.row(query)
                page.write(client, indent: width + 16)
            }
        }
    }

    private func why(_ question: String) -> String? { node.why(question)?.sentence }

    private func writeDenied(to page: inout TextPage) {
        guard !node.denied.isEmpty else { return }
        let missing = node.denied.filter { $0.needs == nil && $0.words == nil }.map(\.command)
        let refused = node.denied.filter { $0.words != nil }
        let forbidden = node.denied.filter { $0.needs != nil }.map(\.command)
        if !forbidden.isEmpty {
            let needs = node.denied.compactMap(\.needs).joined(separator: " ")
            page.field("Not allowed", forbidden)
            page.verbatim("ACL SETUSER \(node.user ?? "<user>") \(needs)")
        }
        if !missing.isEmpty { page.field("No command", missing) }
        for denied in refused { page.field("Refused", [denied.command, denied.words]) }
    }

    private func writeOwnLoad(to page: inout TextPage) {
        guard let load = node.ownLoad else { return }
        page.field("Own load", ["\(Format.rate(load.commands)) commands/s", Format.byteRate(load.bytes)])
    }
}
