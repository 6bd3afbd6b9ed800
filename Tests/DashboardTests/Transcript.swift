import CacheModel
import Foundation
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// A session as a text file: what happens, and the screen that is then expected, by turns.
///
/// ```
/// # a comment
/// > size 80x24
/// > show full 12        a snapshot of Sample, so many times, a second apart
/// > key 4               a character, or the name of a key, or several
/// > type :poll 2s
/// > screen 0-3          the rows that follow; all rows without a range
///  redis://cache-1:6379/0  ● healthy 412 µs
/// > estimated estimate  a look at the keyspace has come: estimated, sweeping or swept, and which of the samples
/// > keys 60             what was asked about keys is answered, a page with so many
/// > planned session     an operation tells: planned, mending, progress, flushed, stopped, undone, revoked, listed,
///                       layout, access, failed
/// > effects             what was to be done since the last time, a line each
/// applyTheme("nord")
/// ```
struct Transcript {
    enum Problem: Error { case line(Int, String) }

    private var driver = Driver()
    private var output: [String] = []

    /// - Parameter lines: what happens, without the sign in front.
    static func driver(after lines: [String]) throws -> Driver {
        var transcript = Transcript()
        for (number, line) in lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard try transcript.perform(words, rest: String(line.drop { $0 != " " }.dropFirst())) else {
                throw Problem.line(number + 1, line)
            }
        }
        return transcript.driver
    }

    /// - Returns: the same file with the screens as they are now.
    static func play(_ text: String) throws -> String {
        var transcript = Transcript()
        for (number, line) in text.components(separatedBy: "\n").enumerated() {
            guard line.hasPrefix("> ") || line.hasPrefix("#") else { continue }
            transcript.output.append(line)
            guard line.hasPrefix("> ") else { continue }
            let words = line.dropFirst(2).split(separator: " ").map(String.init)
            guard try transcript.perform(words, rest: String(line.dropFirst(2).drop { $0 != " " }.dropFirst())) else {
                throw Problem.line(number + 1, line)
            }
        }
        return transcript.output.joined(separator: "\n") + "\n"
    }

    /// - Returns: false for what it does not understand.
    private mutating func perform(_ words: [String], rest: String) throws -> Bool {
        switch words.first {
        case "size":
            let parts = rest.split(separator: "x").compactMap { Int($0) }
            guard parts.count == 2 else { return false }
            driver.send(.terminal(.resize(Size(columns: parts[0], rows: parts[1]))))
        case "show":
            guard words.count > 1, let snapshot = Self.samples[words[1]] else { return false }
            driver.show(snapshot, count: words.count > 2 ? Int(words[2]) ?? 1 : 1)
        case "key":
            for word in words.dropFirst() {
                guard let key = Self.key(word) else { return false }
                driver.press(key)
            }
        case "type": driver.type(rest)
        case "tick": driver.wait(Int(rest) ?? 1)
        case "retry": driver.send(.retryScheduled(in: .seconds(Int(rest) ?? 1), attempt: 1))
        case "estimated", "sweeping", "swept":
            guard words.count > 1, let report = Self.reports[words[1]] else { return false }
            driver.look(words[0], report)
        case "keys": driver.answerKeys(Int(rest) ?? 60)
        case "paste": driver.send(.terminal(.paste(rest.replacingOccurrences(of: "\\n", with: "\n"))))
        case "planned", "mending", "progress", "flushed", "stopped", "undone", "revoked", "listed", "layout", "access",
            "failed":
            guard let event = Self.event(words[0], rest) else { return false }
            driver.operate(event)
        case "broken": driver.send(.themeFailed(name: rest, reason: "line 3: alarm: is no role"))
        case "screen": return screen(rest)
        case "effects":
            output += driver.effects.map { if case .act(let act, _, _) = $0 { "\(act)" } else { "\($0)" } }
            driver.effects = []
        default: return false
        }
        return true
    }

    private static func event(_ name: String, _ rest: String) -> OperationEvent? {
        switch name {
        case "planned": .flushPlanned(Sample.flushPlan(rest))
        case "mending": .repairPlanned(Sample.repairPlan(rest))
        case "progress": Double(rest).map { .progress(Sample.progress($0)) }
        case "flushed": .flushed(Sample.flushReceipt(rest))
        case "stopped": .flushed(Sample.flushReceipt(rest, outcome: .cancelled))
        case "undone": .undone(Sample.undoReceipt(), isDryRun: rest == "dry")
        case "revoked": .revoked(rest.split(separator: " ").map { Sample.revocation(String($0)) })
        case "listed": .listed(RevokedList(tokens: Sample.revokedTokens))
        case "layout": .layout(rest)
        case "access": .access(rest.isEmpty ? nil : rest)
        case "failed": .failed(.flush, rest)
        default: nil
        }
    }

    private mutating func screen(_ range: String) -> Bool {
        let lines = driver.state.render().text.components(separatedBy: "\n")
        guard !range.isEmpty else {
            output += lines
            return true
        }
        let ends = range.split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last, first <= last, last < lines.count else { return false }
        output += lines[first...last]
        return true
    }

    private static let samples: [String: Snapshot] = [
        "healthy": Sample.healthy, "busy": Sample.busy, "full": Sample.full, "unreachable": Sample.unreachable,
        "replica": Sample.replica, "denied": Sample.denied, "hostile": Sample.hostile,
    ]

    private static let reports: [String: NamespaceReport] = [
        "estimate": Sample.estimate, "half": Sample.halfSweep, "full": Sample.fullSweep,
        "hostile": Sample.hostileEstimate,
    ]

    private static let keys: [String: Key] = [
        "Enter": .enter, "Esc": .escape, "Tab": .tab, "BackTab": .backTab, "Backspace": .backspace, "Up": .up,
        "Down": .down, "Space": .character(" "), "PgUp": .pageUp, "PgDn": .pageDown, "Home": .home, "End": .end,
    ]

    private static func key(_ word: String) -> Key? {
        if let key = keys[word] { return key }
        if word.hasPrefix("Ctrl-"), let letter = word.last { return .control(Character(letter.lowercased())) }
        return word.count == 1 ? word.first.map { .character($0) } : nil
    }
}

/// Plays each file of `Sessions`; `RECORD_GOLDEN=1` writes the screens anew and fails.
@Suite struct SessionTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Sessions")

    private static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".txt") }
        .sorted()

    @Test func thereAreSessions() { #expect(Self.names.count >= 6) }

    @Test(arguments: names) func sessionGoesAsWritten(name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        let expected = try String(contentsOf: file, encoding: .utf8)
        let played = try Transcript.play(expected)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
            try played.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name)")
            return
        }
        guard played != expected else { return }
        let left = expected.components(separatedBy: "\n")
        let right = played.components(separatedBy: "\n")
        let line = zip(left, right).prefix { $0 == $1 }.count
        Issue.record(
            """
            \(name):\(line + 1)
            expected: \(line < left.count ? left[line] : "the end")
            found:    \(line < right.count ? right[line] : "the end")
            """)
    }
}
