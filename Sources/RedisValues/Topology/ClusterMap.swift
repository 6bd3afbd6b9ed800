/// Who holds which slots of a cluster, as one of its nodes tells.
public struct ClusterMap: Codable, Equatable, Sendable {
    public struct Node: Codable, Equatable, Sendable {
        /// 40 hexadecimal digits.
        public var id: String
        /// `host:port` as it is announced; `unknownHost` for a host that is not known.
        public var address: String
        /// `online`, `failed`, `loading`; nil where the server does not tell.
        public var health: String?

        public init(id: String, address: String, health: String? = nil) {
            self.id = id
            self.address = address
            self.health = health
        }

        /// In front of the port of a node that says nothing of its host that could be dialled.
        package static let unknownHost = "?"
        /// Whether it can be dialled.
        package var hasAddress: Bool { !address.hasPrefix(Self.unknownHost + ":") }
    }

    /// A primary with the slots that it holds, and its replicas.
    public struct Shard: Codable, Equatable, Sendable {
        public var slots: [ClosedRange<Int>]
        /// nil while there is none.
        public var primary: Node?
        public var replicas: [Node]

        public init(slots: [ClosedRange<Int>], primary: Node?, replicas: [Node] = []) {
            self.slots = slots
            self.primary = primary
            self.replicas = replicas
        }

        public var slotCount: Int { slots.reduce(0) { $0 +| $1.count } }
    }

    /// By their first slot; those without slots last.
    public private(set) var shards: [Shard]
    /// `cluster_state`: whether it takes commands; nil where the node does not tell.
    public var isUp: Bool?
    /// `cluster_current_epoch`; rises with every fail-over.
    public var epoch = 0
    /// Slots that have an owner by `cluster_slots_assigned`; nil where the node does not tell.
    public var assignedSlots: Int?
    /// Slots whose owner is gone, by `cluster_slots_fail` and `cluster_slots_pfail`.
    public var failingSlots = 0

    public init(shards: [Shard]) {
        self.shards = shards.sorted {
            ($0.slots.first?.lowerBound ?? .max, $0.primary?.address ?? "")
                < ($1.slots.first?.lowerBound ?? .max, $1.primary?.address ?? "")
        }
    }

    /// Those that hold slots.
    public var primaries: [Node] { shards.filter { !$0.slots.isEmpty }.compactMap(\.primary) }
    /// Those without slots, too, unless they are gone.
    public var allPrimaries: [Node] {
        shards.filter { shard in
            !shard.slots.isEmpty || shard.primary?.health == nil || shard.primary?.health == "online"
        }.compactMap(\.primary)
    }
    /// Everybody else: replicas, and primaries without slots, such as one that has been replaced and is still gone.
    public var replicas: [Node] {
        shards.flatMap(\.replicas) + shards.filter(\.slots.isEmpty).compactMap(\.primary)
    }
    /// Slots that have an owner.
    public var coveredSlots: Int { shards.filter { $0.primary != nil }.reduce(0) { $0 +| $1.slotCount } }

    /// Slots that nobody owns: where the map and the node's count differ, what the map lacks is only not known.
    public var openSlots: Int { max(0, KeySlot.count - max(coveredSlots, assignedSlots ?? 0)) }
    /// Whether each slot has one owner in it, as the node's own count has it.
    package var isConsistent: Bool {
        let listed = shards.reduce(0) { $0 +| $1.slotCount }
        return listed == coveredSlots && coveredSlots == min(KeySlot.count, assignedSlots ?? KeySlot.count)
    }

