import Support
import Testing

@testable import CacheModel

/// Alerts about memory say who holds it, also where it was so before anybody looked.
@Suite struct MemoryHolderTests {
    private typealias Counted = [String: (keys: Int, bytes: Int)]

    private func alert(
        _ id: Alert.ID, _ node: NodeSnapshot, _ counted: Counted = [:], _ look: ClientLook? = nil, age: Int = 0
    ) throws -> Alert {
        var engine = AlertEngine(immediate: true)
        var snapshot = Sample.snapshot(node)
        snapshot.clients = look
        snapshot.namespaces = counted.isEmpty ? nil : MadeReport.sweep(counted, at: 0)
        snapshot.elapsed = .seconds(age)
        _ = engine.evaluate(snapshot)
        return try #require(engine.raised.first { $0.id == id }, "\(engine.raised)")
    }

    private let most: Counted = ["product": (3_000, 300_000), "session": (4_000, 100_000)]

    @Test func theLargestNamespaceIsNamed() throws {
        let alert = try alert(.memoryHigh, filled(0.92), most)
        #expect(alert.message.hasSuffix("; product holds 293 KiB (75.0 %)"), "\(alert.message)")
        #expect(alert.about == .namespace("product") && alert.brief == "memory 92.0 % (product)")
        var refused = filled(0.5)
        refused.rates?.errors = ["OOM": 3]
        let refusing = try self.alert(.refusingWrites, refused, most)
        #expect(refusing.message == "Refusing writes: 3.0 OOM errors/s; product holds 293 KiB (75.0 %)")
        #expect(refusing.about == .namespace("product") && refusing.brief == "refusing writes (product)")
    }

    @Test func aPrefixIsNamedByWhatItIs() throws {
        var report = MadeReport.sweep(most, at: 0)
        var row = try #require(report["product"])
        (row.name, row.prefix, row.withoutTTL) = ("reco:home:", Array("reco:home:".utf8), row.keys)
        report.items = report.items.filter { $0.name != "product" }
        (report.rest, report.discovered, report.remainder) = (row, [row], report.rest)
        let holder = try #require(MemoryHolder(filled(0.92), report, nil, nil))
        #expect(holder.about == .prefix("reco:home:"))
        #expect(holder.words == "reco:home: holds 293 KiB (75.0 %), never expires", "\(holder.words)")
    }

    @Test func aKeyThatHoldsMuchIsNamedItself() throws {
        let report = MadeReport.sweep(most, at: 0)
        for (bytes, words) in [(200_000, "the key session:giant holds ~195 KiB (50.0 %)"), (79_999, nil)] {
            let key = NotedKey(key: "session:giant", bytes: bytes, type: .hash)
            let holder = try #require(MemoryHolder(filled(0.92), report, key, nil))
            #expect(holder.words == words ?? "product holds 293 KiB (75.0 %)", "\(holder.words)")
            #expect(holder.about == (words == nil ? .namespace("product") : .key("session:giant")))
        }
    }

    @Test(
        "nobody is named for little, for nothing in common, or by an old look",
        arguments: [
            (
                [
                    "a": (10, 1_900), "b": (10, 1_800), "c": (10, 1_700), "d": (10, 1_600), "e": (10, 1_500),
                    "f": (10, 1_900),
                ], 0
            ),
            (["token:blacklist": (24, 7_000)], 0), (["other": (3_000, 300_000), "session": (4_000, 100_000)], 0),
            ([:], 0),
            (["product": (3_000, 300_000), "session": (4_000, 100_000)], 601),
        ] as [([String: (keys: Int, bytes: Int)], Int)])
    func nobody(counted: [String: (keys: Int, bytes: Int)], age: Int) throws {
        let alert = try alert(.memoryHigh, filled(0.92), counted, age: age)
        #expect(
            alert.about == nil && alert.brief == "memory 92.0 %" && !alert.message.contains(";"), "\(alert.message)")
    }

    @Test func repliesThatNobodyReadsAreTheirReaders() throws {
        let buffered = changed {
            $0.info?.memory.maximum = ByteCount(100 << 20)
            $0.info?.memory.used = ByteCount(90 << 20)
            $0.info?.memory.clients = ByteCount(80 << 20)
        }
        let look = Sample.look(
            [Sample.client(7, "export-job") { $0.outputBuffer = 79 << 20 }, Sample.client(8, "web")])
        let alert = try alert(.memoryHigh, buffered, most, look)
        #expect(alert.message.hasSuffix("; 79.0 MiB are replies that export-job does not read"), "\(alert.message)")
        #expect(alert.about == .clients("export-job") && alert.remedy[0].contains("client-output-buffer-limit"))
        let blind = try self.alert(.memoryHigh, buffered, most)
        #expect(blind.message.hasSuffix("; 80.0 MiB are client buffers") && blind.about == nil, "\(blind.message)")
    }

    /// Of a cluster's nodes each holds other keys.
    @Test func whatSeveralPrimariesHoldIsNotOneNodes() {
        var other = filled(0.1)
        other.address = "cache-2:6379"
        var engine = AlertEngine(immediate: true)
        var snapshot = Sample.snapshot(filled(0.92))
        snapshot.nodes.append(other)
        snapshot.namespaces = MadeReport.sweep(most, at: 0)
        _ = engine.evaluate(snapshot)
        #expect(engine.raised.first { $0.id == .memoryHigh }?.about == nil)
    }
}
