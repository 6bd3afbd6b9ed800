import Support
import Testing

@testable import CacheCore

extension StoreScene {
    fileprivate func sockets(
        _ layout: StoreLayout = .guide, life: Duration = .seconds(7200)
    ) throws -> any WebSocketStore {
        if let memory { return try MemoryWebSockets(memory, layout: layout, life: life, tally: tally) }
        return try RedisWebSockets(try #require(calls), layout: layout, life: life, clock: clock, tally: tally)
    }
}

/// Sections 4 and 7 of the specification, WebSocket sessions; and section 10.
@Suite struct StoreContractWebSocketTests {
    private static let id = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    private static let user = "0a1b2c3d-0000-4000-8000-00000000000a"
    private static let guideKey = "ws:session:\(id)"
    private static let deployedKey = "ws:session/\(id)"
    private static let userSet = "ws:session/user:\(user)/sessions"
    private static let addressSet = "ws:session/ip:10.0.0.7/sessions"

    private static func session(
        _ scene: StoreScene, _ id: String = Self.id, user: String? = Self.user
    ) -> WebSocketSession {
        WebSocketSession(
            connectionID: id, userID: user, clientIP: "10.0.0.7",
            connectedAt: WallTime(seconds: scene.clock.now.seconds), isAuthenticated: user != nil,
            subscriptions: ["orders"], metadata: ["agent": "app"])
    }

    @Test(arguments: StoreGround.allCases)
    func sockets(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.records + Self.lives + Self.sets + Self.others, on: ground)
    }

