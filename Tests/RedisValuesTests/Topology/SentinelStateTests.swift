import RedisValues
import Support
import Testing

@Suite struct SentinelStateTests {
    private func fields(_ pairs: [(String, String)]) -> RESPValue {
        .array(pairs.flatMap { [.string(Array($0.0.utf8)), .string(Array($0.1.utf8))] })
    }

    private func answer(
        _ primary: String, epoch: Int, replicas: [String] = [], sentinels: [String] = []
    ) -> SentinelAnswer {
        SentinelAnswer(
            view: SentinelView(
                primary: SentinelView.Member(address: primary),
                replicas: replicas.map { SentinelView.Member(address: $0) },
                sentinels: sentinels.map { SentinelView.Member(address: $0) }, quorum: 2, epoch: epoch))
    }

    @Test func answersAreRead() throws {
        let view = try SentinelView([
            fields([
                ("name", "mymaster"), ("ip", "10.0.0.5"), ("port", "6379"), ("flags", "master,s_down,o_down"),
                ("quorum", "2"), ("config-epoch", "7"),
            ]),
            .array([
                fields([("ip", "10.0.0.6"), ("port", "6379"), ("flags", "slave")]),
                fields([("ip", "fe80::1"), ("port", "6379"), ("flags", "slave,s_down,disconnected")]),
                fields([("ip", "x"), ("port", "no")]), .integer(3),
            ]),
            .array([fields([("ip", "10.0.0.7"), ("port", "26379"), ("flags", "sentinel")])]),
            .error(Array("NOQUORUM 1 usable Sentinels. Not enough available".utf8)), .null,
        ])
        #expect(view.primary.address == "10.0.0.5:6379" && view.primary.isDown)
        #expect(view.replicas.map(\.address) == ["10.0.0.6:6379", "[fe80::1]:6379"])
        #expect(view.replicas.map(\.isDown) == [false, true])
        #expect(view.sentinels.map(\.address) == ["10.0.0.7:26379"])
        #expect(view.quorum == 2 && view.epoch == 7)
        #expect(view.complaint?.hasPrefix("NOQUORUM") == true)
    }

    /// In the middle of a fail-over a sentinel describes the old primary, and sends clients to the new one.
    @Test func whomClientsAreSentToCounts() throws {
        func view(_ address: RESPValue) throws -> SentinelView {
            try SentinelView([
                fields([("ip", "10.0.0.5"), ("port", "6379"), ("flags", "master,o_down"), ("config-epoch", "8")]),
                .null, .null, .null, address,
            ])
        }
        let new = try view(.array([.string(Array("10.0.0.6".utf8)), .string(Array("6379".utf8))]))
        #expect(new.primary == SentinelView.Member(address: "10.0.0.6:6379") && new.epoch == 8)
        #expect(try view(.null).primary.isDown)
        #expect(try view(.array([.string([]), .string([0x1b])])).primary.address == "10.0.0.5:6379")
    }

