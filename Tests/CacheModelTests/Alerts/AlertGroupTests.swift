import CacheModel
import Testing

@Suite struct AlertGroupTests {
    private func alert(_ id: Alert.ID, _ level: Alert.Level, _ node: String) -> Alert {
        Alert(id: id, level: level, node: node, message: "\(id) here", since: WallTime(seconds: 1))
    }

    @Test func theSameOfSeveralNodesIsOne() {
        let alerts = [
            alert(.unreachable, .critical, "a"), alert(.memoryHigh, .critical, "a"),
            alert(.unreachable, .critical, "b"),
            alert(.unreachable, .warning, "c"), alert(.unreachable, .critical, "d"),
        ]
        let groups = AlertGroup.groups(of: alerts)
        #expect(groups.map { $0.alerts.compactMap(\.node) } == [["a", "b", "d"], ["a"], ["c"]])
        #expect(groups[0].summary.message == "\(alerts[0].message) (and 2 more nodes)")
        #expect(groups[1].summary == alerts[1])
        #expect(AlertGroup.groups(of: []).isEmpty)
    }
}
