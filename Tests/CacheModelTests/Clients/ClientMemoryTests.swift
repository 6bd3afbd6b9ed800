import RedisValues
import Support
import Testing

@testable import CacheModel

@Suite struct ClientMemoryTests {
    private func memory(_ looks: [ClientLook]) -> ClientMemory {
        var memory = ClientMemory()
        for look in looks { memory.note(look) }
        return memory
    }

    private func group(
        _ label: String, by grouping: ClientGrouping = .name, in memory: ClientMemory, on node: String? = nil
    ) throws -> ClientGroup {
        try #require(memory.groups(by: grouping, on: node).first { $0.id.label == label })
    }

    // MARK: one look

    @Test func oneLookTellsWhatNeedsNoPast() throws {
        let clients = [
            Sample.client(1, "web-1", idle: 0, age: 5),
            Sample.client(2, "web-2", host: "10.0.3.8", idle: 601, age: 700),
            Sample.client(3, "web-3", idle: 600, age: 900) { $0.outputBuffer = 5_000 },
            Sample.client(4, "web-4", idle: 3) { ($0.flags, $0.command) = ("b", "blpop") },
        ]
        let group = try group("web-*", in: memory([Sample.look(clients)]))
        #expect(group.connections == 4 && group.busy == 1 && group.idleLong == 1 && group.blocked == 1)
        #expect(group.unread == 5_000 && group.memory == 89_192 && group.oldest == 3_600 && group.addresses == 2)
        #expect(group.nodes == ["cache-1:6379"] && group.command == "get" && group.kinds == [.client: 4])
        #expect(group.newPerMinute == nil && group.commands == nil && group.bytesIn == nil && group.remarks.isEmpty)
    }

    /// Redis 6.2 counts no commands and older ones no memory: what is not told is not none.
    @Test func whatAServerDoesNotTellIsUnknown() throws {
        let clients = [
            Sample.client(1, "web-1"),
            Sample.client(2, "web-2", idle: nil, age: nil) {
                ($0.memory, $0.outputBuffer, $0.command, $0.user) = (nil, nil, nil, nil)
            },
        ]
        let looks = [0, 10].map { Sample.look(clients, at: $0) }
        let group = try group("web-*", in: memory(looks))
        #expect(group.busy == nil && group.idleLong == nil && group.unread == nil && group.memory == nil)
        #expect(group.oldest == nil && group.commands == nil && group.newPerMinute == 0 && group.command == "get")
        #expect(try self.group("–", by: .user, in: memory(looks)).connections == 1)
    }

    // MARK: two looks

    @Test func twoLooksTellRates() throws {
        func client(_ id: Int, _ commands: Int?, _ address: String = "10.0.3.7:1") -> ClientEntry {
            Sample.client(id, "web-\(id)") {
                $0.address = address
                ($0.totalCommands, $0.totalIn, $0.totalOut) = (commands, commands.map { $0 * 10 }, commands)
            }
        }
        let before = Sample.look([client(1, 100), client(2, 50), client(3, 900, "old:1")])
        let after = Sample.look([client(1, 160), client(2, 50), client(3, 20, "new:1"), client(9, 10)], at: 10)
        let group = try group("web-*", in: memory([before, after]))
        #expect(group.commands == 9, "60 of the first, 20 and 10 of those that are new")
        #expect(group.bytesIn == 90 && group.bytesOut == 9 && group.newPerMinute == 12)
        let untold = Sample.look([client(1, 160), client(2, nil)], at: 10)
        #expect(try self.group("web-*", in: memory([before, untold])).commands == nil)
    }

    /// Ids begin anew with a process: nothing is new, and no counter has run backwards.
    @Test func anotherProcessIsNotCompared() throws {
        let before = Sample.look((1...5).map { Sample.client($0 + 500, "web") { $0.totalCommands = 9 } })
        let after = Sample.look((1...5).map { Sample.client($0, "web") { $0.totalCommands = 1 } }, at: 10)
        let seen = memory([before, after])
        let group = try group("web", in: seen)
        #expect(group.newPerMinute == nil && group.commands == nil && seen.looks == 0)
    }

    @Test func looksThatAreNotNewerSayNothing() {
        let look = Sample.look([Sample.client(1, "web")], at: 10)
        var seen = memory([look])
        seen.note(Sample.look([], at: 10))
        seen.note(Sample.look([], at: 5))
        #expect(seen.latest == look)
    }

