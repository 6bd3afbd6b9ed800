import RedisValues
import Support
import Testing

private func parse(_ text: String) -> ServerInfo { InfoParser.parse(Array(text.utf8)) }

@Suite struct InfoParserTests {
    @Test(arguments: ["", "\r\n", ":", "::::", "#", "# Server", "no colon", "used_memory", "\n\n\r\r", ":x", "x:"])
    func oddLinesDoNoHarm(text: String) {
        let info = parse(text)
        #expect(info.memory.used == nil && info.server.version == nil)
    }

    @Test(arguments: ["12a", "", "-", "1e3", "0x10", "99999999999999999999", " 1", "1 ", "+5", "١"])
    func whatIsNoIntegerIsUnknownAndNotZero(value: String) {
        #expect(parse("used_memory:\(value)\r\n").memory.used == nil)
    }

    @Test func integersReachBothEnds() {
        #expect(parse("used_memory:9223372036854775807").memory.used?.bytes == .max)
        #expect(parse("used_memory:9223372036854775808").memory.used == nil)
        #expect(parse("used_memory:-5").memory.used?.bytes == -5)
    }

    @Test(arguments: ["nan", "inf", "-inf", "1e400", "x"]) func whatIsNoFiniteNumberIsUnknown(value: String) {
        #expect(parse("mem_fragmentation_ratio:\(value)").memory.fragmentationRatio == nil)
    }

    @Test func lineEndsOfEveryKindAreAccepted() {
        for end in ["\r\n", "\n", "\r"] {
            let info = parse("used_memory:1\(end)maxmemory:2\(end)")
            #expect(info.memory.used == 1 && info.memory.maximum == 2)
        }
    }

    @Test func theLastOfTwoEqualFieldsWins() {
        #expect(parse("used_memory:1\nused_memory:2\n").memory.used == 2)
    }

    @Test func unknownFieldsAreKeptEscaped() {
        let info = parse("new_\u{1b}field:a\u{1b}[31m:b\n")
        #expect(info.unknown == ["new_\\x1bfield": "a\\x1b[31m:b"])
    }

    @Test func unknownFieldsAreBounded() {
        let info = parse((0..<5_000).map { "field_\($0):1\n" }.joined())
        #expect(info.unknown.count == 1_024)
    }

    @Test func valkeyShowsItsOwnVersion() {
        let server = parse("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:9.1.2\n").server
        #expect(server.software == .valkey && server.version == "9.1.2")
    }

    @Test func otherServersAreNotCalledRedis() {
        #expect(parse("redis_version:7.2.4\nserver_name:garnet\n").server.software == .other)
    }

    @Test func addressesOfVersionSixAreBracketed() {
        let info = parse("role:master\nslave0:ip=2001:db8::1,port=6379,state=online,offset=1,lag=0\n")
        #expect(info.replication.replicas.first?.address == "[2001:db8::1]:6379")
    }

    /// `redis-cli --rdb` and `--replica`, tools that follow the stream, and the second connection of a replica that
    /// synchronises all send SYNC or PSYNC; the server counts them as replicas.
    @Test func whoeverCopiesTheDatasetIsNoReplica() {
        let info = parse(
            "role:master\nconnected_slaves:5\nslave0:ip=10.0.0.9,port=0,state=wait_bgsave,offset=0,lag=0\n"
                + "slave1:ip=10.0.0.6,port=6379,state=online,offset=1,lag=0\n"
                + "slave2:ip=10.0.0.7,port=6379,state=online,offset=1,lag=0,type=replica\n"
                + "slave3:ip=10.0.0.8,port=6379,state=bg_transfer,offset=1,lag=0,type=main-channel\n"
                + "slave4:ip=10.0.0.8,port=6379,state=send_bulk,offset=1,lag=0,type=rdb-channel\n")
        #expect(info.replication.replicas.map(\.address) == ["10.0.0.6:6379", "10.0.0.7:6379", "10.0.0.8:6379"])
        #expect(info.replication.connectedReplicas == 3)
    }

    @Test(arguments: ["slave0:", "slave0:ip=1.2.3.4", "slavex:ip=1,port=2", "dbx:keys=1", "db0:", "db-1:keys=5"])
    func damagedListsAreKeptAsText(line: String) {
        let info = parse(line)
        #expect(info.replication.replicas.isEmpty && info.keyspace.isEmpty && info.unknown.count == 1)
    }

    @Test func loadingComesWithItsProgress() {
        let persistence = parse("loading:1\nloading_loaded_perc:41.20\nloading_eta_seconds:12\n").persistence
        #expect(persistence.loading == true && persistence.loadingPercent == 41.2 && persistence.loadingETA == 12)
    }

    @Test func failuresOfPersistenceAreSeen() {
        let persistence = parse("rdb_last_bgsave_status:err\naof_enabled:1\naof_last_write_status:err\n").persistence
        #expect(persistence.lastSaveSucceeded == false && persistence.lastAppendWriteSucceeded == false)
        #expect(parse("").persistence.lastSaveSucceeded == nil)
    }

    @Test func commandStatisticsWithoutFiguresAreLeftOut() {
        let text =
            "cmdstat_get:calls=2,usec=9,usec_per_call=4.5\ncmdstat_bad:calls=x\nother:1\ncmdstat_\u{7}:calls=1,usec=1\n"
        let stats = InfoParser.commandStats(Array(text.utf8))
        #expect(stats["get"] == CommandStats(calls: 2, time: .microseconds(9)))
        #expect(Set(stats.keys) == ["get", "\\x07"])
    }

    @Test func anyBytesAtAllAreSurvived() throws {
        let real = try Fixture.info("valkey-9-primary")
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var bytes = real
            for _ in 0..<20 {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let info = InfoParser.parse(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))))
            #expect(info.unknown.allSatisfy { $0.value.unicodeScalars.allSatisfy(Printable.isPrintable) })
        }
    }
}

/// What INFO leaves out, or says without having measured it.
@Suite struct InfoGapTests {
    /// A server that has measured no mean says 0, others -1.
    @Test(arguments: ["0", "-1", "x", ""]) func meanTTLThatWasNotMeasuredIsNotKnown(value: String) {
        let info = InfoParser.parse(Array("db0:keys=3,expires=2,avg_ttl=\(value)\r\n".utf8))
        #expect(info.keyspace[0]?.expires == 2 && info.keyspace[0]?.averageTTL == nil)
    }

    @Test func databasesAreEmptyOnlyWhereTheServerTellsOfThem() {
        #expect(!InfoParser.parse(Array("# Server\r\nredis_version:7.0.15\r\n".utf8)).tellsKeyspace)
        #expect(InfoParser.parse(Array("# Keyspace\r\n".utf8)).tellsKeyspace)
        #expect(InfoParser.parse(Array("db0:keys=3\r\n".utf8)).tellsKeyspace)
    }

    @Test func infoWithoutAnyFieldThatIsKnownIsBlank() {
        for text in ["", "# Server\r\n", "# Keyspace\r\n", "foo:bar\r\n", "used_memory:many\r\n"] {
            #expect(InfoParser.parse(Array(text.utf8)).isBlank, "\(text)")
        }
        #expect(!InfoParser.parse(Array("used_memory:1\r\n".utf8)).isBlank)
    }
}
