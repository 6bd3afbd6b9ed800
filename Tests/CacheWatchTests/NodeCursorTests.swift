import Testing

@testable import CacheWatch

@Suite struct NodeCursorTests {
    /// As it goes from page to page.
    private func next(_ cursor: NodeCursor) -> NodeCursor { NodeCursor(cursor.text) }

    @Test func nodesAreWalkedOverOneAfterTheOther() {
        var cursor = NodeCursor()
        #expect(cursor.node == nil && cursor.text == nil)
        #expect(cursor.take(nodes: ["b:1", "a:1"]).isEmpty)
        #expect(cursor.node == "a:1" && cursor.position == nil)
        cursor.advance(to: Array("17".utf8))
        cursor = next(cursor)
        #expect(cursor.node == "a:1" && cursor.position == Array("17".utf8))
        #expect(cursor.take(nodes: ["a:1", "b:1"]).isEmpty)
        cursor.advance(to: nil)
        cursor = next(cursor)
        #expect(cursor.node == "b:1" && cursor.position == nil)
        #expect(cursor.take(nodes: ["a:1", "b:1"]).isEmpty)
        cursor.advance(to: nil)
        #expect(cursor.node == nil && cursor.text == nil)
    }

    struct Row: CustomStringConvertible {
        var description: String
        /// The second page, when `a:1` and `b:1` have been there, and the first half of `b:1` is walked over.
        var nodes: [String]
        var gone: [String] = []
        /// Those that are walked over from then on; `b:1` from where it stood.
        var rest: [String]
    }

    @Test(arguments: [
        Row(description: "nothing changes", nodes: ["a:1", "b:1", "c:1"], rest: ["b:1", "c:1"]),
        Row(description: "in another order", nodes: ["c:1", "b:1", "a:1"], rest: ["b:1", "c:1"]),
        Row(description: "the one is gone", nodes: ["a:1", "c:1"], gone: ["b:1"], rest: ["c:1"]),
        Row(description: "a later one is gone", nodes: ["a:1", "b:1"], gone: ["c:1"], rest: ["b:1"]),
        Row(description: "all are gone", nodes: [], gone: ["b:1", "c:1"], rest: []),
        Row(description: "one is gone that was walked over", nodes: ["b:1", "c:1"], rest: ["b:1", "c:1"]),
        Row(description: "one is new, behind", nodes: ["a:1", "b:1", "c:1", "d:1"], rest: ["b:1", "c:1", "d:1"]),
        Row(description: "one is new, in front", nodes: ["A:1", "a:1", "b:1", "c:1"], rest: ["b:1", "A:1", "c:1"]),
        Row(
            description: "a replica has taken its place", nodes: ["a:1", "b2:1", "c:1"], gone: ["b:1"],
            rest: ["b2:1", "c:1"]),
    ])
    func nodesThatComeAndGo(_ row: Row) {
        var cursor = NodeCursor()
        _ = cursor.take(nodes: ["a:1", "b:1", "c:1"])
        cursor.advance(to: nil)
        cursor.advance(to: [0x35])
        cursor = next(cursor)
        #expect(cursor.take(nodes: row.nodes) == row.gone)
        if row.rest.first == "b:1" { #expect(cursor.position == [0x35]) } else { #expect(cursor.position == nil) }
        var rest: [String] = []
        while let node = cursor.node {
            rest.append(node)
            cursor.advance(to: nil)
            guard cursor.text != nil else { break }
            cursor = next(cursor)
            #expect(cursor.take(nodes: row.nodes).isEmpty, "said once")
        }
        #expect(rest == row.rest)
    }

    /// A cursor of one process means nothing to another, though both answer at the same address.
    @Test func anotherProcessIsWalkedOverFromItsBeginning() {
        var cursor = NodeCursor()
        _ = cursor.take(nodes: ["a:1", "b:1"])
        var isAnew = cursor.take(process: "one")
        #expect(!isAnew)
        cursor.advance(to: [0x35])
        cursor = next(cursor)
        isAnew = cursor.take(process: "one")
        #expect(!isAnew && cursor.position == [0x35], "the same")
        isAnew = cursor.take(process: nil)
        #expect(!isAnew && cursor.position == [0x35], "nobody says so")
        isAnew = cursor.take(process: "two")
        #expect(isAnew && cursor.position == nil && cursor.node == "a:1")
        cursor.advance(to: [0x36])
        isAnew = cursor.take(process: "two")
        #expect(!isAnew)
        cursor.advance(to: nil)
        #expect(cursor.node == "b:1" && cursor.process == nil)
        isAnew = cursor.take(process: "three")
        #expect(!isAnew)
        cursor.advance(to: [0x37])
        #expect(next(cursor) == cursor)
        _ = cursor.take(nodes: ["a:1", "c:1"])
        #expect(cursor.process == nil, "the node is gone")
    }

    /// A path may hold whatever is printable.
    @Test func namesAreKeptAsTheyAre() {
        var cursor = NodeCursor()
        let names = ["/run/a@b+c-d.sock", "[fd00::5]:6379"]
        _ = cursor.take(nodes: names)
        cursor.advance(to: [0x37])
        #expect(next(cursor) == cursor && cursor.node == names[0])
        cursor.advance(to: nil)
        #expect(next(cursor) == cursor && cursor.node == names[1])
    }

    @Test(arguments: ["", "5", "a\n"]) func whatIsNoCursorBeginsAnew(text: String) {
        var cursor = NodeCursor(Array(text.utf8))
        _ = cursor.take(nodes: ["a:1"])
        #expect(cursor.node == "a:1" && cursor.position == nil)
    }
}
