/// A managed service as its documentation has it: what it refuses and in which words, and what its INFO leaves out.
public struct ManagedService: Sendable {
    public let name: String
    /// Where it is written.
    public let source: String
    /// Commands, or commands with their subcommand, in upper case.
    public let refused: Set<String>
    /// The error for a command: as typed, and what follows it.
    public let words: @Sendable (_ command: String, _ arguments: [String]) -> String
    /// Fields of INFO, or the beginnings of their names.
    public let leftOut: [String]
    /// Sections of INFO that are not there.
    public let missingSections: Set<String>
    /// Fields of INFO that say something else.
    public let replaced: [String: String]

    /// - Parameters:
    ///   - command: in upper case.
    ///   - arguments: what follows it.
    /// - Returns: nil for what is allowed.
    public func refusal(of command: String, _ arguments: [String]) -> String? {
        let both = arguments.first.map { "\(command) \($0.uppercased())" }
        guard refused.contains(command) || both.map(refused.contains) == true else { return nil }
        return words(command, arguments)
    }

    /// What the service makes of the INFO of a server.
    public func info(_ text: String) -> String {
        var isLeftOut = false
        var lines: [String] = []
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("# ") { isLeftOut = missingSections.contains(String(line.dropFirst(2))) }
            let name = String(line.prefix { $0 != ":" })
            if isLeftOut || leftOut.contains(where: { !name.isEmpty && name.hasPrefix($0) }) { continue }
            lines.append(replaced[name].map { "\(name):\($0)" } ?? line)
        }
        return lines.joined(separator: "\r\n")
    }
}

extension ManagedService {
    public static let all = [elastiCache, elastiCacheServerless, memoryDB, azure, memorystore, upstash]

    /// What all of them keep for themselves.
    private static let administration: Set = [
        "BGREWRITEAOF", "BGSAVE", "CONFIG", "DEBUG", "MIGRATE", "REPLICAOF", "SAVE", "SLAVEOF", "SHUTDOWN", "SYNC",
        "PSYNC",
    ]

    /// As Redis says it of what was renamed to nothing.
    @Sendable private static func unknown(_ command: String, _ arguments: [String]) -> String {
        let list = arguments.prefix(3).map { "`\($0)`, " }.joined()
        return "ERR unknown command `\(command)`, with args beginning with: \(list)"
    }

    /// As Redis 7 and Valkey say it.
    @Sendable private static func unknownQuoted(_ command: String, _ arguments: [String]) -> String {
        let list = arguments.prefix(3).map { "'\($0)' " }.joined()
        return "ERR unknown command '\(command.lowercased())', with args beginning with: \(list)"
    }

    public static let elastiCache = ManagedService(
        name: "elasticache",
        source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ClientConfig.RestrictedCommands.html",
        refused: administration, words: unknown, leftOut: ["total_system_memory"], missingSections: [],
        replaced: ["os": "Amazon ElastiCache", "executable": "-", "config_file": "-", "process_id": "1"])

    /// Its INFO has neither uptime nor clients nor memory.
    ///
    /// Source: https://github.com/oliver006/redis_exporter/issues/1056 and 1054,
    /// https://github.com/redis/RedisInsight/issues/4051
    public static let elastiCacheServerless = ManagedService(
        name: "elasticache-serverless",
        source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html",
        refused: administration.union([
            "ACL SETUSER", "LASTSAVE", "LATENCY", "MEMORY", "MODULE", "MONITOR", "SLOWLOG", "OBJECT IDLETIME",
        ]), words: unknownQuoted, leftOut: ["uptime_", "errorstat_"],
        missingSections: ["Clients", "Memory", "Persistence", "CPU"],
        replaced: ["os": "Amazon ElastiCache", "executable": "-", "config_file": "-", "process_id": "1"])

    /// With several regions: it knows no times to live.
    public static let memoryDB = ManagedService(
        name: "memorydb",
        source: "https://docs.aws.amazon.com/memorydb/latest/devguide/multi-Region.SupportedCommands.html",
        refused: administration.union([
            "ACL DELUSER", "ACL LOAD", "ACL SAVE", "ACL SETUSER", "MODULE", "TTL", "PTTL", "EXPIRE", "PEXPIRE",
            "EXPIREAT",
            "PEXPIREAT", "EXPIRETIME", "PEXPIRETIME", "PERSIST", "SETEX", "PSETEX",
        ]), words: unknown, leftOut: ["total_system_memory"], missingSections: ["Persistence"],
        replaced: ["os": "Amazon MemoryDB", "executable": "-", "config_file": "-", "process_id": "1"])

    public static let azure = ManagedService(
        name: "azure", source: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure",
        refused: administration.union(["ACL", "CLUSTER", "REPLCONF"]),
        words: { command, arguments in
            command == "REPLCONF" ? "ERR Command disallowed" : unknown(command, arguments)
        }, leftOut: ["executable", "config_file"], missingSections: [], replaced: ["os": "Windows"])

    public static let memorystore = ManagedService(
        name: "memorystore", source: "https://cloud.google.com/memorystore/docs/redis/product-constraints",
        refused: administration.union(["ACL", "CLIENT", "CLUSTER", "COMMAND", "LASTSAVE", "MONITOR", "OBJECT"]),
        words: unknown, leftOut: ["executable", "config_file", "total_system_memory"], missingSections: [],
        replaced: ["maxmemory_policy": "volatile-lru"])

    public static let upstash = ManagedService(
        name: "upstash", source: "https://upstash.com/docs/redis/overall/rediscompatibility",
        refused: administration.union(["CLIENT", "LATENCY", "MEMORY", "MONITOR", "OBJECT", "SLOWLOG", "WAIT"]),
        words: { command, _ in
            "ERR Command is not available: '\(command)'. See https://docs.upstash.com/overall/rediscompatibility for details"
        }, leftOut: ["run_id", "executable", "config_file", "process_id"],
        missingSections: ["Persistence", "Replication", "CPU", "Modules", "Errorstats"], replaced: [:])
}
