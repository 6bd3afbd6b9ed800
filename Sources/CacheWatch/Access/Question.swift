internal import CacheModel
internal import CacheCore
package import CacheWire
package import RedisValues

/// Everything that watching asks of a server.
package enum Question: String, CaseIterable, Sendable {
    case info, size, slowlog, slowlogLength, slowlogSettings, commandStats, whoAmI
    case randomKey, scan, keyType, timeToLive, memoryUsage, idleTime, loadScript, runScript
    case exists, clientList, countersSize, counters

    /// What a look at the keyspace asks: a sweep, and an estimate besides draws keys.
    static let ofSweeps: [Question] = [.info, .size, .commandStats, .scan] + ofKeys
    static let ofEstimates = ofSweeps + [.randomKey]
    /// What is asked of single keys.
    static let ofKeys: [Question] = [.keyType, .timeToLive, .memoryUsage, .idleTime]
    /// A name that no platform uses, to find out what is allowed without touching anybody's key.
    static let probeKey = "cachewatch:probe"

    /// Who a server is, and what time it has: of ``info`` the part that costs little.
    static let server = Command("INFO", "server")

    /// How many slow-log entries a poll asks for when it has fallen behind, and at first.
    static let slowlogPage = 128
    /// How many are enough in quiet times.
    static let slowlogGlance = 16

    package var command: Command {
        switch self {
        case .info: Call.info.command
        case .size: Call.size.command
        case .slowlog: Call.slowlog(Self.slowlogPage).command
        case .slowlogLength: Call.slowlogLength.command
        case .slowlogSettings: Command("CONFIG", "GET", "slowlog-*")
        case .commandStats: Call.commandStats.command
        case .whoAmI: Command("ACL", "WHOAMI")
        case .randomKey: Command("RANDOMKEY")
        case .scan: Command("SCAN", "0")
        case .keyType: Command("TYPE", Self.probeKey)
        case .timeToLive: Command("PTTL", Self.probeKey)
        case .memoryUsage: Command("MEMORY", "USAGE", Self.probeKey)
        case .idleTime: Command("OBJECT", "IDLETIME", Self.probeKey)
        case .loadScript: Command("SCRIPT", "LOAD", "return 1")
        case .runScript: Command("EVALSHA_RO", "", "0")
        case .exists: Command("EXISTS", Self.probeKey)
        case .clientList: Call.clientList.command
        case .countersSize: Self.countersSize(CounterHash.key())
        case .counters: Self.counters(CounterHash.key())
        }
    }

    /// As people write it, such as `SLOWLOG GET`.
    package var name: String {
        switch self {
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
        case .memoryUsage, .countersSize: "MEMORY USAGE"
        case .idleTime: "OBJECT IDLETIME"
        case .loadScript: "SCRIPT LOAD"
        case .runScript: "EVALSHA_RO"
        case .exists: "EXISTS"
        case .clientList: "CLIENT LIST"
        case .counters: CounterHash.command
        }
    }

    /// The rule that `ACL SETUSER` needs for it.
    package var permission: String {
        switch self {
        case .commandStats: "+info"
        case .counters: Self.permissionForCounters()
        default: DeniedCommands.permission(for: name)
        }
    }

    /// What servers have counted.
    ///
    /// - Parameter key: the deployment's prefix and ``CounterHash/name``.
    static func counters(_ key: [UInt8]) -> Command { Command([Array(CounterHash.command.utf8), key]) }

    /// What it takes of memory, before it is asked for: of few fields, whatever it holds.
    static func countersSize(_ key: [UInt8]) -> Command { Command([Array("MEMORY".utf8), Array("USAGE".utf8), key]) }

    /// The rule that ``counters`` needs: a selector, so that no other hash can be read, where the server knows any.
    ///
    /// - Parameter version: of the server; nil takes a new one.
    static func permissionForCounters(_ key: [UInt8] = CounterHash.key(), version: String? = nil) -> String {
        let major = version.flatMap { Int($0.prefix { $0 != "." }) } ?? 7
        return major < 7 ? "+hgetall" : "(+hgetall ~\(Printable.escape(key)))"
    }
}

/// What is known of a node's refusals, by question.
extension DeniedCommands {
    /// There is another way without them.
    private static let unmissed: [Question] = [.loadScript, .runScript, .countersSize]

    package func contains(_ question: Question) -> Bool { contains(question.name) }

    package mutating func note(_ question: Question, error words: [UInt8]) {
        note(question.name, error: words, permission: question.permission)
    }

    /// What is missed because of it: courtesies that the server knows, then in the order of ``Question``; scripts are not
    /// missed, nor is a size.
    package var list: [DeniedCommand] { list(of: Question.allCases) }

    /// What is missed of these questions, and of the courtesies.
    package func list(of questions: [Question]) -> [DeniedCommand] {
        let courtesies = Courtesy.ofWatchers.compactMap { entry($0.commandName) }.filter { $0.needs != nil }
        let asked = Question.allCases.filter { questions.contains($0) && !Self.unmissed.contains($0) }
        return courtesies + asked.compactMap { entry($0.name) }
    }

    /// Why a question is not asked; nil where it is.
    func refusal(of question: Question) -> Refusal? { entry(question.name).map { Refusal($0) } }
}

extension Line {
    /// Of ``Question/counters``, which needs another rule of each server.
    func noteCounters(_ key: [UInt8], error: [UInt8], version: String?) {
        note(
            Question.counters.name, error: error,
            permission: Question.permissionForCounters(key, version: version), keys: "~\(Printable.escape(key))")
    }

    func note(_ question: Question, error: [UInt8]) {
        note(question.name, error: error, permission: question.permission)
    }

    /// Of an answer about somebody's key: words that nobody knows may be about this key alone.
    func note(_ question: Question, errorAboutKey words: [UInt8]) {
        if ErrorReply(words).isLasting { note(question, error: words) }
    }
}

extension Courtesy {
    /// What a watcher asks of each connection: to be known by its name, and to leave no trace.
    package static let ofWatchers: [Courtesy] = [.name(SlowlogEntry.ownName), .noTouch, .noEvict]
}
