import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What the audit says of how something ended.
@Suite struct PermitTests {
    private struct Place {
        let folder: TemporaryFolder
        let checked: CheckedAction

        init() throws {
            folder = try TemporaryFolder()
            let deployment = CacheConfiguration(endpoint: try Endpoint(url: "redis://nowhere.invalid")).deployment
            let audit = AuditLog(
                path: folder.path + "/audit", actor: AuditLog.Actor(user: "tester"), target: deployment.target)
            let guardian = Guard(deployment: deployment, isSwitchedOff: false, audit: audit) {
                _ throws(CacheError) in throw .cancelled
            }
            checked = CheckedAction(
                guardian: guardian, action: .delete(readmits: false), scope: .journal("k"), nodes: [], answers: [])
        }

        func lines() throws -> [[String: Any]] {
            try String(contentsOfFile: folder.path + "/audit", encoding: .utf8).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }

        func outcomes() throws -> [String] { try lines().compactMap { $0["outcome"] as? String } }
    }

    @Test func whatWasReturnedIsTheEnd() async throws {
        let place = try Place()
        let value = try await place.checked.perform([("journal", .string("j"))]) { _ throws(CacheError) in
            Ended(7, .stopped, [("removed", .integer(3))])
        }
        #expect(value == 7)
        let lines = try place.lines()
        #expect(try place.outcomes() == ["begun", "stopped"])
        #expect(lines[0]["journal"] as? String == "j" && lines[1]["removed"] as? Int == 3)
        #expect(lines[0]["id"] as? String == lines[1]["id"] as? String)
    }

    /// What may have been done is not denied, and what may have been done in part is not called nothing.
    @Test func whatIsThrownEndsItByWhatWasSent() async throws {
        let lost: [CacheError] = [.closed(midReply: false), .timedOut(.seconds(1)), .cancelled]
        let all = lost + [.refused(Refusal(.outOfMemory)), .file(path: "p", "is full"), .forbidden("no")]
        for error in all {
            let nothing = try Place()
            await #expect(throws: error) {
                try await nothing.checked.perform { _ throws(CacheError) -> Ended<Int> in throw error }
            }
            #expect(try nothing.outcomes() == ["begun", "not done"], "\(error)")
            let unanswered = try Place()
            await #expect {
                try await unanswered.checked.perform { permit throws(CacheError) -> Ended<Int> in
                    permit.token.sends()
                    throw error
                }
            } throws: { thrown in
                // It is no refusal: whoever asks for the status of a failure is told that this is open.
                guard case .unknown? = thrown as? CacheError else { return false }
                return "\(thrown)".contains("delete was sent, and nobody knows whether it was done")
            }
            #expect(try unanswered.outcomes() == ["begun", "unknown"], "\(error)")
            let part = try Place()
            await #expect(throws: error) {
                try await part.checked.perform { permit throws(CacheError) -> Ended<Int> in
                    permit.token.sends()
                    permit.token.isAnswered(isDone: true)
                    throw error
                }
            }
            #expect(try part.outcomes() == ["begun", "stopped"], "\(error)")
            let denied = try Place()
            await #expect(throws: error) {
                try await denied.checked.perform { permit throws(CacheError) -> Ended<Int> in
                    permit.token.sends()
                    permit.token.isAnswered(isDone: false)
                    throw error
                }
            }
            #expect(try denied.outcomes() == ["begun", "not done"], "\(error)")
        }
    }

    @Test func withoutAnAuditNothingIsBegun() async throws {
        let place = try Place()
        try FileManager.default.createDirectory(
            atPath: place.folder.path + "/audit", withIntermediateDirectories: false)
        await #expect {
            try await place.checked.perform { _ throws(CacheError) -> Ended<Int> in
                Issue.record("it was begun")
                return Ended(0, .done)
            }
        } throws: { if case CacheError.file = $0 { true } else { false } }
    }

    /// A permit is made in one place, and connections that may write are opened in one.
    @Test func permitsAreMadeInOnePlace() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var found: [String: Set<String>] = [:]
        let sought = ["WritePermit(", "Permit(WritePermit", "allowsWrites = !", "probes.map(\\.command)"]
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.split(separator: "\n") where !line.contains("///") && !line.contains("func ") {
                for words in sought where line.contains(words) {
                    found[words, default: []].insert(file.lastPathComponent)
                }
            }
        }
        #expect(found["WritePermit("] == ["Guard.swift"])
        #expect(found["Permit(WritePermit"] == ["Guard.swift"])
        #expect(found["probes.map(\\.command)"] == ["Guard.swift"])
        #expect(found["allowsWrites = !"] == ["Settings+Configuration.swift"])
    }
}
