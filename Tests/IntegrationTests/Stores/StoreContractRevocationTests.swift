import Support
import Testing

@testable import CacheCore

extension StoreScene {
    fileprivate func revocations(
        _ layout: RevocationLayout = .both, life: Duration = .seconds(86_400), keyPrefix: String = ""
    ) throws -> any RevocationStore {
        if let memory {
            return try MemoryRevocations(memory, layout: layout, life: life, keyPrefix: keyPrefix, tally: tally)
        }
        return try RedisRevocations(
            try #require(calls), layout: layout, life: life, keyPrefix: keyPrefix, clock: clock, tally: tally)
    }

    fileprivate func json(_ key: String) async throws -> JSONValue {
        try JSONParser.parse(Array(try #require(try await text(key)).utf8))
    }
}

/// Sections 4, 6 and 7 of the specification, revocations; and section 10.
@Suite struct StoreContractRevocationTests {
    private static let uuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    private static let user = "0a1b2c3d-0000-4000-8000-00000000000a"
    private static let guideKey = "token:blacklist:\(uuid)"
    private static let deployedKey = "blacklist:token:\(uuid)"
    private static let nobody = "00000000-0000-0000-0000-000000000000"

    private static func token(_ scene: StoreScene, _ id: String = uuid, issued: Int64 = -60) -> BearerToken {
        let now = scene.clock.now.seconds
        return BearerToken(
            id: id, user: user, type: "access", issuedAt: WallTime(seconds: now + issued),
            expiresAt: WallTime(seconds: now + 3600))
    }

    @Test(arguments: StoreGround.allCases)
    func revocations(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.records + Self.checks + Self.cutOffs + Self.others, on: ground)
    }

    private static let records: [StoreCase] = [
        StoreCase("a token is written in both layouts and their sets, until it expires") { scene in
            let store = try scene.revocations()
            let token = token(scene)
            let standing = try #require(try await store.revoke(token, reason: "stolen", address: "10.0.0.7"))
            #expect(standing.isNew && standing.unlisted == nil)
            #expect(try #require(standing.lifetime) <= .seconds(3600) && standing.lifetime! > .seconds(3590))
            let sets = ["blacklist:user:\(user)", "blacklist:type:access"]
            #expect(try scene.keys() == Set([guideKey, deployedKey] + sets))
            let due = """
                {"token_id": "\(uuid)", "user_id": "\(user)", "token_type": "access", "reason": "stolen", \
                "blacklisted_at": \(scene.clock.now.seconds), "expires_at": \(token.expiresAt!.seconds), \
                "ip_address": "10.0.0.7"}
                """
            for key in [guideKey, deployedKey] {
                #expect(try await scene.text(key) == due)
                #expect(try await scene.lasts(.seconds(3600), key))
            }
            for set in sets {
                #expect(try await scene.value(set) == .set([Array(uuid.utf8)]))
                #expect(try await scene.lasts(.seconds(3600), set))
            }
        },
        StoreCase("no member is ever missing, and only the address is null") { scene in
            let store = try scene.revocations()
            for id in ["xyz789", uuid, "a.b"] {
                try await scene.clear()
                _ = try await store.revoke(BearerToken(id: id))
                let name = TokenID.uuid(for: id)
                for (key, shown) in [("token:blacklist:\(id)", id), ("blacklist:token:\(name)", name)] {
                    let record = try await scene.json(key)
                    #expect(record["token_id"]?.string == shown && record["user_id"]?.string == nobody)
                    #expect(record["token_type"]?.string == "unknown" && record["reason"]?.string == "unknown")
                    #expect(record["blacklisted_at"]?.wholeNumber != nil && record["expires_at"]?.wholeNumber != nil)
                    if case .null = record["ip_address"] {} else { Issue.record("\(key)") }
                    #expect(record.line.split(separator: "null").count == 2)
                }
                let reference = try await scene.json("blacklist:token:\(name)")["token_ref"]?.string
                #expect(reference == (id == uuid ? nil : id))
            }
        },
        StoreCase("each layout alone writes its own, and is read by the other") { scene in
            for (layout, due) in [(RevocationLayout.documented, guideKey), (.deployed, deployedKey)] {
                try await scene.clear()
                _ = try await scene.revocations(layout).revoke(BearerToken(id: uuid), reason: "stolen")
                #expect(try scene.keys() == [due])
                for reader in RevocationLayout.allCases {
                    let verdict = try await scene.revocations(reader).check(BearerToken(id: uuid), inOutage: .open)
                    #expect(verdict == .revoked(.token("stolen")))
                }
            }
        },
        StoreCase("a token that does not say when it expires is kept for a day, or as long as is said") { scene in
            _ = try await scene.revocations(.documented).revoke(BearerToken(id: "a"))
            #expect(try await scene.lasts(.seconds(86_400), "token:blacklist:a"))
            _ = try await scene.revocations(.documented, life: .seconds(604_800)).revoke(BearerToken(id: "b"))
            #expect(try await scene.lasts(.seconds(604_800), "token:blacklist:b"))
        },
        StoreCase("a revocation only gets longer, and twice is once") { scene in
            let store = try scene.revocations(.documented)
            let now = scene.clock.now.seconds
            func revoke(_ seconds: Int64, _ reason: String) async throws -> StandingRevocation? {
                try await store.revoke(
                    BearerToken(id: uuid, expiresAt: WallTime(seconds: now + seconds)), reason: reason)
            }
            #expect(try await revoke(600, "first")?.isNew == true)
            #expect(try await revoke(60, "second")?.isNew == false)
            #expect(try await scene.json(guideKey)["reason"]?.string == "first")
            #expect(try await scene.lasts(.seconds(600), guideKey))
            #expect(try await revoke(6000, "third")?.isNew == true)
            #expect(try await scene.lasts(.seconds(6000), guideKey))
            try await scene.put("by hand", at: guideKey)
            #expect(try await revoke(6000, "fourth") == StandingRevocation(isNew: false, lifetime: nil, unlisted: nil))
            #expect(try await scene.text(guideKey) == "by hand")
        },
        StoreCase("index sets only get longer lives") { scene in
            let set = "blacklist:user:\(user)"
            try await scene.putSet(["x"], at: set, for: .seconds(604_800))
            _ = try await scene.revocations().revoke(token(scene))
            #expect(try await scene.lasts(.seconds(604_800), set))
            #expect(try await scene.value(set) == .set([Array("x".utf8), Array(uuid.utf8)]))
        },
        StoreCase("a set that is none leaves the token revoked, and says so") { scene in
            try await scene.put("text", at: "blacklist:user:\(user)", for: .seconds(60))
            let store = try scene.revocations()
            let standing = try await store.revoke(token(scene))
            #expect(standing?.isNew == true && standing?.unlisted?.refusal.kind == .wrongType)
            #expect(try await store.check(token(scene), inOutage: .open).isRefused)
            #expect(try await scene.text("blacklist:user:\(user)") == "text")
        },
        StoreCase("of a token that has expired there is nothing to revoke") { scene in
            let token = BearerToken(id: uuid, expiresAt: scene.clock.now)
            let standing = try await scene.revocations().revoke(token)
            #expect(standing == nil)
            #expect(try scene.keys().isEmpty)
        },
    ]

    private static let checks: [StoreCase] = [
        StoreCase("a token is refused from its revocation until it has expired") { scene in
            let store = try scene.revocations()
            let token = token(scene)
            #expect(try await store.check(token, inOutage: .closed) == .allowed)
            _ = try await store.revoke(token, reason: "stolen")
            #expect(try await store.check(token, inOutage: .open) == .revoked(.token("stolen")))
            #expect(try await store.check(Self.token(scene, "another"), inOutage: .closed) == .allowed)
            try scene.pass(.seconds(3601))
            #expect(try await store.check(token, inOutage: .closed) == .allowed)
            #expect(try scene.keys().isEmpty)
        },
        StoreCase("every key that is asked for counts as the server counts it") { scene in
            let store = try scene.revocations()
            _ = try await store.check(token(scene), inOutage: .open)
            #expect(scene.tally.counted(in: "token:blacklist") == [.misses: 3])
            _ = try await store.check(BearerToken(id: uuid), inOutage: .open)
            #expect(scene.tally.counted(in: "token:blacklist") == [.misses: 5])
            _ = try await store.revoke(BearerToken(id: uuid))
            _ = try await store.check(token(scene), inOutage: .open)
            #expect(scene.tally.counted(in: "token:blacklist") == [.misses: 6, .hits: 2])
        },
        StoreCase("whatever stands there revokes, whoever has written it") { scene in
            let store = try scene.revocations()
            for value in ["", "1", "null", "{}", #"{"reason":7}"#, "\u{1}", #"{"token_id":"another"}"#] {
                for key in [guideKey, deployedKey] {
                    try await scene.clear()
                    try await scene.put(value, at: key, for: .seconds(60))
                    let verdict = try await store.check(token(scene), inOutage: .open)
                    #expect(verdict == .revoked(.token(nil)), "\(value)")
                }
            }
            // Others put ids of any form into the deployed layout as they are.
            try await scene.clear()
            try await scene.put("1", at: "blacklist:token:xyz789", for: .seconds(60))
            #expect(try await store.check(BearerToken(id: "xyz789"), inOutage: .open).isRefused)
        },
        StoreCase("a UUID is the same in capital letters where the platform keeps it") { scene in
            let store = try scene.revocations()
            _ = try await store.revoke(BearerToken(id: uuid.uppercased()))
            #expect(try await store.check(BearerToken(id: uuid), inOutage: .open).isRefused)
        },
        StoreCase("a platform's token is known by what is signed, however its signature is spelt") { scene in
            let store = try scene.revocations()
            let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyIsImV4cCI6NDA3MDkwODgwMH0."
            #expect(try await store.check(bearer: "Bearer \(jwt)AAAA", inOutage: .closed) == .allowed)
            let token = try BearerToken(parsing: jwt + "AAAA")
            let standing = try await scene.revocations(life: .seconds(60)).revoke(
                BearerToken(id: token.id, user: token.user), reason: "log-out")
            #expect(standing?.isNew == true)
            for text in [jwt + "AAAA", "bearer \(jwt)AAAB", " \(jwt)\n"] {
                let verdict = try await store.check(bearer: text, inOutage: .open)
                #expect(verdict == .revoked(.token("log-out")), "\(text)")
            }
            #expect(try await scene.text("token:blacklist:\(token.id)") != nil)
            #expect(try await scene.text("blacklist:token:\(token.id)") != nil)
        },
    ]

    private static let cutOffs: [StoreCase] = [
        StoreCase("who is cut off is refused with all tokens of then, and let in with later ones") { scene in
            let store = try scene.revocations()
            let standing = try await store.cutOff(user: user)
            let now = scene.clock.now.seconds
            #expect(standing.isNew && standing.cutOff.since == WallTime(seconds: now))
            #expect(try await scene.text("blacklist:since:\(user)") == String(now))
            #expect(try await scene.lasts(.seconds(604_800), "blacklist:since:\(user)"))
            let reason = RevocationVerdict.revoked(.user(since: WallTime(seconds: now)))
            for issued in [-3600, -1, 0] as [Int64] {
                #expect(try await store.check(token(scene, issued: issued), inOutage: .open) == reason)
            }
            #expect(try await store.check(token(scene, issued: 1), inOutage: .closed) == .allowed)
            var token = token(scene)
            token.issuedAt = nil
            #expect(try await store.check(token, inOutage: .open) == reason, "one that does not say when")
            (token.user, token.issuedAt) = (user.uppercased(), WallTime(seconds: now))
            #expect(try await store.check(token, inOutage: .open) == reason, "a UUID is the same in capital letters")
            token.user = "17"
            #expect(try await store.check(token, inOutage: .closed) == .allowed)
            token.user = nil
            #expect(try await store.check(token, inOutage: .closed) == .allowed)
        },
        StoreCase("a cut-off moves to a later instant only, and its key to a longer life") { scene in
            let store = try scene.revocations()
            let key = "blacklist:since:17"
            let now = scene.clock.now.seconds
            func cutOff(_ seconds: Int64) async throws -> StandingCutOff {
                try await store.cutOff(user: "17", since: WallTime(seconds: now - seconds))
            }
            #expect(try await cutOff(100).isNew)
            for earlier in [100, 101, 1_000_000] as [Int64] {
                let standing = try await cutOff(earlier)
                #expect(!standing.isNew && standing.cutOff.since == WallTime(seconds: now - 100))
                #expect(try await scene.text(key) == String(now - 100))
            }
            try scene.pass(.seconds(100_000))
            #expect(try await cutOff(100).isNew == false)
            #expect(try await scene.lasts(.seconds(604_800), key))
            try await scene.put(String(now - 50), at: key)
            #expect(
                try await cutOff(10)
                    == StandingCutOff(
                        cutOff: CutOff(user: "17", since: WallTime(seconds: now - 10)), isNew: true, lifetime: nil))
            #expect(try await scene.rest(key) == .some(nil))
        },
        StoreCase("what is no instant cuts nobody off, and is overwritten") { scene in
            let store = try scene.revocations()
            for value in ["", "soon", "-5", "1e99", "99999999999999999999", "{}"] {
                try await scene.put(value, at: "blacklist:since:\(user)", for: .seconds(60))
                #expect(try await store.check(token(scene), inOutage: .closed) == .allowed, "\(value)")
                #expect(try await store.cutOff(user: user).isNew)
                #expect(try await store.check(token(scene), inOutage: .closed).isRefused)
                try await scene.clear()
            }
        },
        StoreCase("nobody is cut off from an instant to come") { scene in
            let store = try scene.revocations()
            await expectInput { _ = try await store.cutOff(user: "17", since: scene.clock.now.adding(.seconds(1))) }
            #expect(try scene.keys().isEmpty)
        },
    ]

    private static let others: [StoreCase] = [
        StoreCase("what stands in front of keys is the caller's") { scene in
            let store = try scene.revocations(keyPrefix: "shop:")
            _ = try await store.revoke(token(scene))
            _ = try await store.cutOff(user: user)
            #expect(try scene.keys().allSatisfy { $0.hasPrefix("shop:") })
            #expect(try await store.check(token(scene), inOutage: .open).isRefused)
            #expect(try await scene.revocations().check(token(scene), inOutage: .closed) == .allowed)
        },
        StoreCase("in an outage the caller's choice is answered, and counted", except: [.memory]) { scene in
            let absent = AbsentCache()
            let store = try RedisRevocations(absent, tally: scene.tally)
            #expect(try await store.check(token(scene), inOutage: .open) == .open)
            #expect(try await store.check(token(scene), inOutage: .closed) == .closed)
            #expect(scene.tally.counted(in: "token:blacklist") == [.drops: 2])
            await expectRefusal(.refused) { _ = try await store.revoke(token(scene)) }
            await expectRefusal(.refused) { _ = try await store.cutOff(user: "17") }
            let errors: [CacheError] = [
                .timedOut(.milliseconds(250)), .closed(midReply: true), .unknown(Refusal(.closed)), .cancelled,
                .protocolError("x"), .replyTooLarge(9),
            ]
            for error in errors {
                let store = try RedisRevocations(AbsentCache(error))
                #expect(try await store.check(token(scene), inOutage: .closed) == .closed, "\(error)")
            }
        },
        StoreCase("a lack of rights is no outage: nobody is let in for it", except: [.memory]) { scene in
            let store = try RedisRevocations(AbsentCache(.forbidden("no")), tally: scene.tally)
            await #expect(throws: CacheError.forbidden("no")) { try await store.check(token(scene), inOutage: .open) }
            #expect(scene.tally.counted(in: "token:blacklist").isEmpty)
        },
        StoreCase("what makes no sense is refused, and nothing is sent", except: [.memory]) { scene in
            let absent = AbsentCache()
            let store = try RedisRevocations(absent)
            for id in ["", "a\nb", String(repeating: "a", count: 257)] {
                await expectInput { _ = try await store.check(BearerToken(id: id), inOutage: .open) }
                await expectInput { _ = try await store.revoke(BearerToken(id: id)) }
                await expectInput { _ = try await store.cutOff(user: id) }
            }
            await expectInput { _ = try await store.revoke(BearerToken(id: "a b")) }
            await expectInput {
                _ = try await store.revoke(BearerToken(id: "a"), reason: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2ln")
            }
            await expectInput {
                _ = try await store.revoke(BearerToken(id: "a"), reason: String(repeating: "a", count: 1001))
            }
            await expectInput { _ = try await store.revoke(BearerToken(id: "a"), reason: nil, address: "") }
            await expectInput {
                _ = try await store.revoke(BearerToken(id: "a", expiresAt: WallTime(seconds: 253_402_300_799)))
            }
            for text in [
                "", "abc", "a.b", "Bearer", "Basic a.b.c", "a.b.c d.e.f", String(repeating: "a", count: 20_000),
            ] {
                await expectInput { _ = try await store.check(bearer: text, inOutage: .open) }
            }
            await expectInput { _ = try RedisRevocations(absent, life: .zero) }
            #expect(absent.asked == 0)
        },
    ]

    /// No revocation makes room for another one.
    @Test func whereMemoryIsFullNobodyIsLetInAgain() async throws {
        let clock = ManualClock()
        let store = try MemoryRevocations(
            StoreMemory(StoreMemory.Bounds(entries: 3, bytes: 10_000), clock: clock), life: .seconds(60))
        for id in ["a", "b", "c"] { _ = try await store.revoke(BearerToken(id: id)) }
        await expectRefusal(.outOfMemory) { _ = try await store.revoke(BearerToken(id: "d")) }
        await expectRefusal(.outOfMemory) { _ = try await store.cutOff(user: "17") }
        for id in ["a", "b", "c"] {
            #expect(try await store.check(BearerToken(id: id), inOutage: .open).isRefused)
        }
        clock.pass(.seconds(61))
        #expect(try await store.revoke(BearerToken(id: "d"))?.isNew == true)
    }
}
