import CacheModel
import Foundation
import Recording
import RedisValues
import Support
import Testing

@Suite struct RecordLineTests {
    static let time = WallTime(milliseconds: 1_764_061_200_123)

    static func encode(_ entry: RecordEntry) -> [UInt8] {
        RecordLine.encode(entry, time: time, monotonic: .milliseconds(5_012_345))
    }

    static func text(_ entry: RecordEntry) -> String { String(decoding: encode(entry), as: UTF8.self) }

    static let snapshots: [(name: String, snapshot: Snapshot)] = [
        ("healthy", Sample.healthy), ("busy", Sample.busy), ("surveyed", Sample.surveyed), ("counted", Sample.counted),
        ("full", Sample.full), ("unreachable", Sample.unreachable), ("replica", Sample.replica),
        ("denied", Sample.denied), ("troubled", Sample.troubled),
    ]

    static let entries: [RecordEntry] =
        snapshots.map { .snapshot($0.snapshot) }
        + snapshots.flatMap { Sample.alerts(of: $0.snapshot) }.map { .alert(RecordedAlert(.raised, $0)) }
        + Sample.looks.map { .clients($0) }
        + [Sample.estimate, Sample.giants, Sample.fullSweep, Sample.halfSweep, Sample.hostileEstimate].map {
            .namespaces($0)
        }
        + [
            .header(RecordHeader(target: "redis://***@cache-1:6379/0")),
            .header(
                RecordHeader(
                    target: "redis://cache-1:6379/3", deployment: .cluster, database: 3, interval: .milliseconds(200),
                    estimateEvery: .seconds(60), keyPrefix: "shop:", isAnonymous: true)),
            .slow(RecordedSlowlog(node: "cache-1:6379", ids: [3, 2, 1], new: Sample.busy.nodes[0].slowlog ?? [])),
            .alert(RecordedAlert(.explained, alert)),
            .action(
                RecordedAction(
                    id: "1-2-3", action: "flush", scope: "product", outcome: "done", details: ["keys": "3 \"\\\n"])),
            .mark("deploy 4711 \u{1b}[2J\u{202e}日本"), .gap(RecordedGap(since: time, why: "no space left on device")),
            .counters(Sample.counted.counters ?? CounterReport(services: [], lines: [])), .end,
        ]

    static var alert: Alert {
        var alert = Alert(
            id: .memoryHigh, level: .warning, node: "cache-1:6379", message: "91 %", value: 0.91, since: time,
            evidence: ["memory: 1.82 GiB"], culprit: Sample.culprit)
        alert.about = .namespace("reco")
        return alert
    }

    @Test func everyEntryIsReadAsItWasWritten() {
        for entry in Self.entries {
            let line = Self.encode(entry)
            #expect(line.last == 0x0a && line.count { $0 == 0x0a } == 1)
            #expect(LineHead(reading: line)?.kind == entry.kind)
            let isSame = RecordLine.decode(line) == entry
            #expect(isSame, "\(entry.kind)")
            let isClean = line.allSatisfy { $0 >= 0x20 && $0 < 0x7f || $0 == 0x0a || $0 >= 0x80 }
            #expect(isClean)
        }
    }

    /// What charts take is the same whether all of a line is read or a part; a fifth of the figures is there at least.
    @Test func chartsTakeTheSameOfAPartOfALine() throws {
        var known = 0
        for (name, snapshot) in Self.snapshots + [("hostile", Sample.hostile), ("cluster", Sample.hostileCluster)] {
            let line = Self.encode(.snapshot(snapshot))
            guard case .snapshot(let whole)? = RecordLine.decode(line, escapes: true) else {
                Issue.record("\(name)")
                continue
            }
            let nodes = try #require(RecordLine.charted(line), "\(name)")
            // NaN is not equal to itself.
            let (left, right) = (
                "\(nodes)", "\((whole.nodes + [whole.sum].compactMap { $0 }).map { ChartedNode($0) })"
            )
            #expect(left == right, "\(name)")
            known += nodes.flatMap(\.values).count { $0 != nil }
        }
        #expect(known > 100)
        for other in [Self.encode(.end), Array("{}".utf8), Array(Self.encode(.snapshot(Sample.busy)).prefix(400))] {
            #expect(RecordLine.charted(other) == nil)
        }
    }

