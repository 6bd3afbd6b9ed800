internal import RedisValues

/// Every command that this program can send, and whether it may change something.
///
/// A connection that may not write refuses what is not known to be harmless before a byte of it is sent.
package enum CommandTable {
    package enum Access: Sendable { case reading, writing }

    /// By upper-case name, for containers with their subcommand.
    package static let access: [String: Access] = [
        "AUTH": .reading, "SELECT": .reading, "PING": .reading,
        "CLIENT SETNAME": .reading, "CLIENT NO-TOUCH": .reading, "CLIENT NO-EVICT": .reading,
        "CLIENT SETINFO": .reading,
        "CLIENT LIST": .reading, "CLIENT ID": .reading,
        "INFO": .reading, "DBSIZE": .reading, "SLOWLOG GET": .reading, "SLOWLOG LEN": .reading,
        "SENTINEL MASTER": .reading, "SENTINEL REPLICAS": .reading, "SENTINEL SENTINELS": .reading,
        "SENTINEL CKQUORUM": .reading, "SENTINEL GET-MASTER-ADDR-BY-NAME": .reading, "SUBSCRIBE": .reading,
        "CLUSTER SHARDS": .reading, "CLUSTER SLOTS": .reading,
        "CLUSTER INFO": .reading, "CLUSTER NODES": .reading, "CLUSTER GETKEYSINSLOT": .reading, "ASKING": .reading,
        "CONFIG GET": .reading, "ACL WHOAMI": .reading,
        "RANDOMKEY": .reading, "SCAN": .reading, "TYPE": .reading, "PTTL": .reading, "EXISTS": .reading,
        "MEMORY USAGE": .reading, "OBJECT IDLETIME": .reading, "OBJECT ENCODING": .reading, "OBJECT FREQ": .reading,
        "SCRIPT LOAD": .reading, "EVALSHA_RO": .reading, "WAIT": .reading,
        "DUMP": .reading, "GET": .reading, "GETRANGE": .reading, "STRLEN": .reading,
        "HLEN": .reading, "HGETALL": .reading, "HSCAN": .reading, "LLEN": .reading, "LRANGE": .reading,
        "SCARD": .reading,
        "SSCAN": .reading, "ZCARD": .reading, "ZRANGE": .reading, "ZSCAN": .reading,
        "XLEN": .reading, "XREVRANGE": .reading, "XINFO GROUPS": .reading, "XINFO CONSUMERS": .reading,

        "UNLINK": .writing, "RESTORE": .writing, "SET": .writing, "SADD": .writing, "SREM": .writing,
        "PEXPIREAT": .writing, "EXPIRE": .writing, "PEXPIRE": .writing, "PERSIST": .writing, "EVAL": .writing,
        "CLIENT KILL": .writing,
    ]

    /// The name under which a command is listed.
    package static func name(of command: Command) -> String {
        func word(_ index: Int) -> String {
            command.arguments.indices.contains(index)
                ? Printable.escape(command.arguments[index], limit: 30).uppercased() : ""
        }
        let container = word(0) + " " + word(1)
        return access[container] != nil ? container : word(0)
    }

    /// True for everything that is not known to be harmless.
    package static func mayWrite(_ command: Command) -> Bool { access[name(of: command)] != .reading }
}
