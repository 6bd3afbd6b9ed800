/// Tells whether two URLs, without their secrets, mean the same database.
public enum TargetName {
    /// True for other spellings of the same: user and scheme left out, `localhost`, upper case, `//` in a path.
    public static func areSame(_ left: String, _ right: String) -> Bool { canonical(left) == canonical(right) }

    /// - Returns: what does not depend on how it was written.
    public static func canonical(_ target: String) -> String {
        guard let scheme = target.firstRange(of: "://") else { return target }
        var rest = target[scheme.upperBound...]
        let isSocket = target.hasPrefix("unix")
        if let at = isSocket ? rest.firstRange(of: "@/")?.lowerBound : rest.lastIndex(of: "@") {
            rest = rest[rest.index(after: at)...]
        }
        if isSocket {
            let parts = rest.split(separator: "?", maxSplits: 1)
            let database = parts.count > 1 ? "?" + parts[1] : "?db=0"
            return "unix://" + path(parts.first ?? "") + database
        }
        let parts = rest.split(separator: "/", maxSplits: 1)
        var host = (parts.first ?? "").lowercased()
        for name in ["127.0.0.1:", "[::1]:"] where host.hasPrefix(name) {
            host = "localhost:" + host.dropFirst(name.count)
        }
        return "redis://\(host)/\(parts.count > 1 ? parts[1] : "0")"
    }

    /// True for a name that leads to whatever this machine puts behind it, today a tunnel to one server and tomorrow to
    /// another: `localhost` and its kin, and sockets.
    public static func namesNobody(_ target: String) -> Bool {
        guard let scheme = target.firstRange(of: "://") else { return true }
        if target.hasPrefix("unix") { return true }
        var rest = target[scheme.upperBound...]
        rest = rest.prefix { $0 != "/" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return rest.split(separator: ",", omittingEmptySubsequences: false).allSatisfy(isOfThisMachine)
    }

    private static func isOfThisMachine(_ authority: Substring) -> Bool {
        let name = authority.lowercased()
        if name.hasPrefix("/") { return true }
        if name.hasPrefix("[") {
            guard let address = IPv6Address(name.dropFirst().prefix { $0 != "]" }) else { return false }
            return address.isOfThisMachine
        }
        var host = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        while host.last == "." { host.removeLast() }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        if parts.first == "127" || parts.last == "localhost" { return true }
        return ["", "0.0.0.0", "0", "localhost.localdomain", "ip6-localhost", "ip6-loopback"].contains(host)
    }

    private static func path(_ text: Substring) -> String {
        var steps: [Substring] = []
        for step in text.split(separator: "/") where step != "." {
            if step == ".." { _ = steps.popLast() } else { steps.append(step) }
        }
        return "/" + steps.joined(separator: "/")
    }
}
