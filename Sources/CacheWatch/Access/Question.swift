internal import CacheModel
internal import CacheCore
package import CacheWire
package import RedisValues

/// Everything that watching asks of a server.
package enum Question: String, CaseIterable, Sendable {
    case info, size, slowlog, slowlogLength, slowlogSettings, commandStats, whoAmI
    case randomKey, scan, keyType, timeToLive, memoryUsage, idleTime, loadScript, runScript
    case exists, clientList

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
        case .memoryUsage: "MEMORY USAGE"
        case .idleTime: "OBJECT IDLETIME"
        case .loadScript: "SCRIPT LOAD"
        case .runScript: "EVALSHA_RO"
        case .exists: "EXISTS"
        case .clientList: "CLIENT LIST"
        }
    }

    /// The rule that `ACL SETUSER` needs for it.
    package var permission: String { self == .commandStats ? "+info" : DeniedCommands.permission(for: name) }
}

/// What is known of a node's refusals, by question.
extension DeniedCommands {
    /// There is another way without them.
    private static let scripts: [Question] = [.loadScript, .runScript]

    package func contains(_ question: Question) -> Bool { contains(question.name) }

    package mutating func note(_ question: Question, error words: [UInt8]) {
        note(question.name, error: words, permission: question.permission)
    }

    /// What is missed because of it: courtesies that the server knows, then in the order of ``Question``; scripts are not
    /// missed.
    package var list: [DeniedCommand] { list(of: Question.allCases) }

    /// What is missed of these questions, and of the courtesies.
    package func list(of questions: [Question]) -> [DeniedCommand] {
        let courtesies = Courtesy.ofWatchers.compactMap { entry($0.commandName) }.filter { $0.needs != nil }
        let asked = Question.allCases.filter { questions.contains($0) && !Self.scripts.contains($0) }
        return courtesies + asked.compactMap { entry($0.name) }
    }

    /// Why a question is not asked; nil where it is.
    func refusal(of question: Question) -> Refusal? { entry(question.name).map { Refusal($0) } }
}

extension Line {
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
