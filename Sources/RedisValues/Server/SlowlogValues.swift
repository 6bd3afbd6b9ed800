/// Which arguments of a command are values, and which are words of the language.
package enum CommandWords {
    /// In capitals as in small letters.
    package static func isOption(_ word: String) -> Bool { options.contains(word.uppercased()) }

    private static let options = Set(
        """
        EX PX EXAT PXAT NX XX KEEPTTL GET CH INCR GT LT WITHSCORES WITHSCORE WITHVALUES LIMIT BYSCORE BYLEX REV MATCH COUNT \
        TYPE ASC DESC ALPHA STORE BY WEIGHTS AGGREGATE SUM MIN MAX BLOCK STREAMS GROUP NOACK IDLE TIME JUSTID MAXLEN MINID \
        NOMKSTREAM LEFT RIGHT BEFORE AFTER FIELDS PERSIST USAGE SAMPLES ENCODING FREQ IDLETIME REFCOUNT HELP LOAD FLUSH \
        EXISTS KILL ASYNC SYNC REPLACE ABSTTL DB COPY LIST INFO ID GETNAME SETNAME SETINFO REPLY TRACKING PAUSE UNPAUSE \
        NO-EVICT NO-TOUCH CREATE DESTROY CONSUMERS CREATECONSUMER DELCONSUMER SETID STREAM GROUPS LATEST HISTORY DOCTOR \
        HISTOGRAM RESET LEN STATS PURGE MALLOC-STATS NODES SLOTS SHARDS MYID ALL FULL WEEK RANK AND OR XOR NOT BYTE BIT \
        WITHCOORD WITHDIST WITHHASH FROMMEMBER FROMLONLAT BYRADIUS BYBOX M KM FT MI ANY AGGREGATE RESETSTAT REWRITE
        """.split(separator: " ").map(String.init))
}

extension SlowlogEntry {
    /// Where something of somebody's stands among the arguments of commands that write or look for it.
    private enum Values {
        /// All behind so many.
        case behind(Int)
        /// All behind the key and the options that follow it.
        case behindOptions
        /// Only this one.
        case at(Int)
        /// Each second one: keys and values in turn.
        case everySecond
        /// A script's text, or its name, and all behind its keys.
        case script(isText: Bool)
    }

    private static let values: [String: Values] = [
        "SET": .at(2), "GETSET": .at(2), "SETNX": .at(2), "APPEND": .at(2), "PUBLISH": .at(2), "SPUBLISH": .at(2),
        "SETEX": .behind(2), "PSETEX": .behind(2), "SETRANGE": .behind(2), "LSET": .behind(2), "LREM": .behind(2),
        "LINSERT": .behind(2), "ZINCRBY": .behind(2), "RESTORE": .at(3), "JSON.SET": .behind(2),
        "MSET": .everySecond, "MSETNX": .everySecond,
        "RESTORE-ASKING": .at(3), "JSON.MERGE": .behind(2), "JSON.ARRAPPEND": .behind(2), "JSON.STRAPPEND": .behind(2),
        "JSON.MSET": .behind(1), "MSETEX": .behind(1), "ECHO": .behind(0), "SETBIT": .behind(2), "BITFIELD": .behind(1),
        "ZRANGEBYLEX": .behind(1), "ZREVRANGEBYLEX": .behind(1), "ZLEXCOUNT": .behind(1), "ZREMRANGEBYLEX": .behind(1),
        "BF.ADD": .behind(1), "BF.MADD": .behind(1), "CF.ADD": .behind(1), "FT.SEARCH": .behind(1),
        "SCRIPT": .behind(1),
        "FUNCTION": .behind(1),
        "HSET": .behind(1), "HMSET": .behind(1), "HSETNX": .behind(1), "HSETEX": .behindOptions, "LPUSH": .behind(1),
        "RPUSH": .behind(1), "LPUSHX": .behind(1), "RPUSHX": .behind(1), "LPOS": .behind(1), "SADD": .behind(1),
        "SREM": .behind(1), "SISMEMBER": .behind(1), "SMISMEMBER": .behind(1), "SMOVE": .behind(2),
        "ZADD": .behindOptions,
        "ZREM": .behind(1), "ZSCORE": .behind(1), "ZMSCORE": .behind(1), "ZRANK": .behind(1), "ZREVRANK": .behind(1),
        "XADD": .behindOptions, "PFADD": .behind(1), "GEOADD": .behind(1),
        "EVAL": .script(isText: true), "EVAL_RO": .script(isText: true), "EVALSHA": .script(isText: false),
        "EVALSHA_RO": .script(isText: false), "FCALL": .script(isText: false), "FCALL_RO": .script(isText: false),
    ]

    /// What stands in the place of a value.
    package static let value = "(value)"

    /// The same without values: commands, keys and options say what was slow.
    package var withoutValues: SlowlogEntry {
        guard let name = command.first, let values = Self.values[name.uppercased()] else { return self }
        var entry = self
        for index in command.indices.dropFirst() where Self.isValue(index, in: command, values) {
            // Where the server leaves out some, the last one says how many.
            let isRest = index == command.count - 1 && command[index].hasSuffix(" more arguments)")
            if !isRest { entry.command[index] = Self.value }
        }
        return entry
    }

    private static func isValue(_ index: Int, in command: [String], _ values: Values) -> Bool {
        switch values {
        case .behind(let count): index > count
        case .behindOptions: index > 1 && !command[2...index].allSatisfy(CommandWords.isOption)
        case .at(let place): index == place
        case .everySecond: index.isMultiple(of: 2)
        case .script(let isText):
            isText && index == 1
                || index > 2 + (command.count > 2 ? Int(command[2]).map { min(max(0, $0), command.count) } ?? 0 : 0)
        }
    }
}
