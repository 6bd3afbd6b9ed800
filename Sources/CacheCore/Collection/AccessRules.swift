/// What a user needs for watching.
public enum AccessRules {
    /// The `ACL SETUSER` line of a user that may do all that watching asks for, and nothing else.
    ///
    /// It can be typed on every server from Redis 6.2 on: `CLIENT NO-TOUCH` and `NO-EVICT`, which older servers reject
    /// even in a rule, are left out and done without; so are scripts. All keys may be asked for their type, time to live,
    /// size and idle time; none can be read.
    public static func line(user: String) -> String {
        let leftOut: [Question] = [.noTouch, .noEvict, .loadScript, .runScript]
        let permissions = Question.allCases.filter { !leftOut.contains($0) }.map(\.permission)
        var seen: Set<String> = []
        let rules = (["+ping", "+select"] + permissions).filter { seen.insert($0).inserted }
        return "ACL SETUSER \(user) on >PASSWORD resetkeys ~* resetchannels -@all \(rules.joined(separator: " "))"
    }
}
