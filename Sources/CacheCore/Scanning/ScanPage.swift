package import CacheWire
internal import RedisValues

/// A reply to SCAN in an arena.
package struct ScanPage: Sendable {
    /// nil at the end.
    package var cursor: [UInt8]?
    /// Indices of the nodes that are keys.
    package var keys: Range<Int>

    /// - Throws: ``CacheError`` for an error reply and for any other shape.
    package init(_ replies: ReplyArena, at start: Int = 0) throws(CacheError) {
        let nodes = replies.nodes.dropFirst(start)
        if case .error(let words)? = nodes.first {
            throw RESPValue.error(Array(replies.bytes[words])).cacheError ?? .protocolError("SCAN failed")
        }
        guard nodes.count >= 3, case .array(count: 2) = nodes[start], case .string(let cursor) = nodes[start + 1],
            case .array(let count) = nodes[start + 2], nodes.count >= 3 + count
        else { throw .protocolError("the answer to SCAN is no cursor with keys") }
        self.cursor = try Self.next(replies.bytes[cursor])
        keys = start + 3..<start + 3 + count
    }

    /// What the server says against SCAN, in a flight that begins with one; nil where it answers.
    package static func error(in replies: ReplyArena, to flight: FlightBuffer) -> [UInt8]? {
        guard flight.calls["scan"] != nil, case .error(let words)? = replies.nodes.first else { return nil }
        return Array(replies.bytes[words])
    }

    /// - Returns: nil at the end.
    /// - Throws: ``CacheError`` for what is no number.
    package static func next(_ cursor: ArraySlice<UInt8>) throws(CacheError) -> [UInt8]? {
        guard (1...20).contains(cursor.count), cursor.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .protocolError("the cursor of SCAN is no number")
        }
        return cursor.elementsEqual("0".utf8) ? nil : Array(cursor)
    }
}
