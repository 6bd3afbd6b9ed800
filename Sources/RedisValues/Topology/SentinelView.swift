/// What one sentinel says about a service: its answers to `SENTINEL MASTER`, `REPLICAS`, `SENTINELS`, `CKQUORUM` and
/// `GET-MASTER-ADDR-BY-NAME`.
public struct SentinelView: Codable, Equatable, Sendable {
    /// A node as a sentinel tells of it.
    public struct Member: Codable, Equatable, Sendable {
        /// `host:port` as it is announced.
        public var address: String
        /// Such as `s_down`, `o_down`, `disconnected`; its kind is left out.
        public var flags: [String]

        public init(address: String, flags: [String] = []) {
            self.address = address
            self.flags = flags
        }

        /// True where this sentinel, or all of them, think that it is gone.
        public var isDown: Bool { flags.contains { $0 == "s_down" || $0 == "o_down" || $0 == "disconnected" } }
    }

    public var primary: Member
    public var replicas: [Member]
    /// The others; who answers is not among them.
    public var sentinels: [Member]
    /// Sentinels that have to agree that the primary is gone.
    public var quorum: Int
    /// Rises with every fail-over.
    public var epoch: Int
    /// Why no fail-over could be done now, in the sentinel's words; nil where one could.
    public var complaint: String?

    public init(
        primary: Member, replicas: [Member] = [], sentinels: [Member] = [], quorum: Int = 0, epoch: Int = 0,
        complaint: String? = nil
    ) {
        self.primary = primary
        self.replicas = replicas
        self.sentinels = sentinels
        self.quorum = quorum
        self.epoch = epoch
        self.complaint = complaint
    }

    /// More members than that are not believed.
    private static let mostMembers = 200

    /// Reads the five answers, in the order of ``SentinelView``'s summary.
    ///
    /// While a fail-over goes on, `MASTER` tells of the old primary with the new epoch already; clients are sent to the
    /// last answer's.
    ///
    /// - Throws: ``RESPShapeError`` where the first one is not a description of a primary; others may be missing.
    public init(_ replies: [RESPValue]) throws(RESPShapeError) {
        guard replies.count == 5 else { throw RESPShapeError(expected: "five replies", found: "\(replies.count)") }
        let fields = try Self.fields(replies[0])
        guard var primary = Self.member(fields) else {
            throw RESPShapeError(expected: "ip and port of a primary", found: "neither")
        }
        if let now = Self.address(replies[4]), now != primary.address { primary = Member(address: now) }
        self.init(
            primary: primary, replicas: Self.members(replies[1]), sentinels: Self.members(replies[2]),
            quorum: Self.number(fields["quorum"]), epoch: Self.number(fields["config-epoch"]))
        if case .error(let words) = replies[3] {
            let text = Printable.escape(words, limit: 200)
            // Whoever may not ask does not know; that is not a complaint.
            complaint = text.hasPrefix("NOQUORUM") || text.hasPrefix("NOGOODSLAVE") ? text : nil
        }
    }

    private static func members(_ reply: RESPValue) -> [Member] {
        ((try? reply.array) ?? []).prefix(mostMembers).compactMap { item in
            (try? fields(item)).flatMap(member)
        }
    }

    private static func address(_ reply: RESPValue) -> String? {
        guard let parts = try? reply.array, parts.count == 2, let host = try? parts[0].text, !host.isEmpty,
            let port = (try? parts[1].text).flatMap(Int.init)
        else { return nil }
        return (try? NodeName(HostPort.text(host: host, port: port)))?.description
    }

    private static func member(_ fields: [String: String]) -> Member? {
        guard let host = fields["ip"], !host.isEmpty, let port = fields["port"].flatMap(Int.init),
            let name = try? NodeName(HostPort.text(host: host, port: port))
        else { return nil }
        let kinds: Set = ["master", "slave", "sentinel"]
        let flags = (fields["flags"] ?? "").split(separator: ",").map(String.init).filter { !kinds.contains($0) }
        return Member(address: name.description, flags: flags)
    }

    private static func number(_ text: String?) -> Int { text.flatMap(Int.init).map { max(0, $0) } ?? 0 }

    /// Names and values that stand in turn, escaped.
    private static func fields(_ reply: RESPValue) throws(RESPShapeError) -> [String: String] {
        let items = try reply.array
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            if let name = try? items[index].text, let value = try? items[index + 1].text { fields[name] = value }
        }
        return fields
    }
}

/// `host:port` as people and servers write it.
public enum HostPort {
    /// With brackets around an IPv6 address.
    public static func text(host: String, port: Int) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
