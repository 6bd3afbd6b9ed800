import CacheModel
import Testing

@Suite struct SamplePartsTests {
    @Test(
        arguments: [
            (100, [50, 150], [25, 75]), (100, [0, 10], [1, 100]), (3000, [nil, nil, nil], [1000, 1000, 1000]),
            (300, [100, nil, 200], [67, 100, 133]), (90, [0, 0, 0], [30, 30, 30]), (90, [0, nil, 0], [30, 30, 30]),
            (100, [-5, 10], [1, 100]), (1, [5, 5], [1, 1]), (100, [.max, .max], [50, 50]), (100, [nil], [100]),
            (0, [1], [1]), (100, [], []),
        ] as [(Int, [Int?], [Int])])
    func everyKeyHasTheSameChanceAsFarAsIsKnown(sample: Int, sizes: [Int?], parts: [Int]) {
        #expect(SampleParts.parts(of: sample, sizes: sizes) == parts)
    }

    /// A server names only the databases that hold keys; one that names none may have been kept from it.
    @Test(
        arguments: [
            ("db0:keys=7\r\n", 0, 7), ("db0:keys=7\r\n", 1, 0), ("", 0, nil), ("db0:keys=-7\r\n", 0, nil),
            ("db3:keys=1\r\ndb0:keys=2\r\n", 3, 1), ("# Keyspace\r\n", 0, 0), ("# Keyspace\r\n", 5, 0),
            ("# Keyspace\r\ndb0:keys=-7\r\n", 0, nil), ("# Keyspace\r\ndb0:keys=-7\r\n", 1, 0),
        ] as [(String, Int, Int?)])
    func infoTellsOfKeysToo(text: String, database: Int, keys: Int?) {
        #expect(InfoParser.parse(Array(text.utf8)).keys(of: database) == keys)
    }

    @Test(
        arguments: [
            ("db0:keys=7,expires=3\r\n", 0, 7, 3), ("db0:keys=7\r\n", 0, 7, nil), ("# Keyspace\r\n", 0, 0, 0),
            ("# Keyspace\r\n", 0, nil, 0), ("# Keyspace\r\n", 0, 9, nil), ("", 0, 0, nil),
        ] as [(String, Int, Int?, Int?)])
    func infoTellsOfKeysThatExpire(text: String, database: Int, keys: Int?, volatile: Int?) {
        #expect(InfoParser.parse(Array(text.utf8)).volatileKeys(of: database, among: keys) == volatile)
    }

    /// Keys that were drawn have a share of all, whether or not anybody knows how many that are.
    @Test func sharesNeedNoSize() {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for index in 0..<100 { tally.count(Array("\(index < 60 ? "session" : "cart"):\(index)".utf8).span) }
        let circumstances = NamespaceReport.Circumstances(takenAt: WallTime(seconds: 1), elapsed: .zero, took: .zero)
        let report = NamespaceReport.estimate(tally, keys: 0, circumstances)
        #expect(report["session"]?.share.value == 0.6 && report.examined == 100)
        let empty = NamespaceReport.estimate(
            KeyspaceTally(classifier: KeyClassifier()), keys: 0, circumstances)
        #expect(empty["session"]?.share.isExact == true)
    }
}
