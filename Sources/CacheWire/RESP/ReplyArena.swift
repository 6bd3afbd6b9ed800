package import RedisValues

/// Replies of a server, flat: nodes in the order in which they were read, strings in one buffer.
///
/// An array's node is followed by its elements. Filling two growing arrays costs a third of what hiredis' own tree of
/// allocations does.
package struct ReplyArena: Sendable {
    package enum Node: Equatable, Sendable {
        case string(Range<Int>), status(Range<Int>), error(Range<Int>)
        case integer(Int64)
        case null
        case array(count: Int)
    }

    package private(set) var nodes: [Node] = []
    package private(set) var bytes: [UInt8] = []
    /// When the last reply was complete.
    package var arrivedAt = ContinuousClock.now

    package init() {}

    /// Bytes of memory that are in use, without what the arrays keep to grow into.
    var footprint: Int { nodes.count * MemoryLayout<Node>.stride + bytes.count }

    /// Bytes of memory that the same takes as values: a box for each, and a buffer of its own for each string.
    var footprintOfValues: Int { nodes.count * Self.bytesPerValue + bytes.count }
    private static let bytesPerValue = 80

    mutating func append(_ node: Node) { nodes.append(node) }

    mutating func append(_ text: UnsafeRawBufferPointer, as kind: (Range<Int>) -> Node) {
        let start = bytes.count
        bytes.append(contentsOf: text)
        nodes.append(kind(start..<bytes.count))
    }

    mutating func removeAll() {
        nodes.removeAll(keepingCapacity: nodes.capacity <= 1 << 16)
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    }

    /// The index behind a whole value, its elements included.
    package func end(of index: Int) -> Int {
        var open = 1
        var position = index
        while open > 0, position < nodes.count {
            if case .array(let count) = nodes[position] { open += count }
            open -= 1
            position += 1
        }
        return position
    }

    /// The value at a position, which moves behind it.
    package func value(at position: inout Int) -> RESPValue {
        guard position < nodes.count else { return .null }
        let node = nodes[position]
        position += 1
        switch node {
        case .string(let range): return .string(Array(bytes[range]))
        case .status(let range): return .status(Array(bytes[range]))
        case .error(let range): return .error(Array(bytes[range]))
        case .integer(let integer): return .integer(integer)
        case .null: return .null
        case .array(let count): return .array((0..<count).map { _ in value(at: &position) })
        }
    }
}
