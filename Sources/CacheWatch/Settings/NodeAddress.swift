internal import CacheModel

/// `host:port` of a node, as lists of nodes and `address_map` have it; IPv6 in brackets.
enum NodeAddress {
    /// Why a text is not one; nil where it is. Nothing of the text is repeated.
    static func problem(of text: String) -> String? {
        if text.contains("@") {
            return "holds credentials: give them in redis_url, username and password_file; nodes are host:port"
        }
        let isAddress = !text.isEmpty && !text.contains(where: { "/?#".contains($0) }) && endpoint(text) != nil
        return isAddress ? nil : "is not host:port"
    }

    /// The text in quotes; nil where part of it could be a password, and it is to be named by its place.
    static func shown(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isHarmless = parts.count < 3 && parts.dropFirst().allSatisfy { $0.count < 2 }
        guard isHarmless, !text.contains(where: { "@/?#".contains($0) }) else { return nil }
        return "\"\(Printable.escape(text, limit: 80))\""
    }

    /// The address alone; nil for what is not one.
    static func parse(_ text: String) -> Endpoint.Address? { endpoint(text)?.address }

    private static func endpoint(_ text: String) -> Endpoint? { try? Endpoint(url: "redis://" + text) }
}
