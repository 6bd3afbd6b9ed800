/// One reply of a server, flat: nodes in the order in which they were read, strings in one buffer.
///
/// An array's node is followed by its elements. Filling two growing arrays costs a third of what hiredis' own tree of
/// allocations does.
struct ReplyArena {
    enum Node {
        case string(Range<Int>), status(Range<Int>), error(Range<Int>)
        case integer(Int64)
        case null
        case array(count: Int)
    }

    private(set) var nodes: [Node] = []
    private(set) var bytes: [UInt8] = []

    mutating func append(_ node: Node) { nodes.append(node) }

    mutating func append(_ text: UnsafeRawBufferPointer, as kind: (Range<Int>) -> Node) {
        let start = bytes.count
        bytes.append(contentsOf: text)
        nodes.append(kind(start..<bytes.count))
    }

    mutating func removeAll() {
        nodes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    }
}