    /// NaN is not equal to itself.
    @Test func numbersOfHostileServersAreReadAsTheyWereWritten() {
        let line = Self.encode(.snapshot(Sample.hostile))
        let again = RecordLine.decode(line).map(Self.encode)
        let isSame = again == line
        #expect(isSame)
    }

    @Test func everyLineIsJSONWithTheHeadInFront() throws {
        for entry in Self.entries + [.snapshot(Sample.hostile)] {
            let document = try JSONParser.parse(Self.encode(entry))
            guard case .object(let members) = document else { return #expect(Bool(false)) }
            #expect(members.prefix(3).map(\.name) == ["t", "m", "k"])
            #expect(document["t"]?.wholeNumber == 1_764_061_200_123)
            #expect(document["m"]?.wholeNumber == 5_012_345)
            #expect(document["k"]?.string == entry.kind.rawValue)
        }
    }

    @Test func durationsAreSecondsAndWhatIsEmptyIsLeftOut() {
        var node = NodeSnapshot(address: "a:1")
        node.roundTrip = .microseconds(412)
        node.slowlog = []
        let text = Self.text(.snapshot(Sample.snapshot(node, target: "t")))
        #expect(
            text
                == #"{"t":1764061200123,"m":5012345,"k":"snapshot","takenAt":1795357927412,"elapsed":3600,"target":"t","#
                + #""deployment":"standalone","nodes":[{"address":"a:1","slowlog":[],"roundTrip":0.000412}],"database":0}"#
                + "\n")
    }

    @Test(arguments: [
        Duration.zero, .nanoseconds(1), .seconds(86_400 * 365) + .nanoseconds(123_456_789),
        Duration(secondsComponent: 41, attosecondsComponent: 123_456_789_012_345_678), .milliseconds(-1500),
        Duration(secondsComponent: 0, attosecondsComponent: -1), .seconds(Int.max / 4),
    ])
    func durationsAreExact(_ duration: Duration) {
        var node = NodeSnapshot(address: "a:1")
        node.roundTrip = duration
        let entry = RecordEntry.snapshot(Sample.snapshot(node))
        #expect(RecordLine.decode(Self.encode(entry)) == entry)
    }