    @Test(arguments: [
        [RESPValue.null, .null, .null, .null, .null], [.array([]), .null, .null, .null, .null], [],
        [.error(Array("ERR No such master with that name".utf8)), .null, .null, .null, .null],
        [.array([.string([0xff]), .string([0x1b])]), .integer(1), .array([.null]), .status([]), .null],
    ])
    func nonsenseIsRefused(replies: [RESPValue]) { #expect(throws: RESPShapeError.self) { try SentinelView(replies) } }

    /// Whoever is late does not take things back.
    @Test func theHighestEpochCounts() {
        var state = SentinelState(service: "m", sentinels: ["s1", "s2", "s3"])
        let change1 = state.record(["s1": answer("a:1", epoch: 3, replicas: ["b:1", "a:1"], sentinels: ["s2", "s4"])])
        #expect(!change1)
        #expect(state.primary == "a:1" && state.replicas == ["b:1"])
        #expect(state.sentinels == ["s1", "s2", "s3", "s4"])
        let change2 = state.record(["s2": answer("b:1", epoch: 4)])
        #expect(change2, "a fail-over")
        let isBehind = state.record(["s3": answer("a:1", epoch: 3)])
        #expect(!isBehind, "s3 has not heard of it")
        #expect(state.primary == "b:1")
        #expect(state.topology.dissenting == ["a:1"])
    }

    @Test func switchMessagesAreBelievedAtOnce() {
        var state = SentinelState(service: "m", sentinels: ["s1"])
        state.record(["s1": answer("a:1", epoch: 3)])
        let change4 = state.apply(switchMessage: "other a 1 b 1")
        #expect(!change4, "another service")
        for wrong in ["", "m a 1 b", "m a 1 b x", "m a 1 b 0", "m a 1 b 99999", "m  a 1 b 1 2 3"] {
            let change5 = state.apply(switchMessage: wrong)
            #expect(!change5, "\(wrong)")
        }
        let change6 = state.apply(switchMessage: "m a 1 b 1")
        #expect(change6)
        let change7 = state.apply(switchMessage: "m a 1 b 1")
        #expect(!change7, "every sentinel says it once")
        let change8 = state.record(["s1": answer("a:1", epoch: 3)])
        #expect(!change8, "asked before it was said")
        #expect(state.primary == "b:1")
        let change9 = state.record(["s1": answer("b:1", epoch: 4)])
        #expect(!change9)
        let change10 = state.record(["s1": answer("a:1", epoch: 5)])
        #expect(change10, "and back")
    }

    // MARK: messages that come late, and sentinels that begin anew

    private static let three = ["s1", "s2", "s3"]

    private func poll(
        _ state: inout SentinelState, _ primary: String, epoch: Int, by names: [String] = three, times: Int = 1
    ) {
        for _ in 0..<times { for name in names { state.record([name: answer(primary, epoch: epoch)]) } }
    }

    /// Three sentinels tell of two fail-overs, some of them late: no message drives the epoch ahead of the real one.
    @Test func messagesHaveNoEpoch() {
        let (away, back) = ("m a 1 b 1", "m b 1 a 1")
        for messages in [
            [away, back], [away, back, away, back], [away, back, away], [away, away, back, back, away],
        ] {
            var state = SentinelState(service: "m", sentinels: Self.three)
            poll(&state, "a:1", epoch: 1)
            for message in messages { _ = state.apply(switchMessage: message) }
            #expect(state.epoch == 1)
            poll(&state, "a:1", epoch: 3)
            #expect(state.primary == "a:1", "\(messages)")
            poll(&state, "b:1", epoch: 4)
            #expect(state.primary == "b:1", "\(messages)")
        }
    }

    /// A message of a fail-over that a poll has seen already, and that was followed by another one.
    @Test func lateMessageIsTakenBackByAMajority() {
        var state = SentinelState(service: "m", sentinels: Self.three)
        poll(&state, "a:1", epoch: 3)
        let isNews = state.apply(switchMessage: "m a 1 b 1")
        #expect(isNews && state.primary == "b:1")
        poll(&state, "a:1", epoch: 3, times: SentinelState.insistence - 1)
        #expect(state.primary == "b:1" && state.isAnnounced, "they may not have heard of it")
        poll(&state, "a:1", epoch: 3, by: ["s1"])
        #expect(state.primary == "b:1", "one is no majority")
        poll(&state, "a:1", epoch: 3, by: ["s2"])
        #expect(state.primary == "a:1" && state.epoch == 3 && !state.isAnnounced)
        // Nothing of the message is left.
        poll(&state, "a:1", epoch: 3)
        poll(&state, "b:1", epoch: 4, by: ["s3"])
        #expect(state.primary == "b:1")
    }

    /// Sentinels that were set up anew count from the beginning.
    @Test func majorityThatCountsAnewIsBelieved() {
        var state = SentinelState(service: "m", sentinels: Self.three)
        poll(&state, "a:1", epoch: 57)
        poll(&state, "b:1", epoch: 0, times: SentinelState.insistence - 1)
        #expect(state.primary == "a:1")
        poll(&state, "b:1", epoch: 0)
        #expect(state.primary == "b:1" && state.epoch == 0)
        poll(&state, "c:1", epoch: 1, by: ["s2"])
        #expect(state.primary == "c:1")
    }

    /// Whoever is cut off says the old thing for ever, and is not believed.
    @Test func minorityIsNotBelievedHoweverOftenItSaysSo() {
        var state = SentinelState(service: "m", sentinels: Self.three)
        poll(&state, "a:1", epoch: 5)
        for name in ["s1", "s2"] { state.record([name: SentinelAnswer(refusal: Refusal(.refused))]) }
        poll(&state, "b:1", epoch: 4, by: ["s3"], times: 100)
        #expect(state.primary == "a:1")
        // Nor is a majority, while somebody still knows better.
        for _ in 0..<100 {
            poll(&state, "a:1", epoch: 5, by: ["s1"])
            poll(&state, "b:1", epoch: 4, by: ["s2", "s3"])
        }
        #expect(state.primary == "a:1")
        // The one of the settings is alone, and those that it tells of are silent.
        var single = SentinelState(service: "m", sentinels: ["s1"])
        single.record(["s1": answer("a:1", epoch: 5, sentinels: ["s2", "s3"])])
        for _ in 0..<100 { single.record(["s1": answer("b:1", epoch: 4, sentinels: ["s2", "s3"])]) }
        #expect(single.primary == "a:1")
    }

    /// The one that announced it is slow, and the others have not heard of it yet.
    @Test func messageHoldsUntilTheOthersHaveHeardOfIt() {
        var state = SentinelState(service: "m", sentinels: Self.three)
        poll(&state, "a:1", epoch: 3)
        _ = state.apply(switchMessage: "m a 1 b 1")
        for _ in 0..<SentinelState.insistence - 1 {
            state.record(["s1": SentinelAnswer(refusal: Refusal(.hung))])
            poll(&state, "a:1", epoch: 3, by: ["s2", "s3"])
            #expect(state.primary == "b:1")
        }
        poll(&state, "b:1", epoch: 4, by: ["s2"])
        #expect(state.primary == "b:1" && state.epoch == 4 && !state.isAnnounced)
    }

    @Test func epochsOfAnySizeEndNoProgram() {
        var state = SentinelState(service: "m", sentinels: ["s1"])
        state.record(["s1": answer("a:1", epoch: .max)])
        for message in ["m a 1 b 1", "m b 1 a 1", "m a 1 b 1"] { _ = state.apply(switchMessage: message) }
        state.record(["s1": answer("b:1", epoch: .max)])
        #expect(state.primary == "b:1")
    }

    @Test func membersAreBounded() {
        var state = SentinelState(service: "m", sentinels: ["s1"])
        state.record(["s1": answer("a:1", epoch: 1, sentinels: (0..<1000).map { "x:\($0)" })])
        #expect(state.sentinels.count == SentinelState.mostSentinels)
    }
}
