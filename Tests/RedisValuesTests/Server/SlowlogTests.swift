import RedisValues
import Testing

private func entry(_ words: [String], extra: [RESPValue] = []) -> RESPValue {
    .array(
        [.integer(7), .integer(1_795_357_918), .integer(18_200), .array(words.map { .string(Array($0.utf8)) })] + extra)
}

@Suite struct SlowlogTests {
    @Test func sixFieldsAreRead() throws {
        let reply = entry(
            ["KEYS", "product:*"], extra: [.string(Array("10.0.3.7:51234".utf8)), .string(Array("shop".utf8))])
        #expect(
            try SlowlogEntry(reply)
                == SlowlogEntry(
                    id: 7, at: WallTime(seconds: 1_795_357_918), duration: .microseconds(18_200),
                    command: ["KEYS", "product:*"], client: "10.0.3.7:51234", clientName: "shop"))
    }

    @Test func fourFieldsOfOldServersAreRead() throws {
        let slow = try SlowlogEntry(entry(["GET", "a"]))
        #expect(slow.client.isEmpty && slow.clientName.isEmpty && slow.command == ["GET", "a"])
    }

    @Test func argumentsAreEscaped() throws {
        #expect(try SlowlogEntry(entry(["GET", "a\u{1b}[2Jb"])).command == ["GET", "a\\x1b[2Jb"])
    }

    @Test(arguments: [
        RESPValue.null, .integer(1), .array([]), .array([.integer(1), .integer(2), .integer(3)]),
        .array([.string([0x78]), .integer(1), .integer(1), .array([])]),
        .array([.integer(1), .integer(1), .null, .array([])]),
        .array([.integer(1), .integer(1), .integer(1), .string([])]),
    ]) func otherShapesAreRefused(reply: RESPValue) {
        #expect(throws: RESPShapeError.self) { try SlowlogEntry(reply) }
    }

    @Test func aDamagedEntryDoesNotHideTheOthers() throws {
        let list = try SlowlogEntry.list(.array([entry(["A"]), .null, entry(["B"])]))
        #expect(list.map(\.command) == [["A"], ["B"]])
        #expect(throws: RESPShapeError(expected: "an array", found: "nil")) { try SlowlogEntry.list(.null) }
    }

    private func logged(_ id: Int64, _ words: String, _ client: String, _ name: String = "") -> RESPValue {
        func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }
        return .array([
            .integer(id), .integer(1_795_357_918), .integer(900),
            .array(words.split(separator: " ").map { text("\($0)") }),
            text(client), text(name),
        ])
    }

    /// Redis 7 logs what a script calls before the script, of a client that it makes up.
    @Test func whatAScriptCallsIsOfItsClient() throws {
        let list = try SlowlogEntry.list(
            .array([
                logged(9, "EVALSHA_RO 2b64 0", "10.0.3.7:51234", "cachewatch"), logged(8, "MEMORY USAGE a", "?:0"),
                logged(7, "SCAN 0", "?:0"), logged(6, "fcall sum 0", "10.0.3.8:51234", "shop-1"),
                logged(5, "KEYS *", "?:0"),
                logged(4, "GET a", "10.0.3.9:51234", "cart-1"), logged(3, "KEYS *", "?:0"),
                logged(2, "EVAL x 0", "10.0.3.9:51234"), logged(1, "KEYS *", "?:0"),
            ]))
        #expect(
            list.map(\.clientName)
                == ["cachewatch", "cachewatch", "cachewatch", "shop-1", "shop-1", "cart-1", "", "", ""],
            "\(list.map(\.clientName))")
        #expect(list.map(\.isOfScript) == [false, true, true, false, true, false, false, false, true])
        #expect(list.prefix(3).allSatisfy(\.isOwn) && list.dropFirst(3).allSatisfy { !$0.isOwn })
    }

    @Test func whatMayBeOfAnotherScriptIsNobodys() throws {
        let list = try SlowlogEntry.list(
            .array([
                logged(9, "EVAL x 0", "10.0.3.7:51234", "cachewatch"), logged(7, "KEYS *", "?:0"),
                logged(.max, "KEYS *", "?:0"), logged(.min, "KEYS *", "?:0"),
            ]))
        #expect(list.map(\.clientName) == ["cachewatch", "", "", ""])
        #expect(list.allSatisfy { !$0.isOfScript })
        // A client that has gone before its command was logged has no address either, and its own name.
        let gone = try SlowlogEntry.list(
            .array([logged(9, "EVAL x 0", "10.0.3.7:51234", "cachewatch"), logged(8, "KEYS *", "?:0", "shop-1")]))
        #expect(gone.map(\.clientName) == ["cachewatch", "shop-1"] && gone[1].script == nil)
    }

    @Test func hostileNumbersDoNotTrap() throws {
        let slow = try SlowlogEntry(
            .array([.integer(.min), .integer(.max), .integer(.min), .array([])]))
        #expect(slow.at == WallTime(milliseconds: .max) && slow.duration == .zero && slow.id == .min)
    }

    @Test func secretsInTheLogAreMasked() throws {
        #expect(try SlowlogEntry(entry(["auth", "shop", "hunter2"])).command == ["auth", "***", "***"])
    }
}

@Suite struct CommandRedactionTests {
    @Test(arguments: [
        ("AUTH hunter2", "AUTH ***"),
        ("HELLO 3 AUTH shop hunter2 SETNAME web", "HELLO 3 AUTH *** *** SETNAME web"),
        ("hello 2 auth shop hunter2", "hello 2 auth *** ***"),
        ("CONFIG SET requirepass hunter2", "CONFIG SET requirepass ***"),
        ("config set maxmemory 1 masterauth hunter2", "config set maxmemory 1 masterauth ***"),
        ("CONFIG SET tls-key-file-pass x maxmemory 5", "CONFIG SET tls-key-file-pass *** maxmemory 5"),
        ("CONFIG GET requirepass", "CONFIG GET requirepass"),
        ("ACL SETUSER shop on >hunter2 #aa ~* +get", "ACL SETUSER shop on *** *** ~* +get"),
        ("MIGRATE h 6379 k 0 1 AUTH hunter2", "MIGRATE h 6379 k 0 1 AUTH ***"),
        ("MIGRATE h 6379 k 0 1 AUTH2 shop hunter2", "MIGRATE h 6379 k 0 1 AUTH2 *** ***"),
        ("SENTINEL SET mymaster auth-pass hunter2", "SENTINEL SET mymaster auth-pass ***"),
        ("GET auth", "GET auth"), ("SET product:1 >x", "SET product:1 >x"), ("CONFIG SET", "CONFIG SET"), ("", ""),
    ]) func onlySecretsAreMasked(command: String, expected: String) {
        let words = command.split(separator: " ").map(String.init)
        #expect(CommandRedaction.redact(words).joined(separator: " ") == expected)
    }
}
