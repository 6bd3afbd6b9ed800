import CacheModel
import Recording
import RedisValues
import Support
import Testing

@Suite struct AnonymiserTests {
    /// What would tell who it is.
    private static let secrets = [
        "10.0.3.7", "cache-1", "cache-2", "checkout-worker", "legacy-gateway", "alice", "123e4567", "deadbeef",
        "4711-17",
        "/srv/redis", "5d0f1c2e77a94b0c9a1d3d5ee6b8f7a4c2e19b30",
    ]

    private static func snapshot() -> Snapshot {
        var snapshot = Sample.troubled
        snapshot.namespaces?.complete = true
        snapshot.namespaces?.items[0].biggest = [NotedKey(key: "product:123e4567", bytes: 70_000)]
        snapshot.namespaces?.rest.biggest = [NotedKey(key: "reco:home:deadbeef01", bytes: 70_000)]
        snapshot.nodes[0].user = "alice"
        snapshot.nodes[0].info?.unknown = ["executable": "/srv/redis/redis-server", "lru_clock": "17"]
        snapshot.nodes[0].warnings = ["asked by legacy-gateway-1 from 10.0.3.7:4711"]
        snapshot.nodes[0].slowlog = [
            SlowlogEntry(
                id: 1, at: snapshot.takenAt, duration: .milliseconds(20),
                command: ["SET", "product:123e4567", "4711-17", "EX", "60"], client: "10.0.3.7:41000",
                clientName: "legacy-gateway-1"),
            SlowlogEntry(
                id: 2, at: snapshot.takenAt, duration: .milliseconds(20), command: ["KEYS", "product:*"],
                client: "10.0.3.7:41000", clientName: "checkout-worker-3"),
        ]
        snapshot.clients = Sample.look([
            Sample.client(1, "checkout-worker-3") { $0.user = "alice" }, Sample.client(2, "cachewatch"),
            Sample.client(3, "legacy-gateway-1"), Sample.client(4, "checkout-worker-4"),
        ])
        return snapshot
    }

    private static func alert() -> Alert {
        var alert = RecordLineTests.alert
        alert.message = "legacy-gateway-1 (10.0.3.7:41000) sets product:123e4567, 91 % in 5 min."
        alert.evidence = ["newest slow query: KEYS product:*, 18 ms, checkout-worker-3", "most: checkout-worker-*, 41"]
        alert.about = .clients("checkout-worker-*")
        return alert
    }

    private static func lines(_ course: inout RecordCourse) -> [RecordEntry] {
        let alert = alert()
        return course.beginSegment() + course.note(snapshot(), [.raised(alert)], raised: [alert])
            + [
                course.note(.mark("alice asked for 10.0.3.7")),
                course.note(
                    .action(
                        RecordedAction(
                            id: "1", action: "flush", scope: "product", outcome: "done",
                            details: ["user": "alice", "keys": "17"]))),
            ]
    }

    private static func course(_ salt: [UInt8]) -> RecordCourse {
        RecordCourse(RecordHeader(target: "redis://cache-1:6379/0", isAnonymous: true), salt: salt)
    }