    @Test func hostileFiguresAreTaken() {
        var clients: [ClientEntry] = []
        for id in [Int.min, -1, 0, .max] {
            clients.append(
                Sample.client(abs(max(-1, id)), "\u{202e}", idle: .max, age: .max) {
                    ($0.id, $0.outputBuffer, $0.memory) = (id, .max, .max)
                    ($0.totalCommands, $0.totalIn, $0.totalOut) = (.min, .max, .max)
                })
        }
        var flipped = clients
        for index in flipped.indices { (flipped[index].totalCommands, flipped[index].totalIn) = (.max, .min) }
        let seen = memory([Sample.look(clients), Sample.look(flipped, at: 1), Sample.look(clients + clients, at: 2)])
        for grouping in ClientGrouping.allCases { #expect(seen.groups(by: grouping).count <= 8) }
        #expect(seen.groups(by: .user).first?.unread == .max)
    }

    // MARK: parties and nodes

    @Test func othersThanClientsAreToldApart() {
        let clients = [
            Sample.client(1, "cachewatch"), Sample.client(2) { $0.flags = "S" }, Sample.client(3) { $0.flags = "M" },
            Sample.client(4, "sentinel-6f1c0c2b-cmd"), Sample.client(5), Sample.client(6) { $0.flags = "P" },
            Sample.client(7) { $0.command = "cluster|syncslots" },
        ]
        let groups = memory([Sample.look(clients)]).groups(by: .address)
        #expect(
            groups.map(\.name) == [
                "10.0.3.7", "10.0.3.7 (cachewatch)", "10.0.3.7 (replica)", "10.0.3.7 (primary)", "10.0.3.7 (sentinel)",
                "10.0.3.7 (slot mover)",
            ])
        #expect(groups[0].connections == 2 && groups[0].kinds == [.client: 1, .subscriber: 1])
        #expect(memory([Sample.look(clients)]).groups(by: .name)[1].name == "cachewatch")
    }

    @Test func nodesAddUpAndCanBeChosen() throws {
        var looks = [0, 5].map { Sample.look((1...3).map { Sample.client($0, "web") }, at: $0, node: "a:1") }
        for index in looks.indices { looks[index].entries["b:1"] = (1...4 + index).map { Sample.client($0, "web") } }
        let seen = memory(looks)
        let both = try group("web", in: seen)
        #expect(both.connections == 8 && both.nodes == ["a:1", "b:1"] && both.newPerMinute == 12)
        #expect(try group("web", in: seen, on: "a:1").connections == 3)
        #expect(seen.latest?.members(of: both.id).count == 8)
        #expect(seen.latest?.members(of: both.id, on: "b:1").map(\.node) == Array(repeating: "b:1", count: 5))
        // A node that is silent leaves no difference behind.
        var silent = Sample.look((1...3).map { Sample.client($0, "web") }, at: 10, node: "a:1")
        silent.refused["b:1"] = Refusal(.hung)
        let later = memory(looks + [silent])
        #expect(try group("web", in: later).connections == 3 && later.looks == 0)
        var back = looks[1]
        back.elapsed = looks[1].elapsed + .seconds(10)
        #expect(try group("web", in: memory(looks + [silent, back])).newPerMinute == nil)
    }

    // MARK: what figures say

    /// - Parameter clients: of each look, five seconds apart.
    private func remarks(_ clients: [[ClientEntry]], _ label: String = "web") throws -> [String] {
        let own = Sample.client(1, "cachewatch")
        return try group(
            label, in: memory(clients.enumerated().map { Sample.look([own] + $0.element, at: $0.offset * 5) })
        ).remarks
    }

    private func clients(_ count: Int, idle: Int, from first: Int = 100, busy: Int = 0) -> [ClientEntry] {
        (0..<count).map { Sample.client(first + $0, "web", idle: $0 < busy ? 0 : idle, age: 90_000) }
    }

    @Test(arguments: [
        ([10, 12, 14, 16, 18], 60, 0, ["rising for 5 looks, all idle: leak"]),
        ([10, 12, 14, 16, 18, 20, 21], 60, 0, ["rising for 7 looks, all idle: leak"]),
        ([10, 12, 14, 16], 60, 0, []),
        ([10, 12, 14, 14, 16, 18], 60, 0, []),
        ([20, 22, 24, 26, 30], 60, 2, ["rising for 5 looks, nearly all idle: leak"]),
        ([20, 22, 24, 26, 30], 60, 9, []),
        ([1, 2, 3, 4], 60, 0, []),
    ])
    func leakRisesAndDoesNothing(counts: [Int], idle: Int, busy: Int, expected: [String]) throws {
        #expect(try remarks(counts.map { clients($0, idle: idle, busy: busy) }) == expected)
    }

    @Test func subscribersAndThoseThatWaitAreNoLeak() throws {
        let looks = [10, 12, 14, 16, 18].map { count in
            clients(count, idle: 900).map { client in
                var client = client
                (client.flags, client.command) = ("b", "blpop")
                return client
            }
        }
        #expect(try remarks(looks).isEmpty)
    }

    @Test(arguments: [
        (240, 9, 3, ["240 from 1 address, 231 idle over 10 min, never over 9 busy: pool too large"]),
        (240, 9, 2, []), (240, 70, 3, []), (19, 1, 3, []),
    ])
    func poolThatIsTooLargeIsIdle(count: Int, busy: Int, looks: Int, expected: [String]) throws {
        let one = clients(count, idle: 4_000, busy: busy)
        #expect(try remarks(Array(repeating: one, count: looks)) == expected)
    }

    /// A pool that was busy once may be as large as it has to be.
    @Test func poolThatWasBusyOnceIsNotTooLarge() throws {
        let quiet = clients(240, idle: 4_000, busy: 2)
        #expect(try remarks([clients(240, idle: 0)] + Array(repeating: quiet, count: 20)).isEmpty)
    }