    @Test func numbersAreExact() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var node = NodeSnapshot(address: "a:1")
            node.rates = Rates()
            let bits = Double(bitPattern: generator.next())
            node.rates?.commands = bits.isNaN ? 0 : bits
            node.rates?.hits = Double(Int.random(in: 0...99_999_999)) / 1000
            node.keys = Int(truncatingIfNeeded: generator.next())
            let entry = RecordEntry.snapshot(Sample.snapshot(node))
            #expect(RecordLine.decode(Self.encode(entry)) == entry)
        }
    }

    @Test func aNewerVersionIsReadAsFarAsItIsKnown() {
        let line = #"{"t":1,"m":2,"k":"mark","who":{"name":["x",null,1e5]},"text":"hello","later":true}"#
        #expect(RecordLine.decode(Array(line.utf8)) == .mark("hello"))
        let unknown = Array(#"{"t":1,"m":2,"k":"percentiles","cells":[]}"#.utf8)
        #expect(LineHead(reading: unknown) != nil)
        #expect(RecordLine.decode(unknown) == nil)
    }

    @Test(arguments: [
        "", "{}", "{\"t\":1,\"k", "{\"t\":1,\"m\":2,\"k\":\"mark\"}", "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":5}",
        "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":\"x\"", "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":\"x\"}}",
        "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":\"x\",}", "{\"m\":1,\"t\":2,\"k\":\"mark\",\"text\":\"x\"}",
        "\0\0\0\0", "{\"t\":99999999999999999999,\"m\":2,\"k\":\"end\"}", "[1,2]",
        "{\"t\":1,\"m\":2,\"k\":\"snapshot\",\"nodes\":7}",
        "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":" + String(repeating: "[", count: 5000) + "}",
        "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":\"\\ud800\"}", "{\"t\":1,\"m\":2,\"k\":\"mark\",\"text\":\"\\",
    ])
    func whatIsNoLineIsNone(_ text: String) { #expect(RecordLine.decode(Array(text.utf8)) == nil) }

    /// Every line cut anywhere, and with any byte changed, is a line or none, and ends nothing.
    @Test func damagedLinesEndNothing() {
        var generator = SystemRandomNumberGenerator()
        for entry in Self.entries {
            let line = Self.encode(entry)
            for _ in 0..<40 {
                _ = RecordLine.decode(Array(line.prefix(Int.random(in: 0..<line.count))))
                var changed = line
                changed[Int.random(in: 0..<line.count)] = UInt8.random(in: 0...255, using: &generator)
                _ = RecordLine.decode(changed)
            }
        }
    }

    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Fixtures/schema-1.jsonl")

    /// One of each, and small.
    private static var samples: [RecordEntry] {
        let snapshots = [Sample.healthy, Sample.unreachable, Sample.replica, Sample.denied, Sample.troubled].map {
            var snapshot = $0
            (snapshot.namespaces, snapshot.clients) = (nil, nil)
            return RecordEntry.snapshot(snapshot)
        }
        let look = Sample.look([Sample.client(1, "cart-1"), Sample.client(2, "search") { $0.totalCommands = 17 }])
        let rest = entries.filter { ![.snapshot, .namespaces, .clients, .alert].contains($0.kind) }
        return snapshots + [.clients(look), .namespaces(Sample.estimate), .alert(RecordedAlert(.explained, alert))]
            + rest
    }

    /// Written by the first version; it is not written again, or earlier recordings cannot be read any more.
    @Test func aFileOfTheFirstSchemaIsRead() throws {
        if ProcessInfo.processInfo.environment["RECORD_FIXTURE"] == "1" {
            try Data(Self.samples.flatMap(Self.encode)).write(to: Self.fixture)
        }
        let bytes = Array(try Data(contentsOf: Self.fixture))
        let index = RecordIndex(of: bytes)
        #expect(index.unreadable == 0 && index.unknown == 0)
        var counts: [RecordKind: Int] = [:]
        for line in index.lines {
            let entry = try #require(RecordLine.decode(Array(bytes[line.offset..<line.offset + line.length])))
            counts[entry.kind, default: 0] += 1
            switch entry {
            case .snapshot(let snapshot):
                #expect(snapshot.target.hasPrefix("redis://") && !snapshot.nodes.isEmpty)
                #expect(snapshot.isReachable == (snapshot.nodes[0].info?.memory.used != nil))
            case .namespaces(let report): #expect(report.items.contains { $0.name == "product" && $0.keys.high > 0 })
            case .clients(let look): #expect(look.count == 2)
            case .alert(let change): #expect(!change.alert.message.isEmpty && change.alert.since.milliseconds > 0)
            case .header(let header): #expect(header.schema == 1 && header.rules.contains { $0.name == "cart" })
            case .counters(let report):
                #expect(report.lines.contains { $0.service == "search" && $0.total.hits == 5_400_000 })
            case .slow(let log): #expect(log.node == "cache-1:6379" && log.new.allSatisfy { $0.duration > .zero })
            case .action(let action): #expect(action.action == "flush" && action.details.count == 1)
            case .mark(let text): #expect(text.hasPrefix("deploy 4711"))
            case .gap(let gap): #expect(gap.since == Self.time && gap.why == "no space left on device")
            case .end: break
            }
        }
        #expect(counts[.snapshot] == 5 && counts[.header] == 2)
        #expect(Set(counts.keys) == Set(RecordKind.allCases).subtracting([.latency]))
    }
}
