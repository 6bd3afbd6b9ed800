import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

private struct Person: Codable, Equatable {
    var user: String
    var visits: Int
}

extension StoreScene {
    fileprivate func sessions(
        life: Duration = .seconds(7200), keyPrefix: String = ""
    ) throws -> any SessionStore<Person> {
        if let memory { return try MemorySessions(memory, life: life, keyPrefix: keyPrefix, tally: tally) }
        return try RedisSessions(
            try #require(calls), life: life, keyPrefix: keyPrefix, clock: clock, tally: tally)
    }
}

extension SaveOutcome {
    var saved: Versioned<Value>? {
        if case .saved(let value) = self { value } else { nil }
    }
}

/// Sections 4 and 7 of the specification, sessions; and section 10.
@Suite struct StoreContractSessionTests {
    private static let ann = Person(user: "ann", visits: 1)

    @Test(arguments: StoreGround.allCases)
    func sessions(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.lives + Self.versions + Self.others, on: ground)
    }

    private static let lives: [StoreCase] = [
        StoreCase("a session is a hash of version and data, for two hours") { scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            #expect(try scene.keys() == ["session:abc"])
            guard case .hash(let fields) = try await scene.value("session:abc") else {
                Issue.record("no hash")
                return
            }
            let text = fields.reduce(into: [:]) {
                $0[String(decoding: $1.key, as: UTF8.self)] = String(decoding: $1.value, as: UTF8.self)
            }
            #expect(Set(text.keys) == ["version", "data"] && text["version"] == String(made.version))
            #expect(StoreJSON.decode(Array((text["data"] ?? "").utf8)) == ann)
            #expect(try await scene.lasts(.seconds(7200), "session:abc"))
            #expect(try await sessions.read("abc") == made)
            #expect(scene.tally.counted(in: "session") == [.hits: 1])
        },
        StoreCase("a session lives for two hours from its last use, whether it is read or saved") { scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            try scene.pass(.seconds(7000))
            #expect(try await sessions.read("abc") == made)
            try scene.pass(.seconds(7000))
            #expect(try await sessions.save(ann, over: made.version, as: "abc").saved != nil)
            try scene.pass(.seconds(7000))
            #expect(try await sessions.read("abc") != nil)
            try scene.pass(.seconds(7201))
            #expect(try await sessions.read("abc") == nil)
            #expect(scene.tally.counted(in: "session") == [.hits: 2, .misses: 1])
        },
        StoreCase("a session that would never end is given an end by being read") { scene in
            try await scene.putHash(["version": "7", "data": #"{"user":"ann","visits":1}"#], at: "session:abc")
            #expect(try await scene.sessions().read("abc") == Versioned(ann, version: 7))
            #expect(try await scene.lasts(.seconds(7200), "session:abc"))
        },
        StoreCase("its life and what stands in front of its key are the caller's") { scene in
            let sessions = try scene.sessions(life: .seconds(60), keyPrefix: "shop:")
            _ = try await sessions.create(ann, as: "abc")
            #expect(try await scene.lasts(.seconds(60), "shop:session:abc"))
            try scene.pass(.seconds(61))
            #expect(try await sessions.read("abc") == nil)
        },
        StoreCase("after a log-out there is nothing, and a second one finds nothing") { scene in
            let sessions = try scene.sessions()
            _ = try await sessions.create(ann, as: "abc")
            #expect(try await sessions.delete("abc"))
            #expect(try await sessions.read("abc") == nil)
            #expect(try await sessions.delete("abc") == false)
            #expect(try scene.keys().isEmpty)
        },
    ]

    private static let versions: [StoreCase] = [
        StoreCase("saving over the version that was read gives the next one") { scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            let next = Person(user: "ann", visits: 2)
            let saved = try await sessions.save(next, over: made.version, as: "abc").saved
            #expect(saved == Versioned(next, version: made.version + 1))
            #expect(try await sessions.read("abc") == saved)
        },
        StoreCase("saving over another version is a conflict, which tells what stands there and changes nothing") {
            scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            let mine = try #require(
                try await sessions.save(Person(user: "ann", visits: 2), over: made.version, as: "abc").saved)
            for stale in [made.version, 0, -1, .max] {
                let outcome = try await sessions.save(Person(user: "ann", visits: 9), over: stale, as: "abc")
                #expect(outcome == .conflict(mine), "\(stale)")
            }
            #expect(try await sessions.read("abc") == mine)
        },
        StoreCase("no slow request revives a log-out") { scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            _ = try await sessions.delete("abc")
            #expect(try await sessions.save(ann, over: made.version, as: "abc") == .gone)
            #expect(try scene.keys().isEmpty)
        },
        StoreCase("no slow request overwrites the session that has begun under the same id since") { scene in
            let sessions = try scene.sessions()
            let first = try #require(try await sessions.create(ann, as: "abc").saved)
            _ = try await sessions.delete("abc")
            scene.clock.pass(.milliseconds(1))
            let second = try #require(try await sessions.create(Person(user: "bob", visits: 1), as: "abc").saved)
            #expect(second.version > first.version)
            #expect(try await sessions.save(ann, over: first.version, as: "abc") == .conflict(second))
        },
        StoreCase("a session that stands there is not begun anew") { scene in
            let sessions = try scene.sessions()
            let made = try #require(try await sessions.create(ann, as: "abc").saved)
            let outcome = try await sessions.create(Person(user: "eve", visits: 1), as: "abc")
            #expect(outcome == .conflict(made))
            #expect(try await sessions.read("abc") == made)
        },
        StoreCase("of many who write at once, none undoes what another has done") { scene in
            let sessions = try scene.sessions()
            _ = try await sessions.create(Person(user: "ann", visits: 0), as: "abc")
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        var done = 0
                        while done < 5, let there = try? await sessions.read("abc") {
                            var person = there.value
                            person.visits += 1
                            let outcome = try? await sessions.save(person, over: there.version, as: "abc")
                            if outcome?.saved != nil { done += 1 }
                        }
                    }
                }
            }
            #expect(try await sessions.read("abc")?.value.visits == 40)
        },
        StoreCase("a version that cannot be counted up stays, and so does its data", except: [.memory]) { scene in
            try await scene.putHash(
                ["version": String(Int64.max), "data": #"{"user":"ann","visits":1}"#], at: "session:abc")
            let sessions = try scene.sessions()
            await #expect(throws: CacheError.self) {
                try await sessions.save(Person(user: "eve", visits: 1), over: .max, as: "abc")
            }
            #expect(try await sessions.read("abc") == Versioned(ann, version: .max))
        },
    ]

    private static let others: [StoreCase] = [
        StoreCase("what does not decode is a miss, and stays") { scene in
            let sessions = try scene.sessions()
            let records = [
                ["version": "1", "data": "{"], ["version": "1", "data": #"{"user":7}"#], ["data": "{}"],
                ["version": "one", "data": "{}"], ["version": "1"], ["other": "x"],
            ]
            for record in records {
                try await scene.putHash(record, at: "session:abc")
                #expect(try await sessions.read("abc") == nil, "\(record)")
                #expect(try await sessions.create(ann, as: "abc") == .conflict(nil), "\(record)")
                #expect(try await scene.value("session:abc") != nil)
                _ = try await sessions.delete("abc")
            }
            #expect(scene.tally.counted(in: "session") == [.misses: 6, .undecodable: 6])
        },
        StoreCase("another type of key is a miss, is neither written to nor removed, and keeps its life") { scene in
            try await scene.put("text", at: "session:abc", for: .seconds(100))
            let sessions = try scene.sessions()
            #expect(try await sessions.read("abc") == nil)
            #expect(try await sessions.save(ann, over: 1, as: "abc") == .gone)
            #expect(try await sessions.create(ann, as: "abc") == .conflict(nil))
            #expect(try await scene.text("session:abc") == "text")
            #expect(try await scene.lasts(.seconds(100), "session:abc"))
        },
        StoreCase("a session of any size and with any characters comes back as it was") { scene in
            let sessions = try scene.sessions()
            let long = Person(user: String(repeating: "ä\u{1}\"\\\u{1f469}", count: 20_000), visits: .max)
            let made = try #require(try await sessions.create(long, as: "abc:{x}*").saved)
            #expect(try await sessions.read("abc:{x}*") == made)
        },
        StoreCase("ids that are empty, too long or hold control characters are refused", except: [.memory]) { scene in
            let absent = AbsentCache()
            let sessions = try RedisSessions<Person>(absent, tally: scene.tally)
            for id in ["", String(repeating: "a", count: 257), "a\nb", "a\u{0}", "\u{9f}"] {
                await expectInput { _ = try await sessions.read(id) }
                await expectInput { _ = try await sessions.create(ann, as: id) }
                await expectInput { _ = try await sessions.save(ann, over: 1, as: id) }
                await expectInput { _ = try await sessions.delete(id) }
            }
            for life in [Duration.zero, .seconds(-1), .microseconds(1)] {
                await expectInput { _ = try RedisSessions<Person>(absent, life: life) }
            }
            #expect(absent.asked == 0, "nothing is sent")
            #expect(scene.tally.counted(in: "session").isEmpty)
        },
        StoreCase("in an outage every call throws, and is counted", except: [.memory]) { scene in
            let sessions = try RedisSessions<Person>(AbsentCache(), tally: scene.tally)
            await #expect(throws: CacheError.refused(Refusal(.refused))) { try await sessions.read("abc") }
            await #expect(throws: CacheError.self) { try await sessions.save(ann, over: 1, as: "abc") }
            await #expect(throws: CacheError.self) { try await sessions.delete("abc") }
            #expect(scene.tally.counted(in: "session") == [.drops: 3])
        },
    ]

    /// A server in need of memory takes no new sessions, and still knows those that it has.
    @Test func whatIsThereIsReadWhereMemoryIsFull() async throws {
        let scene = try StoreScene(.installed)
        let sessions = try scene.sessions()
        let made = try #require(try await sessions.create(Self.ann, as: "abc").saved)
        try scene.servers[0].cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try scene.servers[0].cli("CONFIG", "SET", "maxmemory", "1")
        #expect(try await sessions.read("abc") == made)
        await expectRefusal(.outOfMemory) { _ = try await sessions.create(Self.ann, as: "new") }
        await expectRefusal(.outOfMemory) {
            _ = try await sessions.save(Person(user: "ann", visits: 2), over: made.version, as: "abc")
        }
        #expect(try await sessions.read("abc") == made, "nothing of it was written")
        #expect(try await sessions.delete("abc"))
        await scene.close()
    }

    /// Who may not do what a store does is told the rule that is missing; it is no outage.
    @Test(arguments: [RedisServer.Software.redis62, .installed, .valkey9])
    func aMissingRightIsNamed(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let rule = ServerHashes.rule("session:")
        try server.cli(
            ["ACL", "SETUSER", "whole", "on", ">pass", "+hello", "+client", "+ping"]
                + rule.split(separator: " ").map(String.init))
        try server.cli("ACL", "SETUSER", "bare", "on", ">pass", "~session:*", "+get", "+hello", "+client", "+ping")
        func sessions(_ user: String, _ tally: CountingTally) throws -> RedisSessions<Person> {
            let url = "redis://\(user):pass@127.0.0.1:\(server.port)"
            return try RedisSessions(
                CacheClient(CacheConfiguration(endpoint: try Endpoint(url: url), kind: .standalone)), tally: tally)
        }
        let tally = CountingTally()
        let whole = try sessions("whole", tally)
        let made = try #require(try await whole.create(Self.ann, as: "abc").saved)
        #expect(try await whole.save(Self.ann, over: made.version, as: "abc").saved != nil)
        #expect(try await whole.read("abc") != nil)
        #expect(try await whole.delete("abc"))
        let bare = try sessions("bare", tally)
        for _ in 0..<2 {
            do {
                _ = try await bare.read("abc")
                Issue.record("it was read")
            } catch {
                guard case .forbidden(let words) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(words.hasSuffix("the store needs \(rule)"), "\(words)")
            }
        }
        #expect(tally.counted(in: "session") == [.hits: 1])
    }
}
