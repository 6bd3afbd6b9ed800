import RedisValues
import Testing

@Suite struct SlotLayoutTests {
    private func layout(_ nodes: [(String, String)]) -> SlotLayout {
        var layout = SlotLayout()
        for (name, slots) in nodes {
            let text =
                "aa 10.0.0.9:6379@16379 master - 0 0 9 connected 0-16383\r\n"
                + "bb :0@0 myself,master - 0 0 1 connected \(slots)\n"
            layout.record(nodes: Array(text.utf8), of: name)
        }
        return layout
    }

    @Test func everyNodeSpeaksForItself() {
        let layout = layout([("a", "0-99 200"), ("b", "100-199 [99-<-aa]")])
        #expect(layout.owners[0] == "a" && layout.owners[99] == "a" && layout.owners[200] == "a")
        #expect(layout.owners[100] == "b" && layout.owners[201] == nil)
        #expect(layout.open == [99: ["b"]])
    }

    /// One line is of whoever answers; where there are several, or none, nobody knows which node it is.
    @Test func aNodeSaysWhichOneItIs() {
        let (own, other) = (String(repeating: "0a", count: 20), String(repeating: "f1", count: 20))
        func id(_ lines: String...) -> String? { SlotLayout.nodeID(inNodes: Array(lines.joined(separator: "\n").utf8)) }
        let elsewhere = "\(other) 10.0.0.9:6379@16379 master - 0 0 9 connected 0-16383"
        #expect(id(elsewhere, "\(own) :0@0 myself,slave \(other) 0 0 1 connected") == own)
        #expect(id("\(own) :0@0 myself,master - 0 0 1 connected 5\r") == own)
        #expect(id(elsewhere) == nil && id("") == nil && id("\(own) :0@0 myself") == nil)
        #expect(id("\(own.dropLast()) :0@0 myself,master - 0 0 1 connected") == nil)
        #expect(id("\(own.uppercased()) :0@0 myself,master - 0 0 1 connected") == nil)
        let line = "\(own) :0@0 myself,master - 0 0 1 connected"
        #expect(id(line, line) == nil)
    }

    @Test(arguments: ["", "x", "9-5", "-1", "99999", "0-99999", "[", "[x->-aa]", "[99999->-aa]", "1-2-x"])
    func nonsenseIsLeftOut(_ field: String) {
        let layout = layout([("a", field)])
        #expect(layout.owners.compactMap { $0 }.count <= 2 && layout.open.isEmpty)
    }

    @Test func whatHasMovedOrIsOnItsWayIsTouched() {
        let before = layout([("a", "0-99 [5->-bb]"), ("b", "100-199")])
        let after = layout([("a", "0-50"), ("b", "51-199 [7-<-aa]")])
        #expect(after.touched(since: before) == Set([5, 7] + Array(51...99)))
        #expect(before.touched(since: before) == [5])
        // Whoever has looked into some of them looks again where another move has begun or ended.
        #expect(after.escaped(among: [5, 6, 7, 60], since: before) == [5, 7, 60])
        #expect(after.escaped(among: [5, 7, 60], since: after).isEmpty)
        let twice = layout([("a", "0-99"), ("b", "99-199")])
        #expect(twice.touched(since: twice) == [99], "two claim it")
    }

    /// Where it was, before where it goes.
    @Test func stepsFollowTheKeys() {
        let before = layout([("b", "0-9"), ("a", "10-19 [12->-bb]")])
        let after = layout([("a", "0-5 10-19 [12->-cc]"), ("b", "6-9"), ("c", "20 [12-<-aa]")])
        #expect(
            after.steps(for: [3, 12], since: before) == [
                SlotLayout.Step(node: "a", slots: [12]), SlotLayout.Step(node: "b", slots: [3]),
                SlotLayout.Step(node: "a", slots: [3]), SlotLayout.Step(node: "c", slots: [12]),
            ])
        #expect(after.steps(for: [], since: before).isEmpty)
        // A fail-over: whoever was there before is not asked.
        let replaced = layout([("a2", "10-19"), ("b", "0-9")])
        #expect(
            replaced.steps(for: [10, 3], since: before)
                == [
                    SlotLayout.Step(node: "a2", slots: [10]), SlotLayout.Step(node: "b", slots: [3]),
                ].sorted { $0.node < $1.node })
    }
}