    @Test func nobodyIsTold() {
        var course = Self.course([1, 2, 3])
        for entry in Self.lines(&course) {
            let text = RecordLineTests.text(entry)
            for secret in Self.secrets { #expect(!text.contains(secret), "\(entry.kind) \(secret): \(text)") }
            let isRead = RecordLine.decode(Array(text.utf8)) == entry
            #expect(isRead, "\(entry.kind)")
        }
    }

    /// All that the audit tells of an act, where nobody is to be told.
    @Test func nobodyIsToldOfAnAct() {
        var course = Self.course([1, 2, 3])
        _ = Self.lines(&course)
        let secrets = ["alice", "tok-1", "4711", "10.0.3.7", "session:abc", "/home", "5d0f1c2e", "17.rdb", "checkout"]
        let details = [
            "user": "alice", "ssh_client": "10.0.3.7", "server": "redis://cache-1:6379/0", "token_ids": "tok-1, 4711",
            "run_id": "5d0f1c2e", "journal": "/home/alice/session-17.rdb", "keys": "session:abc",
            "reason": "session:abc is of alice", "words": "asked from 10.0.3.7", "removed": "17", "readmits": "false",
            "layout": "token:blacklist",
        ]
        for scope in ["session:abc", "checkout-worker-*", "session"] {
            let action = RecordedAction(id: "1", action: "flush", scope: scope, outcome: "done", details: details)
            guard case .action(let clean) = course.note(.action(action)) else { continue }
            let text = RecordLineTests.text(.action(clean))
            for secret in secrets { #expect(!text.contains(secret), "\(secret): \(text)") }
            #expect(clean.details["removed"] == "17" && clean.details["readmits"] == "false")
            #expect(clean.details["layout"] == "token:blacklist" && clean.details.count == details.count)
            #expect((clean.scope == scope) == (scope == "session"), "\(clean.scope)")
        }
    }

    private static func told(_ course: inout RecordCourse, _ alert: Alert) -> String {
        RecordLineTests.text(course.note(.alert(RecordedAlert(.raised, alert))))
    }

    /// Names are whatever clients call themselves: with what ends a word of a sentence in them, or of one letter.
    @Test func namesThatAreNoWordsAreFound() {
        let names = ["web,blue", "SRV-APP01(SE.Redis-v2.6.111)", "shop one=two", "batch.", "q"]
        var course = Self.course([1, 2, 3])
        var snapshot = Self.snapshot()
        snapshot.clients = Sample.look(names.enumerated().map { Sample.client($0.offset + 1, $0.element) })
        _ = course.note(snapshot, [], raised: [])
        var alert = RecordLineTests.alert
        alert.message = "Clients 256 of 300: 190 are web,blue"
        alert.evidence = [
            "most: web,blue 190, SRV-APP01(SE.Redis-v2.6.111) 60", "asked by shop one=two, batch.", "asked by q (7)",
        ]
        let text = Self.told(&course, alert)
        for secret in ["web,blue", "SRV", "SE.Redis", "one=two", "batch.", "by q "] {
            #expect(!text.contains(secret), "\(secret): \(text)")
        }
        #expect(text.contains("Clients 256 of 300: 190 are ") && text.contains("(7)"))
    }

    /// Of 300 machines with a library's default name the first is known as the last is, and signs are no names.
    @Test func manyOfThemAreKnownAndSignsAreNoNames() {
        let names = (100..<400).map { "SRV-APP\($0)(SE.Redis-v2.6.111)" } + [",", ".", "=", "5"]
        var course = Self.course([1, 2, 3])
        var nameless = Sample.client(900, "")
        nameless.address = "[2001:db8:1::5]:40001"
        var snapshot = Self.snapshot()
        snapshot.clients = Sample.look(
            names.enumerated().map { Sample.client($0.offset + 1, $0.element) } + [nameless])
        _ = course.note(snapshot, [], raised: [])
        var alert = RecordLineTests.alert
        alert.message = "Clients 5 of 300, in 5 min."
        alert.evidence = ["most: \(names[0]) 5, \(names[299]) 4, 2001:db8:1::5 3"]
        let text = Self.told(&course, alert)
        for secret in ["SRV", "SE.Redis", "db8"] { #expect(!text.contains(secret), "\(secret): \(text)") }
        #expect(text.contains("Clients 5 of 300, in 5 min.") && text.contains(" 5, "))
    }

    /// Who is named for an alert may never have been looked at, as where its line is the first.
    @Test func whoIsNamedIsHashedWhoeverThatIs() {
        for name in ["leakyhost-acme", "leakyhost-*", "10.0.3.7", "leakyhost,acme"] {
            var course = Self.course([1, 2, 3])
            var alert = RecordLineTests.alert
            alert.about = .clients(name)
            alert.culprit = Culprit(.clientGroup, name, nil, rise: "+265", figure: "+265 connections", of: "")
            alert.message = "Clients high: \(name) has most"
            alert.evidence = ["most: \(name) 265"]
            let text = Self.told(&course, alert)
            for secret in ["leakyhost", "acme", "10.0.3.7"] { #expect(!text.contains(secret), "\(name): \(text)") }
            #expect(text.contains("265 connections"))
        }
    }

    /// A day's connections, each from another port, and whoever comes after them.
    @Test func whoComesAfterManyOthersIsHashed() {
        var course = Self.course([1, 2, 3])
        func look(_ second: Int, _ entries: [ClientEntry]) {
            var look = Sample.look(entries)
            look.elapsed = .seconds(second * 1000)
            _ = course.note(look, isWanted: true)
        }
        for round in 0..<3 {
            look(round + 1, (0..<9000).map { number in Sample.client(number, "job-\(round)x\(number)y") })
        }
        look(9, [Sample.client(1, "latecomer")])
        var alert = RecordLineTests.alert
        alert.evidence = ["most: latecomer 265"]
        #expect(!Self.told(&course, alert).contains("latecomer"))
    }

    @Test func capitalsAreNoOptions() {
        var course = Self.course([1, 2, 3])
        var snapshot = Self.snapshot()
        snapshot.nodes[0].slowlog = [
            SlowlogEntry(
                id: 1, at: snapshot.takenAt, duration: .milliseconds(20), command: ["GET", "ALICE"], client: "",
                clientName: ""),
            SlowlogEntry(
                id: 2, at: snapshot.takenAt, duration: .milliseconds(20),
                command: ["SCAN", "0", "MATCH", "product:*", "COUNT", "9"], client: "", clientName: ""),
        ]
        let text = course.note(snapshot, [], raised: []).map(RecordLineTests.text).joined()
        #expect(!text.contains("ALICE") && text.contains("MATCH") && text.contains("COUNT"))
    }

    @Test func namespacesCommandsAndWhatGroupsHaveInCommonStay() throws {
        var course = Self.course([1, 2, 3])
        let entries = Self.lines(&course)
        let all = entries.map(RecordLineTests.text).joined()
        let words: [String] = [
            "product:", "reco:home:", "KEYS", #""product:*""#, "EX", "cachewatch", "lru_clock", "91 % in 5 min.",
            #""scope":"product""#,
        ]
        for word in words { #expect(all.contains(word), "\(word)") }
        let looks = entries.compactMap { if case .clients(let look) = $0 { look } else { nil } }
        let look = try #require(looks.first)
        let names = look.entries.values.flatMap { $0 }.map { ClientGrouping.name.label(of: $0) }
        // Two workers of one group, ourselves, and the gateway.
        #expect(Set(names).count == 3 && names.count == 4)
        let alerts = entries.compactMap { if case .alert(let change) = $0 { change.alert } else { nil } }
        let alert = try #require(alerts.first)
        guard case .clients(let group) = alert.about else { return #expect(Bool(false)) }
        #expect(names.contains(group))
        // The node is the same one everywhere.
        let nodes = entries.compactMap {
            if case .snapshot(let snapshot) = $0 { snapshot.nodes[0].address } else { nil }
        }
        #expect(nodes.first == alert.node && look.entries.keys.contains(nodes.first ?? ""))
    }

    @Test func anotherRecordingHasOtherHashes() {
        var (one, other, again) = (Self.course([1]), Self.course([2]), Self.course([1]))
        let lines = Self.lines(&one)
        #expect(lines == Self.lines(&again))
        let others = Self.lines(&other)
        #expect(lines.count == others.count)
        #expect(zip(lines, others).allSatisfy { $0 != $1 || [.end].contains($0.kind) })
    }
}
