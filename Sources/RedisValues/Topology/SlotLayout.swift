/// Which node says that it holds which slots, and which slots are on their way: every node asked for itself.
public struct SlotLayout: Equatable, Sendable {
    /// By slot; nil where nobody claims it.
    public private(set) var owners = [String?](repeating: nil, count: KeySlot.count)
    /// Slots that are given away or taken in, with the nodes that say so.
    public private(set) var open: [Int: Set<String>] = [:]

    public init() {}

    /// Records what a node says of itself in `CLUSTER NODES`; what it says of others is left alone.
    ///
    /// Source: Redis documentation of `CLUSTER NODES`, the ninth field and what follows.
    public mutating func record(nodes text: [UInt8], of node: String) {
        for fields in Self.own(text) { for field in fields[8...] { record(field, of: node) } }
    }

    /// The id of the node that has said this in `CLUSTER NODES`; nil where it does not say which one it is.
    public static func nodeID(inNodes text: [UInt8]) -> String? {
        let own = own(text)
        guard own.count == 1, let id = own[0].first, id.utf8.count == 40, id.utf8.allSatisfy(isHexadecimal) else {
            return nil
        }
        return id
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// A node with every other slot has half of it.
    private static let longestLine = 1 << 20

    /// The fields of what a node says of itself: one line, where it is a node's answer.
    private static func own(_ text: [UInt8]) -> [[String]] {
        Lines(text).compactMap { line in
            guard line.count <= longestLine else { return nil }
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            return fields.count >= 8 && fields[2].split(separator: ",").contains("myself") ? fields : nil
        }
    }

    private mutating func record(_ field: String, of node: String) {
        if field.hasPrefix("[") {
            // [slot->-id] gives it away, [slot-<-id] takes it in.
            guard let slot = Int(field.dropFirst().prefix { $0.isNumber }), owners.indices.contains(slot) else {
                return
            }
            open[slot, default: []].insert(node)
            return
        }
        let bounds = field.split(separator: "-").compactMap { Int($0) }
        guard let first = bounds.first, let last = bounds.last, first >= 0, first <= last, last < KeySlot.count else {
            return
        }
        for slot in first...last {
            // Two that claim the same: one of them has not heard yet.
            if let other = owners[slot], other != node { open[slot, default: []].formUnion([other, node]) }
            owners[slot] = node
        }
    }

    /// Slots whose keys may have been seen twice or not at all by whoever walked over all nodes since.
    public func touched(since before: SlotLayout) -> Set<Int> {
        var slots = Set(open.keys).union(before.open.keys)
        for slot in owners.indices where owners[slot] != before.owners[slot] { slots.insert(slot) }
        return slots
    }

    /// Those among slots that have been looked into, in the order of ``steps(for:since:)`` for `before`, whose keys may have
    /// gone on to a node that was not asked. What began to move later was seen where it was.
    public func escaped(among slots: Set<Int>, since before: SlotLayout) -> Set<Int> {
        slots.filter { owners[$0] != before.owners[$0] || open[$0] != before.open[$0] }
    }

    /// Nodes, and the slots of which each is to be asked for its keys.
    public struct Step: Equatable, Sendable {
        public var node: String
        public var slots: [Int]

        public init(node: String, slots: [Int]) {
            self.node = node
            self.slots = slots
        }
    }

    /// In which order nodes are to be asked for the keys of slots so that none is missed: each slot first where it was,
    /// then where it goes. A key that moves on meanwhile is seen twice. Nodes that have neither slots nor part in a move
    /// any more are left out.
    public func steps(for slots: Set<Int>, since before: SlotLayout) -> [Step] {
        let present = Set(owners.compactMap { $0 }).union(open.values.joined())
        let routes = slots.sorted().map { slot in
            let all =
                [before.owners[slot], owners[slot]].compactMap { $0 }
                + before.open[slot, default: []].union(open[slot, default: []]).sorted()
            var seen: Set<String> = []
            return (slot, all.filter { present.contains($0) && seen.insert($0).inserted })
        }
        var steps: [Step] = []
        for round in 0..<(routes.map(\.1.count).max() ?? 0) {
            let due = routes.filter { $0.1.count > round }
            for (node, items) in Dictionary(grouping: due, by: { $0.1[round] }).sorted(by: { $0.key < $1.key }) {
                steps.append(Step(node: node, slots: items.map(\.0)))
            }
        }
        return steps
    }
}
