import CacheModel
import Support

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Operations on a server of a test's own, with their files in its folder.
func operations(
    _ server: RedisServer, folder: String? = nil, url: String? = nil, _ change: (inout Settings) -> Void = { _ in }
) throws -> CacheOperations {
    CacheOperations(
        settings: try settings(url ?? server.socketURL, timeout: .seconds(5), change),
        files: OperationFiles(directory: (folder ?? server.folder.path) + "/state"),
        actor: AuditLog.Actor(user: "tester", address: "192.0.2.7"))
}

extension CacheOperations {
    func plan(
        flush name: String, counts: Bool = true, acts: Bool = false, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> FlushPlan {
        try await plan(
            flush: .namespace(name), counts: counts, acts: acts, pace: pace, control: control, tell: tell)
    }

    func plan(
        repair name: String, ttl: Duration? = nil, acts: Bool = false, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> RepairPlan {
        try await plan(repair: .namespace(name), ttl: ttl, acts: acts, pace: pace, control: control, tell: tell)
    }

    /// - Returns: the journal; nil for a key that was not there.
    func delete(
        _ key: [UInt8], readmits: Bool = false, shownOn runIDs: Set<String>? = nil
    ) async throws(CacheError) -> String? {
        try await remove(key, readmits: readmits, shownOn: runIDs)?.journal
    }
}

/// Every key of a server: a digest of its value, which does not depend on the order of a set's elements, and its time to live in milliseconds, negative for none.
struct KeyspaceImage {
    struct Key: Equatable {
        var digest: [UInt8]
        var lifetime: Int64
    }

    private(set) var keys: [[UInt8]: Key] = [:]

    init(of server: RedisServer) async throws {
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        let names = try await line.pipeline([Command("SCAN", "0", "COUNT", "10000000")], deadline: .seconds(60))
        let found = try names[0].array[1].array.map { value throws in try value.bytes }
        for start in stride(from: 0, to: found.count, by: 5000) {
            let part = Array(found[start..<min(found.count, start + 5000)])
            let replies = try await line.pipeline(
                part.flatMap {
                    [
                        Command([Array("DEBUG".utf8), Array("DIGEST-VALUE".utf8), $0]),
                        Command([Array("PTTL".utf8), $0]),
                    ]
                },
                deadline: .seconds(60))
            for (index, name) in part.enumerated() {
                let lifetime = try replies[index * 2 + 1].integer
                if lifetime == -2 { continue }
                keys[name] = Key(digest: try replies[index * 2].array[0].bytes, lifetime: lifetime)
            }
        }
        await line.close()
    }

    func keys(where isMeant: ([UInt8]) -> Bool) -> [[UInt8]: Key] { keys.filter { isMeant($0.key) } }
}

extension [UInt8] {
    func begins(with text: String) -> Bool { starts(with: Array(text.utf8)) }
}

/// What `cachewatch flush session` is to remove: nothing else, and nothing less.
func isSession(_ key: [UInt8]) -> Bool { key.begins(with: "session:") || key.begins(with: "session/") }
