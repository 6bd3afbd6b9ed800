import CacheModel
import Foundation

@testable import CacheWatch

/// What libFuzzer calls: the first byte chooses who reads the rest. Whatever comes, nobody may trap, and what is said of
/// it may hold no byte that a terminal obeys.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    let all = Reader.allCases
    all[Int(start.pointee) % all.count].read(bytes)
    return 0
}

/// The package manager calls the beginning of a program by this name.
@_cdecl("fuzz_main")
public func begin(
    _ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var (count, words) = (count, words)
    return runDriver(&count, &words, fuzz)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let server = HonestServer()

private enum Reader: CaseIterable {
    case resp, info, settings, token, journal, cluster, json, address, text, replies

    func read(_ bytes: [UInt8]) {
        switch self {
        case .resp: Self.resp(bytes)
        case .info: Self.info(bytes)
        case .settings: Self.settings(bytes)
        case .token: Self.token(bytes)
        case .journal: Self.journal(bytes)
        case .cluster: Self.cluster(bytes)
        case .json: if let value = try? JSONParser.parse(bytes) { Self.harmless(value.line) }
        case .address: Self.address(bytes)
        case .text: Self.text(bytes)
        case .replies:
            var replies = Replies(seed: bytes.reduce(0) { $0 &* 257 &+ UInt64($1) }, server: server)
            replies.run()
        }
    }

    /// However it is cut, the same comes out.
    private static func resp(_ bytes: [UInt8]) {
        func replies(_ step: Int) -> ([RESPValue], failed: Bool) {
            let reader = RESPReader(limits: ReplyLimits(bytes: 1 << 20, elements: 1 << 12))
            var replies: [RESPValue] = []
            do throws(CacheError) {
                for start in stride(from: 0, to: bytes.count, by: step) {
                    bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { reader.feed($0) }
                    while let reply = try reader.next() { replies.append(reply) }
                }
            } catch {
                harmless(error.description)
                return (replies, true)
            }
            return (replies, false)
        }
        let (whole, byByte) = (replies(bytes.count + 1), replies(1))
        precondition(whole.0 == byByte.0 || whole.failed || byByte.failed)
        for reply in whole.0 { look(at: reply) }
    }

    private static func look(at reply: RESPValue) {
        if let text = try? reply.text { harmless(text) }
        if let error = reply.cacheError { harmless(error.description) }
        if case .moved(_, let node?)? = Redirection(reply) { harmless(node.description) }
        _ = try? SlowlogEntry.list(reply)
        if var map = try? ClusterMap(shards: reply, host: "h", usesTLS: false) { look(at: &map) }
        if var map = try? ClusterMap(slots: reply, host: "h") { look(at: &map) }
        if let view = try? SentinelView(Array(repeating: reply, count: 5)) {
            for member in [view.primary] + view.replicas + view.sentinels { harmless(member.address) }
        }
    }

    private static func look(at map: inout ClusterMap) {
        for node in map.primaries + map.replicas { harmless(node.address + node.id + (node.health ?? "")) }
        for slot in stride(from: 0, to: KeySlot.count, by: 997) { _ = map.owner(of: slot) }
        map.rename { $0 + "x" }
    }

    private static func info(_ bytes: [UInt8]) {
        let info = InfoParser.parse(bytes)
        harmless(info.server.version ?? "")
        _ = InfoParser.commandStats(bytes)
        _ = try? NodeGuard.identity(info, address: "a")
    }

    private static func settings(_ bytes: [UInt8]) {
        // TOMLKit's own parser is C++ and takes text without NUL; ours looks before.
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(SettingsIssue) {
            let file = try ConfigurationFile(text: text, source: "f")
            harmless(file.settings.target)
        } catch { harmless(error.description) }
    }

    private static func token(_ bytes: [UInt8]) {
        do throws(TokenInput.Problem) {
            harmless(Printable.escape(try TokenInput(parsing: String(decoding: bytes, as: UTF8.self)).id))
        } catch { harmless(error.description) }
        for trouble in TokenList(parsing: String(decoding: bytes, as: UTF8.self)).troubles {
            harmless(trouble.problem.description)
        }
        _ = SecretFilter.redact(String(decoding: bytes, as: UTF8.self))
        _ = RevokedToken(value: bytes, id: "x")
    }

    private static func journal(_ bytes: [UInt8]) {
        let id = UInt64(7)
        // With a checksum that is right, so that what is behind it is reached.
        let kinds: [JournalFormat.BlockKind] = [.header, .entries, .end, .withdrawn, .settled, .answered]
        let kind = kinds[Int(bytes.first ?? 0) % kinds.count]
        let block = JournalFormat.block(kind, sequence: 1, id: id, payload: Array(bytes.dropFirst()))
        let head = Array(block.prefix(JournalFormat.frameLength))
        guard let frame = try? JournalFormat.frame(head, block: 1) else { preconditionFailure("its own frame") }
        precondition((try? JournalFormat.verify(frame, Array(bytes.dropFirst()))) != nil)
        _ = try? JournalFormat.frame(Array(bytes.prefix(JournalFormat.frameLength)), block: 1, orLater: true)
        _ = try? JournalFormat.header(frame, Array(bytes.dropFirst()))
        _ = JournalFormat.endKeys(bytes)
        _ = try? JournalFormat.withdrawn(bytes, block: 1)
        if let (time, entries) = try? JournalFormat.entries(bytes, block: 1) {
            precondition(
                JournalFormat.payload(entries, takenAt: time) == bytes || entries.contains { $0.lifetime == nil })
        }
        file(bytes)
    }

    /// A whole file, behind a head that is right.
    private static func file(_ bytes: [UInt8]) {
        let header = JournalHeader(
            id: 7, kind: .flush, scope: "s", target: "t", database: 0, runID: "r", software: "redis 7",
            startedAt: WallTime(seconds: 1))
        let head =
            JournalFormat.magic
            + JournalFormat.block(.header, sequence: 0, id: 7, payload: JournalFormat.payload(header))
        let path = "/dev/shm/cachewatch-fuzz-\(getpid())"
        _ = FileManager.default.createFile(atPath: path, contents: Data(head + bytes))
        for salvage in [false, true] {
            do throws(CacheError) {
                let checked = try JournalReader.check(path: path, salvage: salvage)
                let reader = try JournalReader(checked, newestFirst: true)
                while try reader.next() != nil {}
            } catch { harmless(error.description) }
        }
        unlink(path)
    }

    private static func cluster(_ bytes: [UInt8]) {
        var layout = SlotLayout()
        layout.record(nodes: bytes, of: "a")
        layout.record(nodes: Array(bytes.reversed()), of: "b")
        _ = layout.steps(for: layout.touched(since: SlotLayout()), since: SlotLayout())
        _ = Redirection(words: bytes[...])
        _ = KeySlot.of(bytes)
        if var map = try? ClusterMap(
            slots: .array([.array([.integer(0), .integer(9), .array([.string(bytes), .integer(1)])])]), host: "h")
        {
            map.apply(info: bytes)
            look(at: &map)
        }
        var state = SentinelState(service: "s", sentinels: ["a"])
        _ = state.apply(switchMessage: String(decoding: bytes, as: UTF8.self))
    }

    private static func address(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let endpoint = try? Endpoint(url: text) {
            harmless(endpoint.redacted)
            harmless(endpoint.name)
        }
        _ = SecretFilter.redact(text)
    }

    private static func text(_ bytes: [UInt8]) {
        harmless(Printable.escape(bytes))
        harmless(Printable.escape(bytes, limit: 7))
        for index in KeyClassifier().rules.indices { _ = KeyFilter.namespace(index, KeyClassifier()).keeps(bytes) }
        _ = KeyFilter.literal(bytes)
        let (glob, prefix) = (Glob(bytes), Glob(prefix: bytes))
        precondition(prefix.matches(bytes) && prefix.matches(bytes + bytes))
        _ = (glob.matches(bytes), glob.isOfEverything, glob.head)
        // What a key is protected by, its own prefix reaches.
        precondition(!KeyClassifier().protects(bytes) || !KeyClassifier().protectedReach(of: prefix).isEmpty)
        _ = KeyClassifier().reach(of: glob)
    }

    /// What is shown holds nothing that a terminal obeys.
    private static func harmless(_ text: String) {
        for scalar in text.unicodeScalars where !Printable.isPrintable(scalar) && scalar != "\n" {
            fatalError("U+\(String(scalar.value, radix: 16)) in \(text.debugDescription)")
        }
    }
}
