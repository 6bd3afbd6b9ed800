import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Everything that changes a cache, against everything that must keep it from doing so.
@Suite struct GuardMatrixTests {
    /// What the words have to tell.
    private static let words: [Obstacle: String] = [
        .readOnly: "--read-only", .replica: "is a replica", .clusterNode: "--cluster",
        .otherServer: "another server process", .rights: "cachewatch acl --act", .protection: "protected",
    ]

    @Test(arguments: Act.allCases) func theServerIsUnchanged(_ act: Act) async {
        await sideBySide(Obstacle.allCases) { try await theServerIsUnchanged(act, $0) }
    }

    private func theServerIsUnchanged(_ act: Act, _ obstacle: Obstacle) async throws {
        let scene = try await GuardScene(act, obstacle)
        let before = try scene.arrange()
        switch (act, obstacle) {
        case (.revoke, .protection), (.rewriteLost, .protection), (.cutOffAgain, .protection):
            // Whoever revokes lets nobody in: what stands there for longer is left as it is, and that is said.
            try await scene.perform()
        default:
            await #expect("\(act), \(obstacle)") { try await scene.perform() } throws: { error in
                switch (error, obstacle) {
                case (CacheError.file(let path, let words), .noAudit):
                    path.contains("/proc/nowhere") && words.contains("check who owns")
                case (CacheError.forbidden(let words), _): words.contains(Self.due(act, obstacle))
                default: false
                }
            }
        }
        #expect(try scene.image == before(), "\(act), \(obstacle)")
        #expect(try before().contains("token:blacklist:stolen"), "\(act), \(obstacle)")
        await scene.operations.close()
    }

    private static func due(_ act: Act, _ obstacle: Obstacle) -> String {
        switch (act, obstacle) {
        case (.undo, .otherServer): "--url or --config"
        case (.unrevoke, .protection), (.letIn, .protection): "must be the id"
        case (.cutOff, .protection): "must be the user's id"
        case (.flush, .replica), (.repair, .replica): "no primary any more"
        default: words[obstacle] ?? "-"
        }
    }

    /// Without the obstacle each of them does change something, or the test above shows nothing.
    @Test(arguments: Act.allCases)
    func withoutAnObstacleItIsDone(_ act: Act) async throws {
        let scene = try await GuardScene(act, .nothing)
        let before = try scene.image
        try await scene.perform()
        #expect(try scene.image != before)
        await scene.operations.close()
    }
}
