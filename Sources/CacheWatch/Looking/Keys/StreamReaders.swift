internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Reads what `XINFO` says of a stream's groups.
enum StreamReaders {
    private static let mostGroups = 20
    /// Groups whose consumers are asked for, and consumers beyond which they are not.
    private static let mostAsked = 8
    private static let mostConsumers = 100

    static func question(_ key: [UInt8]) -> KeyedCommand {
        KeyedCommand(key, Command([Array("XINFO".utf8), Array("GROUPS".utf8), key]))
    }

    static func groups(_ reply: RESPValue) -> StreamGroups {
        if let error = reply.cacheError { return .unknown(error.description) }
        do throws(RESPShapeError) {
            let all = try reply.array
            var groups: [StreamGroup] = []
            for item in all.prefix(mostGroups) {
                let fields = try Self.fields(item)
                guard let name = try fields["name"]?.bytes else { continue }
                var group = StreamGroup(name: name)
                group.consumers = try? fields["consumers"]?.count
                group.pending = try? fields["pending"]?.count
                group.lag = try? fields["lag"]?.count
                group.lastDelivered = try? fields["last-delivered-id"]?.bytes
                groups.append(group)
            }
            return .known(groups, all: all.count)
        } catch { return .unknown(error.description) }
    }

    /// With the consumers of the first groups, where they are few.
    static func withMembers(
        _ groups: StreamGroups, of key: [UInt8], _ router: Router
    ) async throws(CacheError) -> StreamGroups {
        guard case .known(var groups, let all) = groups else { return groups }
        let asked = groups.indices.filter { (1...mostConsumers).contains(groups[$0].consumers ?? 0) }.prefix(mostAsked)
        guard !asked.isEmpty else { return .known(groups, all: all) }
        let questions = asked.map { index in
            KeyedCommand(
                key, Command([Array("XINFO".utf8), Array("CONSUMERS".utf8), key, groups[index].name]))
        }
        let replies = try await router.ask(questions).replies
        for (index, reply) in zip(asked, replies) { take(reply, &groups[index]) }
        return .known(groups, all: all)
    }

    static func take(_ reply: RESPValue, _ group: inout StreamGroup) {
        if let error = reply.cacheError { return group.doubt = error.description }
        do throws(RESPShapeError) {
            var members: [StreamGroup.Consumer] = []
            for item in try reply.array.prefix(mostConsumers) {
                let fields = try Self.fields(item)
                guard let name = try fields["name"]?.bytes else { continue }
                let idle = (try? fields["idle"]?.count).map { Duration.milliseconds($0) }
                members.append(
                    StreamGroup.Consumer(name: name, pending: try? fields["pending"]?.count, idle: idle))
            }
            group.members = members
        } catch { group.doubt = error.description }
    }

    private static func fields(_ item: RESPValue) throws(RESPShapeError) -> [String: RESPValue] {
        let parts = try item.array
        var fields: [String: RESPValue] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            fields[String(decoding: try parts[index].bytes, as: UTF8.self)] = parts[index + 1]
        }
        return fields
    }
}
