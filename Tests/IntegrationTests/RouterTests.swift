import RedisValues
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What ``RoutePlan`` decides, done: nodes that answer as no real ones do when they are asked to.
@Suite struct RouterTests {
    private typealias Answer = AnsweringServer.Answer

    private func router(_ deployment: FakeDeployment, tries: Int = RoutePlan.tries) -> Router {
        Router(deployment: deployment, tries: tries) { node throws(CacheError) in
            try await node.line(.act).session(deadline: .seconds(5))
        }
    }

    private let get = KeyedCommand("GET", Array("a".utf8))
    private let set = KeyedCommand(Array("a".utf8), Command("SET", "a", "1"))
    private static let value = RESPValue.string(Array("1".utf8))

    private func kind(_ error: CacheError?) -> Refusal.Kind? {
        switch error {
        case .refused(let refusal)?: refusal.kind
        default: nil
        }
    }

    private func failure(_ router: Router, _ question: KeyedCommand) async -> CacheError? {
        do throws(CacheError) {
            _ = try await router.ask(question, under: WritePermit())
            return nil
        } catch { return error }
    }

    // MARK: sent elsewhere

    @Test func movedIsFollowedAndTheMapIsAskedForAnew() async throws {
        let there = try AnsweringServer { _, _ in .string("1") }
        let name = there.name
        let here = try AnsweringServer { _, _ in .error("MOVED 1 \(name)") }
        let deployment = FakeDeployment([try node(here.url), try node(there.url)])
        #expect(try await router(deployment).ask(get, under: WritePermit()) == Self.value)
        #expect(deployment.surveys == 1 && here.seen.count == 1 && there.seen == [["GET", "a"]])
    }

    @Test func askIsFollowedWithoutTheMap() async throws {
        let there = try AnsweringServer { words, _ in words[0] == "ASKING" ? .status("OK") : .string("1") }
        let name = there.name
        let here = try AnsweringServer { _, _ in .error("ASK 1 \(name)") }
        let deployment = FakeDeployment([try node(here.url), try node(there.url)])
        #expect(try await router(deployment).ask(set, under: WritePermit()) == Self.value)
        #expect(deployment.surveys == 0 && there.seen == [["ASKING"], ["SET", "a", "1"]])
    }

    @Test func nodesThatSendInACircleAreLeftWithinTheBudget() async throws {
        let ports = NIOLockedValueBox<[String]>([])
        let nodes = try (0..<2).map { index in
            try AnsweringServer { _, _ in .error("MOVED 1 \(ports.withLockedValue { $0[1 - index] })") }
        }
        ports.withLockedValue { $0 = nodes.map(\.name) }
        let deployment = FakeDeployment(try nodes.map { try node($0.url) })
        #expect(kind(await failure(router(deployment), set)) == .slotsMoving, "nothing was done")
        #expect(nodes.map(\.seen.count).reduce(0, +) == RoutePlan.tries)
        #expect(kind(await failure(router(deployment, tries: 2), set)) == .slotsMoving)
        #expect(nodes.map(\.seen.count).reduce(0, +) == RoutePlan.tries + 2)
    }

    /// Nobody would guess from `MOVED 9582 10.0.0.7:6379` what is to be done.
    @Test func nodeOfAClusterThatIsWatchedAloneSaysSo() async throws {
        let here = try AnsweringServer { _, _ in .error("MOVED 1 10.0.0.7:6379") }
        let deployment = FakeDeployment([try node(here.url)], movesKeys: false)
        let error = await failure(router(deployment), set)
        #expect(kind(error) == .clusterNode && error?.refusal.remedy.contains("--cluster") == true)
        #expect(here.seen.count == 1)
    }

