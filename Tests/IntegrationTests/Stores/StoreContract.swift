import Support
import Testing

@testable import CacheCore

/// Where a store stands: in memory, or on a server of each software that is installed, or on a cluster.
enum StoreGround: String, CaseIterable, Sendable {
    case memory
    case redis62 = "Redis 6.2"
    case installed = "redis-server"
    case valkey9 = "Valkey 9"
    case cluster
    /// The pool that servers have, in front of one server and of a cluster.
    case pool = "a pool"
    case clusterPool = "a pool on a cluster"

    var isCluster: Bool { self == .cluster || self == .clusterPool }
    var isPool: Bool { self == .pool || self == .clusterPool }
}

/// What a store promises, as a sentence, and how that is seen.
///
/// The suites of all stores begin with `StoreContract`, so that `swift test --filter StoreContract` runs them all.
struct StoreCase: Sendable {
    let sentence: String
    /// Where it says nothing.
    let except: Set<StoreGround>
    let check: @Sendable (StoreScene) async throws -> Void

    init(
        _ sentence: String, except: Set<StoreGround> = [],
        _ check: @escaping @Sendable (StoreScene) async throws -> Void
    ) {
        (self.sentence, self.except, self.check) = (sentence, except, check)
    }
}

enum StoreContract {
    /// Tries all cases one after the other, each on empty ground, and all of them whatever becomes of one.
    static func check(
        _ cases: [StoreCase], on ground: StoreGround, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let scene = try StoreScene(ground)
        for one in cases where !one.except.contains(ground) {
            try await scene.clear()
            do {
                try await one.check(scene)
            } catch {
                Issue.record(error, "\(one.sentence), on \(ground.rawValue)", sourceLocation: sourceLocation)
            }
        }
        await scene.close()
    }

    /// What makes no sense is refused in these words.
    static func refuses(
        _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ act: () async throws -> Void
    ) async {
        do {
            try await act()
            Issue.record("it was taken, instead of: \(words)", sourceLocation: sourceLocation)
        } catch {
            #expect(error as? CacheError == .input(words), sourceLocation: sourceLocation)
        }
    }

    /// Waits for a condition without holding a thread.
    static func until(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable () async -> Bool
    ) async {
        await eventually(what, sourceLocation: sourceLocation) { await condition() }
    }
}
