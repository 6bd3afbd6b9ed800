import CacheModel
import CacheWire
import RedisValues
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What is said where something is not known: the true reason, and not that which it has most often.
@Suite struct UntoldTests {
    private func answer(_ words: String) -> ClusterAnswer {
        ClusterAnswer(refusal: RESPValue.error(Array(words.utf8)).cacheError?.refusal)
    }

    @Test(arguments: [
        ("ERR This instance has cluster support disabled", Refusal.Kind.noCluster, "a:1: ERR This instance"),
        ("ERR unknown command 'CLUSTER', with args beginning with: 'SHARDS' ", .noCluster, "a:1: ERR unknown command"),
        ("ERR 42", .noCluster, "a:1: ERR 42"),
        ("upstream failure", .commandFailed, "upstream failure"),
        ("ERR Connection timed out", .commandFailed, "ERR Connection timed out"),
        ("NOPERM this user has no permissions", .noPermission, "NOPERM this user has no permissions; who belongs"),
        ("LOADING Redis is loading the dataset in memory", .loading, "LOADING"),
    ])
    func whoDoesNotTellWhoBelongsToACluster(words: String, kind: Refusal.Kind, detail: String) throws {
        let refusal = try #require(Cluster.objection(in: ["b:1": ClusterAnswer(), "a:1": answer(words)]))
        #expect(refusal.kind == kind && refusal.detail.hasPrefix(detail), "\(refusal)")
    }

    /// Whom nobody has asked yet is no server of its own.
    @Test func clusterThatHasNotAnsweredYetIsWaitedFor() async throws {
        #expect(Cluster.objection(in: [:]) == nil)
        var settings = Settings()
        settings.endpoint = try Endpoint(url: "redis://127.0.0.1:1")
        settings.clusterEnabled = true
        let cluster = settings.deployment
        #expect(cluster.kind == .cluster)
        #expect(await cluster.shortfall()?.kind == .hung)
        await cluster.close()
    }

    @Test(arguments: [
        (DeniedCommand(command: "DBSIZE", needs: "+dbsize"), Refusal.Kind.noPermission, "DBSIZE needs +dbsize"),
        (
            DeniedCommand(command: "DBSIZE", needs: nil, words: "ERR not supported"), .commandRefused,
            "DBSIZE refused: ERR not supported"
        ),
        (DeniedCommand(command: "DBSIZE", needs: nil), .unknownCommand, "DBSIZE: the server has no such command"),
        (DeniedCommand(command: "SCAN", needs: "+scan"), .commandFailed, "DBSIZE was not answered"),
    ])
    func whyNobodyKnowsHowManyKeysThereAre(denied: DeniedCommand, kind: Refusal.Kind, words: String) {
        let refusal = KeyspaceSurveyor.sizeIsNotKnown([denied])
        #expect(refusal.kind == kind)
        #expect(refusal.detail == "how many keys there are is not known: \(words)")
    }

    @Test func looksListTheirOwnQuestions() {
        var denied = DeniedCommands()
        for question in [Question.slowlog, .whoAmI, .slowlogSettings, .randomKey, .scan, .loadScript, .memoryUsage] {
            denied.note(question, error: Array("NOPERM x".utf8))
        }
        #expect(denied.list(of: Question.ofSweeps).map(\.command) == ["SCAN", "MEMORY USAGE"])
        #expect(denied.list(of: Question.ofEstimates).map(\.command) == ["RANDOMKEY", "SCAN", "MEMORY USAGE"])
        #expect(denied.list.count == 6)
    }
}