    /// The same with real nodes, and for whatever asks for one key.
    @Test func keyOnAnotherNodeOfAClusterNamesTheSwitch() async throws {
        let farm = try ClusterFarm()
        let key = try #require((0..<100).map { "session:\($0)" }.first { KeySlot.of(Array($0.utf8)) > 6000 })
        try farm.fill(["SET \(key) x EX 5000"])
        let browser = KeyBrowser(settings: try settings(farm.servers[0].url, timeout: .seconds(5)))
        await #expect {
            _ = try await browser.inspect(Array(key.utf8))
        } throws: { ($0 as? CacheError)?.refusal.remedy.contains("--cluster") == true }
        let page = await browser.page(of: .pattern(Glob(key)), wanted: 1)
        #expect(page.refusal?.kind == .clusterNode && page.rows.isEmpty)
        await browser.close()
    }

    @Test func whoeverTakesWritesNowIsLookedFor() async throws {
        let there = try AnsweringServer { _, _ in .status("OK") }
        let here = try AnsweringServer { _, _ in .error("READONLY You can't write against a read only replica.") }
        let nodes = [try node(here.url), try node(there.url)]
        let deployment = FakeDeployment(nodes, movesKeys: false) { state in
            // The sentinels agree with the third look.
            if state.surveys == 3 { state.nodes.reverse() }
        }
        #expect(try await router(deployment).ask(set, under: WritePermit()) == .status(Array("OK".utf8)))
        #expect(here.seen.count == 3 && there.seen.count == 1)
    }

    // MARK: not now

    @Test(arguments: ["LOADING x", "CLUSTERDOWN x", "MASTERDOWN x", "BUSY x"])
    func whoeverCannotNowIsWaitedFor(words: String) async throws {
        let asked = NIOLockedValueBox(0)
        let here = try AnsweringServer { _, _ in
            asked.withLockedValue {
                $0 += 1
                return $0 <= 3 ? .error(words) : .string("1")
            }
        }
        for movesKeys in [true, false] {
            asked.withLockedValue { $0 = 0 }
            let deployment = FakeDeployment([try node(here.url)], movesKeys: movesKeys)
            #expect(try await router(deployment).ask(set, under: WritePermit()) == Self.value)
            #expect(asked.withLockedValue { $0 } == 4)
        }
    }

    @Test func whoeverCannotForLongIsToldAsWhatItIs() async throws {
        let here = try AnsweringServer { _, _ in .error("LOADING x") }
        let deployment = FakeDeployment([try node(here.url)], movesKeys: false)
        #expect(kind(await failure(router(deployment), set)) == .loading)
        #expect(here.seen.count == RoutePlan.tries)
    }

    @Test func waitingEndsWithItsTask() async throws {
        let here = try AnsweringServer { _, _ in .error("LOADING x") }
        let deployment = FakeDeployment([try node(here.url)], movesKeys: false)
        let router = router(deployment)
        let question = get
        let task = Task { () async -> CacheError? in
            do throws(CacheError) {
                _ = try await router.ask(question, under: WritePermit())
                return nil
            } catch { return error }
        }
        await eventually("it is asked") { () async -> Bool in !here.seen.isEmpty }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(here.seen.count < RoutePlan.tries)
    }

    // MARK: lost

    @Test func readsThatWereLostAreSentAgain() async throws {
        for movesKeys in [true, false] {
            let here = try AnsweringServer { _, connection in connection == 0 ? .hangUp : .string("1") }
            let deployment = FakeDeployment([try node(here.url)], movesKeys: movesKeys)
            #expect(try await router(deployment).ask(get, under: WritePermit()) == Self.value)
            #expect(here.seen.count == 2)
        }
    }

    @Test func writesThatWereLostAreUnknownAndNeverSentTwice() async throws {
        for movesKeys in [true, false] {
            let here = try AnsweringServer { _, connection in connection == 0 ? .hangUp : .string("1") }
            let deployment = FakeDeployment([try node(here.url)], movesKeys: movesKeys)
            let error = await failure(router(deployment), set)
            #expect(error == .unknown(Refusal(.closed)))
            #expect(here.seen.count == 1)
        }
    }

    /// A question to a key that nobody has changes nothing, whatever its name.
    @Test func probesThatWereLostAreSentAgain() async throws {
        let here = try AnsweringServer { _, connection in connection == 0 ? .hangUp : .string("1") }
        let deployment = FakeDeployment([try node(here.url)], movesKeys: false)
        let probe = KeyedCommand(set.key, set.command, isProbe: true)
        #expect(try await router(deployment).ask(probe, under: WritePermit()) == Self.value)
        #expect(here.seen.count == 2)
    }

    @Test func writeThatWasNeverSentIsNotUnknown() async throws {
        let dead = try RedisServer()
        let url = "redis://127.0.0.1:\(dead.port)"
        dead.stop()
        for movesKeys in [true, false] {
            let deployment = FakeDeployment([try node(url)], movesKeys: movesKeys)
            #expect(kind(await failure(router(deployment), set)) == .refused)
        }
        let reading = Node(
            endpoint: try Endpoint(url: url),
            dialler: Dialler(tls: TLSSettings(), timeout: .seconds(1), courtesies: []), allowsWrites: false)
        try dead.restart()
        let error = await failure(router(FakeDeployment([reading], movesKeys: false)), set)
        #expect(error == .readOnly("SET"))
    }

    /// What one node has done is not called undone because another one does not answer.
    @Test func partThatWasDoneIsSaid() async throws {
        let here = try AnsweringServer { _, _ in .status("OK") }
        let silent = try AnsweringServer { _, _ in .hangUp }
        let dead = try AnsweringServer { _, _ in .error("NOPERM") }
        let nodes = [try node(here.url), try node(silent.url), try node(dead.url)]
        let deployment = FakeDeployment(nodes)
        deployment.give("b", to: 1)
        deployment.give("c", to: 2)
        let questions = ["a", "b", "c"].map { KeyedCommand(Array($0.utf8), Command("SET", $0, "1")) }
        let answer = await router(deployment).ask(questions, under: WritePermit())
        #expect(answer.results[0] == .success(.status(Array("OK".utf8))))
        #expect(answer.results[1] == .failure(.unknown(Refusal(.closed))))
        #expect(answer.results[2] == .success(.error(Array("NOPERM".utf8))), "an answer like others")
        #expect(throws: CacheError.unknown(Refusal(.closed))) { try answer.replies }
        // The others were done, and this one was refused on its way.
        let other = await router(deployment).ask([questions[0], get(of: "b")], under: WritePermit())
        #expect(other.results[1] == .failure(.closed(midReply: false)))
        #expect(throws: CacheError.unknown(Refusal(.closed))) { try other.replies }
        #expect(try other.reply(to: 0) == .status(Array("OK".utf8)))
        #expect(dead.seen.count == 1 && silent.seen.count > 1)
    }

    private func get(of key: String) -> KeyedCommand { KeyedCommand("GET", Array(key.utf8)) }

    /// `WAIT` on a connection that has written nothing counts every replica.
    @Test func companyIsAskedOfWritesAndOnceOfEachNode() async throws {
        let there = try AnsweringServer { words, _ in words[0] == "WAIT" ? .integer(2) : .string("1") }
        let name = there.name
        let here = try AnsweringServer { words, _ in words[0] == "WAIT" ? .integer(9) : .error("MOVED 1 \(name)") }
        let deployment = FakeDeployment([try node(here.url), try node(there.url)])
        deployment.give("b", to: 1)
        let wait = Command("WAIT", "1", "1")
        var answer = await router(deployment).ask([get, get(of: "b")], last: [wait], under: WritePermit())
        #expect(answer.besides == [here.name: [.integer(9)], there.name: [.integer(2)]])
        #expect(there.seen.filter { $0[0] == "WAIT" }.count == 1)
        answer = await router(deployment).ask([set, get(of: "b")], last: [wait], under: WritePermit())
        #expect(there.seen.filter { $0[0] == "WAIT" }.count == 3, "the write has come there later")
    }
}
