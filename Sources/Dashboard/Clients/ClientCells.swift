internal import CacheModel
internal import TerminalUI

/// Groups and connections as cells of a table, for which there is so much room.
struct ClientCells {
    let state: DashboardState
    let width: Int
    /// Of the connections that are listed.
    let nodes: Int

    private enum Kind {
        case name, nodes, connections, new, busy, idle, commands, input, output, unread, oldest, command
    }

    private var kinds: [Kind] {
        let all: [(Kind, minimum: Int)] = [
            (.name, 0), (.nodes, nodes > 1 ? 84 : .max), (.connections, 0), (.new, 40), (.busy, 40), (.idle, 52),
            (.commands, 68), (.input, 110), (.output, 110), (.unread, 60), (.oldest, 75), (.command, 92),
        ]
        return all.filter { $0.minimum <= width }.map(\.0)
    }

    var groupColumns: [Table.Column] {
        kinds.map { kind in
            switch kind {
            case .name: Table.Column("name", .flexible(minimum: 8))
            case .nodes: Table.Column("nodes", .fixed(5), align: .right)
            case .connections: Table.Column("conn", .fixed(6), align: .right)
            case .new: Table.Column("+/min", .fixed(6), align: .right)
            case .busy: Table.Column("busy", .fixed(6), align: .right)
            case .idle: Table.Column("idle>10m", .fixed(8), align: .right)
            case .commands: Table.Column("cmd/s", .fixed(7), align: .right)
            case .input: Table.Column("in", .fixed(10), align: .right)
            case .output: Table.Column("out", .fixed(10), align: .right)
            case .unread: Table.Column("unread", .fixed(8), align: .right)
            case .oldest: Table.Column("oldest", .fixed(6), align: .right)
            case .command: Table.Column("last command", .fixed(14))
            }
        }
    }

    func cells(_ group: ClientGroup) -> [Span] {
        let style = state.valueStyle()
        return kinds.map { kind in
            switch kind {
            case .name:
                Span(
                    state.name(group.name.utf8),
                    state.valueStyle(
                        group.isConspicuous ? .warning : group.id.party == .client ? .text : .dim))
            case .nodes: Span("\(group.nodes.count)/\(nodes)", style)
            case .connections: Span(Format.shortCount(group.connections), style)
            case .new: Span(Self.rate(group.newPerMinute), style)
            case .busy: Span(Format.shortCount(group.busy), style)
            case .idle: Span(Format.shortCount(group.idleLong), style)
            case .commands: Span(Self.rate(group.commands), style)
            case .input: Span(Format.byteRate(group.bytesIn), style)
            case .output: Span(Format.byteRate(group.bytesOut), style)
            case .unread:
                Span(
                    Format.bytes(group.unread.map { ByteCount($0) }),
                    state.valueStyle((group.unread ?? 0) >= Self.muchUnread ? .warning : .value))
            case .oldest: Span(Self.age(group.oldest), style)
            case .command: Span(group.command ?? Format.unknown, .dim)
            }
        }
    }

    private static let muchUnread = 1 << 20

    private static func rate(_ rate: Double?) -> String {
        guard let rate, rate.isFinite, rate >= 9_999 else { return Format.rate(rate) }
        return Format.shortCount(rate.whole)
    }

    private static func age(_ seconds: Int?) -> String {
        seconds.map { Format.age(.seconds($0)) } ?? Format.unknown
    }

    // MARK: connections

    private enum Part { case address, name, user, library, database, idle, age, command, unread, node }

    private var parts: [Part] {
        let all: [(Part, minimum: Int)] = [
            (.address, 0), (.name, 40), (.user, 92), (.library, 112), (.database, 86), (.idle, 24), (.age, 50),
            (.command, 62), (.unread, 70), (.node, nodes > 1 ? 84 : .max),
        ]
        return all.filter { $0.minimum <= width }.map(\.0)
    }

    var memberColumns: [Table.Column] {
        parts.map { part in
            switch part {
            case .address: Table.Column("address", .flexible(minimum: 12))
            case .name: Table.Column("name", .flexible(minimum: 8))
            case .user: Table.Column("user", .fixed(10))
            case .library: Table.Column("library", .fixed(12))
            case .database: Table.Column("db", .fixed(3), align: .right)
            case .idle: Table.Column("idle", .fixed(6), align: .right)
            case .age: Table.Column("age", .fixed(6), align: .right)
            case .command: Table.Column("command", .fixed(14))
            case .unread: Table.Column("unread", .fixed(8), align: .right)
            case .node: Table.Column("node", .fixed(16))
            }
        }
    }

    func cells(_ member: ClientMember) -> [Span] {
        let entry = member.entry
        let style = state.valueStyle()
        return parts.map { part in
            switch part {
            case .address: Span(state.name(entry.address.utf8), state.valueStyle(.text))
            case .name: Span(entry.name.isEmpty ? "–" : state.name(entry.name.utf8), state.valueStyle(.text))
            case .user: Span(entry.user ?? Format.unknown, .dim)
            case .library: Span(entry.library ?? Format.unknown, .dim)
            case .database: Span(entry.database.map { "\($0)" } ?? Format.unknown, style)
            case .idle: Span(Self.age(entry.idle), style)
            case .age: Span(Self.age(entry.age), style)
            case .command:
                Span(
                    (entry.command ?? Format.unknown) + (entry.isBlocked ? " (waits)" : ""),
                    state.valueStyle(entry.isBlocked ? .warning : .text))
            case .unread: Span(Format.bytes(entry.outputBuffer.map { ByteCount($0) }), style)
            case .node: Span(member.node, .dim)
            }
        }
    }
}