    /// An address that several primaries announce, and how many: only one of them can be reached over it.
    package var sharedAddress: (address: String, primaries: Int)? {
        let counts = Dictionary(grouping: primaries.filter(\.hasAddress), by: \.address).mapValues(\.count)
        return counts.filter { $0.value > 1 }.min { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The address of the primary that holds a slot.
    public func owner(of slot: Int) -> String? {
        shards.first { $0.slots.contains { $0.contains(slot) } }?.primary?.address
    }

    /// The shard that a node belongs to.
    public func shard(of address: String) -> Shard? {
        shards.first { $0.primary?.address == address || $0.replicas.contains { $0.address == address } }
    }

    /// Uses other names instead of the announced ones.
    public mutating func rename(_ name: (String) -> String) {
        func renamed(_ node: Node) -> Node { Node(id: node.id, address: name(node.address), health: node.health) }
        shards = shards.map {
            Shard(slots: $0.slots, primary: $0.primary.map(renamed), replicas: $0.replicas.map(renamed))
        }
    }

    /// Slots that have another owner than in an earlier map.
    public func slotsMoved(since before: ClusterMap) -> Set<Int> {
        func owners(_ map: ClusterMap) -> [String?] {
            var owners = [String?](repeating: nil, count: KeySlot.count)
            for shard in map.shards {
                for range in shard.slots { for slot in range { owners[slot] = shard.primary?.id } }
            }
            return owners
        }
        let (old, new) = (owners(before), owners(self))
        return Set((0..<KeySlot.count).filter { old[$0] != new[$0] })
    }
}

// What nodes answer.
extension ClusterMap {
    /// More are not believed.
    private static let mostNodes = 1000

    /// Those of all shards that are believed.
    private struct Census {
        private var known: Set<String> = []

        mutating func admits(_ node: Node) -> Bool {
            if known.contains(node.address) { return true }
            return known.count < mostNodes && known.insert(node.address).inserted
        }
    }

    /// Reads `CLUSTER SHARDS`.
    ///
    /// - Parameters:
    ///   - host: of the node that answered, for those that do not know their own address.
    ///   - usesTLS: takes the TLS ports.
    /// - Throws: ``RESPShapeError`` for what is not a list of shards.
    public init(shards reply: RESPValue, host: String, usesTLS: Bool) throws(RESPShapeError) {
        var shards: [Shard] = []
        var census = Census()
        for item in try reply.array.prefix(Self.mostNodes) {
            let fields = try Self.fields(item)
            var shard = Shard(slots: Self.ranges(try fields["slots"]?.array ?? []), primary: nil)
            for entry in try (fields["nodes"]?.array ?? []).prefix(Self.mostNodes) {
                let node = try Self.fields(entry)
                guard let address = Self.address(node, host: host, usesTLS: usesTLS) else { continue }
                let health = try? node["health"]?.text
                let made = Node(id: (try? node["id"]?.text) ?? "", address: address, health: health)
                guard census.admits(made) else { continue }
                let isPrimary = (try? node["role"]?.text) == "master"
                // A primary that has failed stands beside the one that has taken its place.
                if isPrimary, shard.primary == nil || health == "online" {
                    if let former = shard.primary { shard.replicas.append(former) }
                    shard.primary = made
                } else {
                    shard.replicas.append(made)
                }
            }
            shards.append(shard)
        }
        guard shards.contains(where: { $0.primary != nil }) else {
            throw RESPShapeError(expected: "shards with a primary", found: "\(shards.count) without")
        }
        self.init(shards: shards)
    }

    /// Reads `CLUSTER SLOTS`, which knows no node without slots.
    ///
    /// - Throws: ``RESPShapeError`` for what is not a list of slots.
    public init(slots reply: RESPValue, host: String) throws(RESPShapeError) {
        var shards: [String: Shard] = [:]
        var census = Census()
        for item in try reply.array.prefix(KeySlot.count) {
            let parts = try item.array
            guard parts.count >= 3, let range = Self.ranges(Array(parts[..<2])).first else { continue }
            let nodes = parts[2...].prefix(Self.mostNodes).compactMap { Self.node($0, host: host) }
                .filter { census.admits($0) }
            guard let primary = nodes.first else { continue }
            let key = primary.id + "@" + primary.address
            shards[key, default: Shard(slots: [], primary: primary, replicas: Array(nodes.dropFirst()))]
                .slots.append(range)
        }
        guard !shards.isEmpty else { throw RESPShapeError(expected: "slots with their nodes", found: "none") }
        self.init(
            shards: shards.values.map { shard in
                var shard = shard
                shard.slots = Self.disjoint(shard.slots)
                return shard
            })
    }

    /// Takes who holds which slots from `CLUSTER SLOTS`, by which the node itself routes: `CLUSTER SHARDS` leaves out the
    /// slots of a replica that has taken the place of a failed primary, and may list those of both.
    ///
    /// Source: https://github.com/redis/redis/issues/13414, https://github.com/valkey-io/valkey/issues/784
    ///
    /// - Parameter map: of the same node.
    package mutating func correctOwners(by map: ClusterMap) {
        var nodes: [String: Node] = [:]
        for node in shards.flatMap({ [$0.primary].compactMap { $0 } + $0.replicas }) { nodes[node.id] = node }
        func known(_ node: Node) -> Node { nodes[node.id] ?? node }
        var corrected: [Shard] = []
        var placed: Set<String> = []
        for shard in map.shards {
            guard let owner = shard.primary else { continue }
            let former = shards.first { old in
                old.primary?.id == owner.id || old.replicas.contains { $0.id == owner.id }
            }
            let primary = known(owner)
            var replicas = shard.replicas.map(known)
            // Who belongs to it and is gone, CLUSTER SLOTS does not tell.
            for node in [former?.primary].compactMap({ $0 }) + (former?.replicas ?? [])
            where node.id != primary.id && !replicas.contains(where: { $0.id == node.id }) {
                replicas.append(node)
            }
            replicas.removeAll { node in map.shards.contains { $0.primary?.id == node.id } }
            corrected.append(Shard(slots: shard.slots, primary: primary, replicas: replicas))
            placed.formUnion([primary.id] + replicas.map(\.id))
        }
        for shard in shards {
            let rest = shard.replicas.filter { !placed.contains($0.id) }
            let primary = shard.primary.flatMap { placed.contains($0.id) ? nil : $0 }
            if primary != nil || !rest.isEmpty { corrected.append(Shard(slots: [], primary: primary, replicas: rest)) }
        }
        let (state, epoch, assigned, failing) = (isUp, epoch, assignedSlots, failingSlots)
        self = ClusterMap(shards: corrected)
        (isUp, self.epoch, assignedSlots, failingSlots) = (state, epoch, assigned, failing)
    }

    /// Applies what `CLUSTER INFO` says.
    public mutating func apply(info text: [UInt8]) {
        for line in Lines(text) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            guard parts.count == 2 else { continue }
            let (name, value) = (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
            switch name {
            case "cluster_state": isUp = value == "ok"
            case "cluster_slots_assigned":
                assignedSlots = Int(value).flatMap { (0...KeySlot.count).contains($0) ? $0 : nil }
            case "cluster_current_epoch": epoch = max(0, Int(value) ?? 0)
            case "cluster_slots_fail", "cluster_slots_pfail":
                failingSlots = min(KeySlot.count, failingSlots +| max(0, Int(value) ?? 0))
            default: break
            }
        }
    }

    private static func node(_ reply: RESPValue, host: String) -> Node? {
        guard let parts = try? reply.array, parts.count >= 2, let port = try? parts[1].integer,
            (1...65535).contains(port)
        else { return nil }
        let id = parts.count > 2 ? (try? parts[2].text) ?? "" : ""
        // What is announced besides the preferred endpoint.
        let others = parts.count > 3 ? try? fields(parts[3]) : nil
        let address = address(endpoint: parts[0], ip: others?["ip"], port: Int(port), host: host)
        return Node(id: id, address: address)
    }

    private static func address(_ node: [String: RESPValue], host: String, usesTLS: Bool) -> String? {
        let ports = usesTLS ? ["tls-port", "port"] : ["port", "tls-port"]
        guard
            let port = ports.lazy.compactMap({ try? node[$0]?.integer }).first(where: { (1...65535).contains($0) })
        else { return nil }
        return address(endpoint: node["endpoint"], ip: node["ip"], port: Int(port), host: host)
    }

    /// What is to be dialled for a node.
    ///
    /// Source: Redis documentation of `CLUSTER SLOTS`: where the endpoint is NULL, or empty, it is that over which the
    /// question was asked; `?` stands for a host that is not known.
    ///
    /// - Parameters:
    ///   - endpoint: nil where the node does not tell.
    ///   - ip: the same.
    ///   - host: of whoever answers.
    package static func address(endpoint: RESPValue?, ip: RESPValue?, port: Int, host: String) -> String {
        func name(_ host: String) -> NodeName? { try? NodeName(HostPort.text(host: host, port: port)) }
        let announced: NodeName? =
            switch endpoint {
            case nil: ip.map(isLeftOut) ?? true ? name(host) : ip.flatMap { try? $0.text }.flatMap(name)
            case let endpoint? where isLeftOut(endpoint): name(host)
            case let endpoint?: (try? endpoint.text).flatMap(name) ?? ip.flatMap { try? $0.text }.flatMap(name)
            }
        return announced?.description ?? "\(Node.unknownHost):\(port)"
    }

    private static func isLeftOut(_ reply: RESPValue) -> Bool {
        reply == .null || (try? reply.bytes)?.isEmpty == true
    }

    private static func ranges(_ bounds: [RESPValue]) -> [ClosedRange<Int>] {
        let ranges = stride(from: 0, to: bounds.count - 1, by: 2).compactMap { index -> ClosedRange<Int>? in
            guard let first = try? bounds[index].integer, let last = try? bounds[index + 1].integer, first >= 0,
                first <= last, last < Int64(KeySlot.count)
            else { return nil }
            return Int(first)...Int(last)
        }
        return disjoint(ranges)
    }

    /// In order, and no slot twice.
    private static func disjoint(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { found, range in
            if let last = found.last, range.lowerBound <= last.upperBound {
                found[found.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                found.append(range)
            }
        }
    }

    private static func fields(_ reply: RESPValue) throws(RESPShapeError) -> [String: RESPValue] {
        let items = try reply.array
        var fields: [String: RESPValue] = [:]
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            if let name = try? items[index].text { fields[name] = items[index + 1] }
        }
        return fields
    }
}