    private static let records: [StoreCase] = [
        StoreCase("a connection is JSON with all members, times in Unix seconds, for two hours") { scene in
            let sockets = try scene.sockets()
            let session = session(scene)
            #expect(try await sockets.open(session) == session)
            #expect(try scene.keys() == [guideKey])
            #expect(try await scene.lasts(.seconds(7200), guideKey))
            let now = session.connectedAt!.seconds
            let due = """
                {"connection_id": "\(id)", "user_id": "\(user)", "client_ip": "10.0.0.7", "connected_at": \(now), \
                "last_activity": \(now), "is_authenticated": true, "subscriptions": ["orders"], \
                "metadata": {"agent": "app"}, "version": 1}
                """
            #expect(try await scene.text(guideKey) == due)
            #expect(try await sockets.session(id) == session)
            #expect(scene.tally.counted(in: "ws:session") == [.hits: 1])
        },
        StoreCase("of what is not known only the user is null") { scene in
            var session = session(scene, user: nil)
            (session.clientIP, session.connectedAt, session.lastActivity) = (nil, nil, nil)
            (session.subscriptions, session.metadata) = ([], [:])
            _ = try await scene.sockets().open(session)
            let now = scene.clock.now.seconds
            let due = """
                {"connection_id": "\(id)", "user_id": null, "client_ip": "unknown", "connected_at": \(now), \
                "last_activity": \(now), "is_authenticated": false, "subscriptions": [], "metadata": {}, "version": 1}
                """
            #expect(try await scene.text(guideKey) == due)
        },
        StoreCase("the deployed layout has UUIDs in lower case, and sets by user and address") { scene in
            let session = session(scene, id.uppercased(), user: user.uppercased())
            let kept = try await scene.sockets(.deployed).open(session)
            #expect(kept.connectionID == id && kept.userID == user)
            #expect(try scene.keys() == [deployedKey, userSet, addressSet])
            let members = MemoryValue.set([Array(id.utf8)])
            for set in [userSet, addressSet] { #expect(try await scene.value(set) == members) }
            #expect(try await scene.text(deployedKey)?.contains(#""user_id": "\#(user)""#) == true)
            for key in [deployedKey, userSet, addressSet] { #expect(try await scene.lasts(.seconds(7200), key)) }
        },
        StoreCase("each layout reads what the other has written, and writes where it has read") { scene in
            for (writer, reader, key) in [
                (StoreLayout.guide, StoreLayout.deployed, guideKey), (.deployed, .guide, deployedKey),
            ] {
                try await scene.clear()
                _ = try await scene.sockets(writer).open(session(scene))
                let other = try scene.sockets(reader)
                #expect(try await other.session(id)?.userID == user)
                scene.clock.pass(.seconds(5))
                let beaten = try #require(try await other.heartbeat(id))
                #expect(try await scene.sockets(writer).session(id) == beaten)
                #expect(try scene.keys().contains(key))
                #expect(try await other.close(id.uppercased()))
                #expect(try scene.keys().isEmpty)
            }
        },
        StoreCase("records of the platform are read, and what is not known there stays as it was") { scene in
            let record = """
                {"connection_id":"\(id)","user_id":null,"client_ip":"::1","connected_at":1700000000,\
                "last_activity":1700000001.5,"is_authenticated":false,"subscriptions":["a",7],\
                "metadata":{"n":12345678901234567890,"s":"x","o":{"last_activity":5}},"version":41,"extra":[1.50]}
                """
            try await scene.put(record, at: deployedKey, for: .seconds(14_400))
            let sockets = try scene.sockets(.deployed)
            let read = try #require(try await sockets.session(id))
            #expect(read.userID == nil && read.clientIP == "::1" && read.version == 41 && !read.isAuthenticated)
            #expect(read.connectedAt == WallTime(seconds: 1_700_000_000))
            #expect(read.lastActivity == WallTime(seconds: 1_700_000_001))
            #expect(read.subscriptions == ["a"])
            #expect(read.metadata == ["n": "12345678901234567890", "s": "x", "o": #"{"last_activity": 5}"#])
            _ = try await sockets.heartbeat(id)
            let due = """
                {"connection_id": "\(id)", "user_id": null, "client_ip": "::1", "connected_at": 1700000000, \
                "last_activity": \(scene.clock.now.seconds), "is_authenticated": false, "subscriptions": ["a", 7], \
                "metadata": {"n": 12345678901234567890, "s": "x", "o": {"last_activity": 5}}, "version": 42, \
                "extra": [1.50]}
                """
            #expect(try await scene.text(deployedKey) == due)
            #expect(try await scene.lasts(.seconds(14_400), deployedKey), "a longer life stays")
        },
        StoreCase("what is missing in a record is not known") { scene in
            try await scene.put("{}", at: guideKey, for: .seconds(60))
            let read = try #require(try await scene.sockets().session(id))
            #expect(read.connectionID == id && read.clientIP == nil && read.connectedAt == nil && read.version == 0)
            // What is written anew has every member.
            let beaten = try #require(try await scene.sockets().heartbeat(id))
            #expect(beaten.version == 1 && beaten.connectedAt != nil)
            let text = try #require(try await scene.text(guideKey))
            #expect(!text.replacing(#""user_id": null"#, with: "").contains("null"))
        },
    ]

    private static let lives: [StoreCase] = [
        StoreCase("a heartbeat is another life, and says when it was") { scene in
            for layout in StoreLayout.allCases {
                try await scene.clear()
                let sockets = try scene.sockets(layout)
                let opened = try await sockets.open(session(scene))
                try scene.pass(.seconds(7000))
                let beaten = try #require(try await sockets.heartbeat(id))
                #expect(beaten.lastActivity == opened.lastActivity?.adding(.seconds(7000)) || beaten.version == 2)
                #expect(beaten.connectedAt == opened.connectedAt && beaten.version == 2)
                try scene.pass(.seconds(7000))
                #expect(try await sockets.session(id) != nil)
                if layout == .deployed { #expect(try await sockets.sessions(ofUser: user).count == 1) }
                try scene.pass(.seconds(300))
                #expect(try await sockets.session(id) == nil)
                #expect(try await sockets.heartbeat(id) == nil, "what is gone stays so")
            }
        },
        StoreCase("reading is no use: a connection that sends nothing ends") { scene in
            let sockets = try scene.sockets(life: .seconds(14_400))
            _ = try await sockets.open(session(scene))
            try scene.pass(.seconds(14_000))
            #expect(try await sockets.session(id) != nil)
            try scene.pass(.seconds(401))
            #expect(try await sockets.session(id) == nil)
        },
        StoreCase("a change is the next version, and of many at once none is lost") { scene in
            let sockets = try scene.sockets()
            _ = try await sockets.open(session(scene))
            let changed = try await sockets.update(id) {
                $0.subscriptions.append("stock")
                $0.connectionID = "another"
            }
            #expect(changed?.subscriptions == ["orders", "stock"] && changed?.version == 2)
            #expect(changed?.connectionID == id)
            #expect(try await sockets.session(id) == changed)
            await withTaskGroup { group in
                for number in 0..<3 {
                    group.addTask { _ = try? await sockets.update(id) { $0.metadata["n\(number)"] = "x" } }
                }
            }
            #expect(try await sockets.session(id)?.metadata.count == 4)
        },
        StoreCase("who logs in is listed from then on, and who logs out is not") { scene in
            let sockets = try scene.sockets(.deployed)
            _ = try await sockets.open(session(scene, user: nil))
            #expect(try await sockets.sessions(ofUser: user).isEmpty)
            let seen = try await sockets.update(id) { $0.userID = user.uppercased() }
            #expect(seen?.userID == user)
            #expect(try await sockets.sessions(ofUser: user) == [try #require(seen)])
            _ = try await sockets.update(id) { $0.userID = nil }
            #expect(try await sockets.sessions(ofUser: user).isEmpty)
            #expect(try scene.keys() == [deployedKey, addressSet])
        },
        StoreCase("a connection that has ended is known nowhere") { scene in
            for layout in StoreLayout.allCases {
                let sockets = try scene.sockets(layout)
                _ = try await sockets.open(session(scene))
                #expect(try await sockets.close(id))
                #expect(try await sockets.session(id) == nil)
                #expect(try await sockets.close(id) == false)
                #expect(try scene.keys().isEmpty)
            }
        },
    ]

    private static let sets: [StoreCase] = [
        StoreCase("a user's connections are listed, the oldest first, and so are those from an address") { scene in
            let sockets = try scene.sockets(.deployed)
            let ids = (0..<5).map { "f47ac10b-58cc-4372-a567-0e02b2c3d47\(9 - $0)" }
            for id in ids {
                _ = try await sockets.open(session(scene, id))
                scene.clock.pass(.seconds(1))
            }
            #expect(try await sockets.sessions(ofUser: user.uppercased()).map(\.connectionID) == ids)
            #expect(try await sockets.sessions(fromIP: "10.0.0.7").map(\.connectionID) == ids)
            #expect(try await sockets.sessions(fromIP: "10.0.0.8").isEmpty)
            #expect(try await scene.sockets(.guide).sessions(ofUser: user).count == 5)
        },
        StoreCase("an index set only gets a longer life") { scene in
            try await scene.putSet(["x"], at: userSet, for: .seconds(14_400))
            try await scene.putSet(["x"], at: addressSet)
            let sockets = try scene.sockets(.deployed)
            _ = try await sockets.open(session(scene))
            _ = try await sockets.heartbeat(id)
            #expect(try await scene.lasts(.seconds(14_400), userSet))
            #expect(try await scene.rest(addressSet) == .some(nil), "one that stays for good does so")
            try await scene.clear()
            try await scene.putSet(["x"], at: userSet, for: .seconds(60))
            _ = try await sockets.open(session(scene))
            #expect(try await scene.lasts(.seconds(7200), userSet))
        },
        StoreCase("who has ended without a word is taken off the list, and what cannot be read is not") { scene in
            let sockets = try scene.sockets(.deployed)
            _ = try await sockets.open(session(scene))
            let (ended, odd) = ("f47ac10b-58cc-4372-a567-0e02b2c3d470", "f47ac10b-58cc-4372-a567-0e02b2c3d471")
            try await scene.putSet([ended, odd, id], at: userSet, for: .seconds(60))
            try await scene.put("[]", at: "ws:session/\(odd)", for: .seconds(60))
            #expect(try await sockets.sessions(ofUser: user).map(\.connectionID) == [id])
            #expect(try await scene.value(userSet) == .set([Array(odd.utf8), Array(id.utf8)]))
        },
        StoreCase("a thousand connections of one address are listed") { scene in
            let sockets = try scene.sockets(.deployed)
            let ids = (0..<1000).map { "f47ac10b-58cc-4372-a567-0e02b2c3d" + String(1000 + $0).suffix(3) }
            try await scene.putSet(ids, at: addressSet)
            _ = try await sockets.open(session(scene, ids[500]))
            #expect(try await sockets.sessions(fromIP: "10.0.0.7").map(\.connectionID) == [ids[500]])
            #expect(try await scene.value(addressSet) == .set([Array(ids[500].utf8)]))
        },
    ]

    private static let others: [StoreCase] = [
        StoreCase("ids that are no UUIDs stand in the guide's layout, and are refused in the deployed one") { scene in
            let sockets = try scene.sockets()
            let session = session(scene, "c-1", user: "17")
            #expect(try await sockets.open(session) == session)
            #expect(try scene.keys() == ["ws:session:c-1"])
            #expect(try await scene.sockets(.deployed).session("c-1") == session)
            try await scene.clear()
            let deployed = try scene.sockets(.deployed)
            await expectInput { _ = try await deployed.open(session) }
            await expectInput { _ = try await deployed.open(Self.session(scene, user: "17")) }
            #expect(try scene.keys().isEmpty)
        },
        StoreCase("what does not decode, or is of another type, is a miss and stays") { scene in
            let sockets = try scene.sockets()
            for value in ["", "[]", "7", "{", "\u{fffd}"] {
                try await scene.put(value, at: guideKey, for: .seconds(60))
                #expect(try await sockets.session(id) == nil, "\(value)")
                #expect(try await sockets.heartbeat(id) == nil, "\(value)")
                #expect(try await scene.text(guideKey) == value)
            }
            try await scene.clear()
            try await scene.putHash(["a": "b"], at: guideKey, for: .seconds(60))
            #expect(try await sockets.session(id) == nil)
            #expect(try await sockets.heartbeat(id) == nil)
            #expect(try await scene.lasts(.seconds(60), guideKey))
            try await scene.put("text", at: userSet, for: .seconds(60))
            #expect(try await sockets.sessions(ofUser: user).isEmpty)
        },
        StoreCase("ids that make no sense are refused, and nothing is sent", except: [.memory]) { scene in
            let absent = AbsentCache()
            let sockets = try RedisWebSockets(absent)
            for id in ["", "a\u{7f}", String(repeating: "a", count: 257)] {
                await expectInput { _ = try await sockets.open(Self.session(scene, id)) }
                await expectInput { _ = try await sockets.open(Self.session(scene, user: id)) }
                await expectInput { _ = try await sockets.session(id) }
                await expectInput { _ = try await sockets.heartbeat(id) }
                await expectInput { _ = try await sockets.close(id) }
                await expectInput { _ = try await sockets.sessions(ofUser: id) }
                await expectInput { _ = try await sockets.sessions(fromIP: id) }
            }
            await expectInput { _ = try RedisWebSockets(absent, life: .zero) }
            #expect(absent.asked == 0)
        },
        StoreCase("in an outage every call throws, and is counted", except: [.memory]) { scene in
            let sockets = try RedisWebSockets(AbsentCache(), tally: scene.tally)
            await expectRefusal(.refused) { _ = try await sockets.heartbeat(id) }
            await expectRefusal(.refused) { _ = try await sockets.open(Self.session(scene)) }
            #expect(scene.tally.counted(in: "ws:session") == [.drops: 2])
        },
    ]
}
