package import CacheModel

/// Everything that watching asks of a server.
package enum Question: String, CaseIterable, Sendable {
    case setName, noTouch, noEvict
    case info, size, slowlog, slowlogLength, slowlogSettings, commandStats, whoAmI
    case randomKey, scan, keyType, timeToLive, memoryUsage, idleTime, loadScript, runScript
    case exists

    /// What is asked of single keys.
    static let ofKeys: [Question] = [.keyType, .timeToLive, .memoryUsage, .idleTime]
    /// A name that no platform uses, to find out what is allowed without touching anybody's key.
    static let probeKey = "cachewatch:probe"

    /// How many slow-log entries a poll asks for when it has fallen behind, and at first.
    static let slowlogPage = 128
    /// How many are enough in quiet times.
    static let slowlogGlance = 16

    package var command: Command {
        switch self {
        case .setName: Command("CLIENT", "SETNAME", Handshake.clientName)
        case .noTouch: Command("CLIENT", "NO-TOUCH", "ON")
        case .noEvict: Command("CLIENT", "NO-EVICT", "ON")
        case .info: Command("INFO")
        case .size: Command("DBSIZE")
        case .slowlog: Command("SLOWLOG", "GET", String(Self.slowlogPage))
        case .slowlogLength: Command("SLOWLOG", "LEN")
        case .slowlogSettings: Command("CONFIG", "GET", "slowlog-*")
        case .commandStats: Command("INFO", "commandstats")
        case .whoAmI: Command("ACL", "WHOAMI")
        case .randomKey: Command("RANDOMKEY")
        case .scan: Command("SCAN", "0")
        case .keyType: Command("TYPE", Self.probeKey)
        case .timeToLive: Command("PTTL", Self.probeKey)
        case .memoryUsage: Command("MEMORY", "USAGE", Self.probeKey)
        case .idleTime: Command("OBJECT", "IDLETIME", Self.probeKey)
        case .loadScript: Command("SCRIPT", "LOAD", SweepScript.text)
        case .runScript: Command("EVALSHA_RO", "", "0")
        case .exists: Command("EXISTS", Self.probeKey)
        }
    }

    /// As people write it, such as `SLOWLOG GET`.
    package var name: String {
        switch self {
        case .setName: "CLIENT SETNAME"
        case .noTouch: "CLIENT NO-TOUCH"
        case .noEvict: "CLIENT NO-EVICT"
        case .info: "INFO"
        case .commandStats: "INFO COMMANDSTATS"
        case .size: "DBSIZE"
        case .slowlog: "SLOWLOG GET"
        case .slowlogLength: "SLOWLOG LEN"
        case .slowlogSettings: "CONFIG GET"
        case .whoAmI: "ACL WHOAMI"
        case .randomKey: "RANDOMKEY"
        case .scan: "SCAN"
        case .keyType: "TYPE"
        case .timeToLive: "PTTL"
        case .memoryUsage: "MEMORY USAGE"
        case .idleTime: "OBJECT IDLETIME"
        case .loadScript: "SCRIPT LOAD"
        case .runScript: "EVALSHA_RO"
        case .exists: "EXISTS"
        }
    }

    /// The rule that `ACL SETUSER` needs for it.
    package var permission: String {
        switch self {
        case .setName: "+client|setname"
        case .noTouch: "+client|no-touch"
        case .noEvict: "+client|no-evict"
        case .info, .commandStats: "+info"
        case .size: "+dbsize"
        case .slowlog: "+slowlog|get"
        case .slowlogLength: "+slowlog|len"
        case .slowlogSettings: "+config|get"
        case .whoAmI: "+acl|whoami"
        case .randomKey: "+randomkey"
        case .scan: "+scan"
        case .keyType: "+type"
        case .timeToLive: "+pttl"
        case .memoryUsage: "+memory|usage"
        case .idleTime: "+object|idletime"
        case .loadScript: "+script|load"
        case .runScript: "+evalsha_ro"
        case .exists: "+exists"
        }
    }
}

/// What a server refused to this user or does not know: none of it is sent twice.
package struct DeniedCommands: Equatable, Sendable {
    /// There is another way without them.
    private static let scripts: [Question] = [.loadScript, .runScript]

    private var needs: [Question: String?] = [:]

    package init() {}

    package func contains(_ question: Question) -> Bool { needs[question] != nil }

    /// Remembers an error reply that will be the same next time; others are forgotten.
    mutating func note(_ question: Question, error words: [UInt8]) {
        let text = Printable.escape(words)
        if text.hasPrefix("NOPERM"), text.contains("keys used as arguments") {
            needs[question] = .some("~*")
        } else if text.hasPrefix("NOPERM") {
            needs[question] = .some(question.permission)
        } else if text.hasPrefix("ERR unknown") || text.hasPrefix("ERR Unknown")
            || text.contains("wrong number of arguments")
            || text.hasPrefix("ERR syntax")
        {
            needs[question] = .some(nil)
        }
    }

    /// What is missed because of it, in the order of ``Question``: scripts are not, nor a courtesy of the connection that
    /// the server does not know yet.
    package var list: [DeniedCommand] {
        let courtesies: [Question] = [.setName, .noTouch, .noEvict]
        return Question.allCases.compactMap { question in
            guard let need = needs[question], !Self.scripts.contains(question),
                need != nil || !courtesies.contains(question)
            else { return nil }
            return DeniedCommand(command: question.name, needs: need)
        }
    }
}
