import CacheModel
import Foundation
import Support
import Testing

@Suite struct SnapshotTests {
    @Test(arguments: [Sample.healthy, Sample.full, Sample.unreachable, Sample.replica, Sample.denied])
    func snapshotsSurviveBeingRecorded(snapshot: Snapshot) throws {
        #expect(try JSONDecoder().decode(Snapshot.self, from: JSONEncoder().encode(snapshot)) == snapshot)
    }

    @Test func whatARealServerSaidSurvivesToo() throws {
        let info = InfoParser.parse(try Fixture.info("valkey-9-primary"))
        #expect(try JSONDecoder().decode(ServerInfo.self, from: JSONEncoder().encode(info)) == info)
    }

    @Test func aNodeThatIsLoadingIsNotReachable() {
        var node = Sample.node()
        #expect(node.reachable)
        node.refusal = Refusal(.loading, detail: "41.2 %")
        #expect(!node.reachable)
    }
}
