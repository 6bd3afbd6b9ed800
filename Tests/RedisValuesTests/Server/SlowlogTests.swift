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
