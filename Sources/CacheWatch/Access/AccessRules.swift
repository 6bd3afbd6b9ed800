internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What a user needs who watches, looks at keys, or acts.
public enum AccessRules {
    public enum Scope: Sendable {
        /// All keys may be asked for their type, time to live, size and idle time; none can be read.
        case watching
        /// And read.
        case inspecting
        /// And removed, restored, revoked, given a time to live.
        case acting
    }

    /// The `ACL SETUSER` line of a user that may do what the scope asks for, and nothing else.
    ///
    /// It can be typed on every server from Redis 7.0 on, and on 6.2 with `+hgetall` in the place of the selector, which
    /// opens no hash but that of the counters: `CLIENT NO-TOUCH` and `NO-EVICT`, which older servers reject even in a
    /// rule, are left out and done without; so are the sweep's scripts.
    ///
    /// - Parameters:
    ///   - diagnosing: whether it may see who the clients are, too.
    ///   - cluster: whether it is to find the nodes of a cluster, too.
    public static func line(
        user: String, for scope: Scope = .watching, diagnosing: Bool = false, cluster: Bool = false
    ) -> String {
        let leftOut: [Question] = [.loadScript, .runScript, .counters] + (diagnosing ? [] : ofDiagnosis)
        let permissions =
            ["+client|setname"] + Question.allCases.filter { !leftOut.contains($0) }.map(\.permission)
        var seen: Set<String> = []
        let rules = (["+ping", "+select"] + permissions + more(for: scope) + (cluster ? ofCluster : [])).filter {
            seen.insert($0).inserted
        }
        // Whoever may read hashes needs no leave for this one.
        let selector = scope == .watching ? [Question.counters.permission] : []
        let all = (rules + selector).joined(separator: " ")
        return "ACL SETUSER \(user) on >PASSWORD resetkeys ~* resetchannels -@all \(all)"
    }

    /// What tells of others than the server and its keys.
    private static let ofDiagnosis: [Question] = [.clientList]

    /// The last three for exact figures while slots move.
    private static let ofCluster = [
        "+cluster|info", "+cluster|shards", "+cluster|slots", "+cluster|nodes", "+cluster|getkeysinslot", "+asking",
    ]

    private static func more(for scope: Scope) -> [String] {
        // What no user has to be allowed, what watching has already, and what only acting needs.
        let others = [
            "AUTH", "CLIENT SETNAME", "CLIENT SETINFO", "CLIENT NO-TOUCH", "CLIENT NO-EVICT", "ACL WHOAMI",
            "SCRIPT LOAD", "EVALSHA_RO",
        ]
        let ofActing = ["DUMP", "WAIT"]
        let names = CommandTable.access.filter { name, access in
            if others.contains(name) || name == "SUBSCRIBE" || name == "ASKING" { return false }
            // Whoever looks at keys need not see the clients; who acts has to know whom it is about.
            if ofDiagnosis.contains(where: { $0.name == name }) { return scope == .acting }
            if ["SENTINEL ", "CLUSTER "].contains(where: name.hasPrefix) { return false }
            return switch scope {
            case .watching: false
            case .inspecting: access == .reading && !ofActing.contains(name)
            case .acting: true
            }
        }
        return names.keys.sorted().map { "+" + $0.lowercased().replacing(" ", with: "|") }
    }
}
