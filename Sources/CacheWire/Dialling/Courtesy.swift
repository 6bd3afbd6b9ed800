internal import RedisValues

/// What a new connection asks for besides being let in; where it is refused, the connection does without.
package enum Courtesy: Equatable, Sendable {
    /// `CLIENT SETNAME`.
    case name(String)
    /// What is looked at stays as idle as it was. Since Redis 7.2.
    case noTouch
    /// The connection is not closed when clients take too much memory. Since Redis 7.0.
    case noEvict
    /// `CLIENT SETINFO`: as a connection of which library, and of which version, `CLIENT LIST` shows it. Since Redis 7.2.
    case libraryName(String), libraryVersion(String)

    /// By which ``DeniedCommands`` knows it.
    package var commandName: String {
        switch self {
        case .name: "CLIENT SETNAME"
        case .noTouch: "CLIENT NO-TOUCH"
        case .noEvict: "CLIENT NO-EVICT"
        case .libraryName, .libraryVersion: "CLIENT SETINFO"
        }
    }

    package var command: Command {
        switch self {
        case .name(let name): Command("CLIENT", "SETNAME", name)
        case .noTouch: Command("CLIENT", "NO-TOUCH", "ON")
        case .noEvict: Command("CLIENT", "NO-EVICT", "ON")
        case .libraryName(let name): Command("CLIENT", "SETINFO", "LIB-NAME", name)
        case .libraryVersion(let version): Command("CLIENT", "SETINFO", "LIB-VER", version)
        }
    }
}