    /// Forty connections a second, of which a look sees one or two: ids tell of the others.
    @Test func clientsWithoutAPoolAreNamedByTheirPart() throws {
        func look(_ step: Int, others: Int) -> [ClientEntry] {
            let first = 1000 + step * 205
            return [Sample.client(first, "web", age: 0), Sample.client(first + 204, "web", age: 0)]
                + (0..<others).map { Sample.client(first + 10 + $0, "other", age: 0) }
        }
        #expect(try remarks((0..<8).map { look($0, others: 0) }) == ["opens and closes 41 a second: no pool"])
        #expect(try remarks((0..<8).map { look($0, others: 2) }).isEmpty, "nobody knows whose they were")
        #expect(try remarks((0..<3).map { look($0, others: 0) }).isEmpty, "too few to tell")
    }

    /// What stays is not what is opened and closed: a leak beside it is not blamed for it.
    @Test func leakIsNotBlamedForConnectionsThatClose() throws {
        let looks = (0..<10).map { step -> [ClientEntry] in
            let leak = (0..<10 + step * 6).map { number -> ClientEntry in
                let id = number < 10 ? 100 + number : 1100 + (number - 10) / 6 * 210 + number % 6
                return Sample.client(id, "leaky", idle: 60)
            }
            // Every third look sees none.
            return step % 3 == 2 ? leak : leak + [Sample.client(1000 + step * 210, "web", age: 0)]
        }
        #expect(try remarks(looks, "leaky") == ["rising for 10 looks, all idle: leak"])
        #expect(try remarks(looks, "web").first?.hasPrefix("opens and closes ") == true)
    }

    @Test func repliesThatNobodyReadsAreTold() throws {
        let slow = Sample.client(7, "web") { $0.outputBuffer = 310 << 20 }
        #expect(try remarks([[slow]]) == ["310 MiB of replies unread; normal clients have no limit unless one is set"])
        let subscriber = Sample.client(7, "web") { ($0.outputBuffer, $0.flags) = (20 << 20, "P") }
        #expect(try remarks([[subscriber]])[0].contains("subscribers are cut off at 32 MiB"))
        #expect(try remarks([[Sample.client(7, "web") { $0.outputBuffer = 1_000_000 }]]).isEmpty)
    }

    @Test func namelessOnesAreTold() throws {
        let nameless = [Sample.client(7), Sample.client(8)]
        #expect(try remarks([nameless], "10.0.3.7") == ["nameless: CLIENT SETNAME"])
        let groups = memory([Sample.look(nameless)]).groups(by: .name)
        #expect(!groups[0].isConspicuous)
        #expect(memory([Sample.look(nameless)]).groups(by: .address)[0].remarks.isEmpty)
    }

    /// Ours and other servers' connections are nobody's leak.
    @Test func nothingIsSaidOfOthersThanClients() {
        let looks = (0..<6).map { step in
            Sample.look(
                (0..<30 + step).map { number in
                    Sample.client(100 + number, number.isMultiple(of: 2) ? "cachewatch" : "", idle: 4_000) {
                        if $0.name.isEmpty { ($0.flags, $0.outputBuffer) = ("S", 90 << 20) }
                    }
                }, at: step * 5)
        }
        #expect(memory(looks).groups(by: .name).allSatisfy { $0.remarks.isEmpty })
    }

    @Test func sampleSaysWhatItIsMadeFor() throws {
        let groups = Sample.seenClients.groups(by: .name)
        #expect(groups.map(\.id.label) == ["cart-*", "checkout-worker-*", "10.0.5.1", "cachewatch"])
        #expect(groups[0].remarks == ["60 from 4 addresses, 56 idle over 10 min, never over 4 busy: pool too large"])
        #expect(groups[1].remarks == ["rising for 6 looks, all idle: leak"])
    }

    // MARK: how long it takes

    /// A few milliseconds in a release; a debug build takes many times that.
    @Test func tenThousandAreGroupedWhileAKeyIsPressed() {
        let clients = (0..<10_000).map {
            Sample.client($0, "api-7d9f8b6c5d-x\($0 % 97)k", host: "10.0.\($0 % 7).\($0 % 31)", idle: $0 % 900)
        }
        var memory = ClientMemory()
        for step in 0..<2 { memory.note(Sample.look(clients, at: step * 30)) }
        let start = ContinuousClock.now
        let groups = memory.groups(by: .name)
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(groups.map(\.connections).reduce(0, +) == 10_000)
    }

    @Test(
        arguments: [
            (nil, true, 5), (nil, false, 10), (54, true, 5), (2_000, false, 10), (2_001, true, 30), (2_001, false, 30),
            (10_000, true, 30), (10_001, true, nil), (Int.max, false, nil),
        ] as [(Int?, Bool, Int?)])
    func theMoreThereAreTheLessOftenTheyAreListed(clients: Int?, isWatched: Bool, seconds: Int?) {
        #expect(ClientCadence.interval(clients: clients, isWatched: isWatched) == seconds.map { .seconds($0) })
    }
}
