internal import CacheModel

/// Who the clients are, for programs: the member `clients` of the JSON report, and what `cachewatch clients` prints.
enum JSONClients {
    /// - Parameter all: whether each connection is told.
    /// - Returns: null where nobody has asked.
    static func value(_ memory: ClientMemory?, by grouping: ClientGrouping = .name, all: Bool = false) -> JSONValue {
        guard let memory, let look = memory.latest else { return .null }
        return .object(members(memory, look, by: grouping, all: all))
    }

    static func members(
        _ memory: ClientMemory, _ look: ClientLook, by grouping: ClientGrouping, all: Bool
    ) -> [(name: String, value: JSONValue)] {
        let groups = memory.groups(by: grouping).map { group in
            JSONValue.object(
                figures(group) + (all ? [("members", .array(look.members(of: group.id).map(member)))] : []))
        }
        return [
            ("taken_at", .string(look.takenAt.iso8601)), ("by", .string(grouping.rawValue)),
            ("connections", look.isKnown ? .integer(look.count) : .null),
            ("left_out", look.isKnown ? .integer(look.leftOut) : .null),
            ("nodes", .array(nodes(look))), ("groups", look.isKnown ? .array(groups) : .null),
        ]
    }

    private static func nodes(_ look: ClientLook) -> [JSONValue] {
        Set(look.entries.keys).union(look.refused.keys).sorted().map { address in
            let refusal = look.refused[address]
            return .object([
                ("address", .string(address)), ("connections", JSONValue(look.entries[address]?.count)),
                ("refusal", JSONValue(refusal?.reason)), ("refusal_detail", JSONValue(refusal?.detail)),
            ])
        }
    }

    private static func figures(_ group: ClientGroup) -> [(name: String, value: JSONValue)] {
        [
            ("name", .string(group.id.label)), ("party", .string(group.id.party.rawValue)),
            ("connections", .integer(group.connections)), ("busy", JSONValue(group.busy)),
            ("idle_over_10_min", JSONValue(group.idleLong)), ("blocked", .integer(group.blocked)),
            ("new_per_minute", JSONValue(group.newPerMinute)), ("commands_per_second", JSONValue(group.commands)),
            ("bytes_in_per_second", JSONValue(group.bytesIn)), ("bytes_out_per_second", JSONValue(group.bytesOut)),
            ("unread_bytes", JSONValue(group.unread)), ("memory_bytes", JSONValue(group.memory)),
            ("oldest_s", JSONValue(group.oldest)), ("addresses", .integer(group.addresses)),
            ("nodes", JSONValue(group.nodes)),
            (
                "kinds",
                .object(
                    group.kinds.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        ($0.key.rawValue, .integer($0.value))
                    })
            ),
            ("last_command", JSONValue(group.command)), ("remarks", JSONValue(group.remarks)),
        ]
    }

    private static func member(_ member: ClientMember) -> JSONValue {
        let entry = member.entry
        return .object([
            ("node", .string(member.node)), ("id", .integer(entry.id)), ("address", .string(entry.address)),
            ("name", .string(entry.name)), ("kind", .string(entry.kind.rawValue)), ("user", JSONValue(entry.user)),
            ("library", JSONValue(entry.library)), ("library_version", JSONValue(entry.libraryVersion)),
            ("database", JSONValue(entry.database)), ("age_s", JSONValue(entry.age)), ("idle_s", JSONValue(entry.idle)),
            ("blocked", .boolean(entry.isBlocked)), ("flags", .string(entry.flags)),
            ("last_command", JSONValue(entry.command)), ("unread_bytes", JSONValue(entry.outputBuffer)),
            ("memory_bytes", JSONValue(entry.memory)), ("commands", JSONValue(entry.totalCommands)),
            ("bytes_in", JSONValue(entry.totalIn)), ("bytes_out", JSONValue(entry.totalOut)),
        ])
    }
}
