import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// The engines without a server: what they send, and what they make of any answer.
@Suite struct SweepEngineTests {
    private func arena(_ text: String) throws -> ReplyArena {
        let reader = RESPReader()
        Array(text.utf8).withUnsafeBytes { reader.feed($0) }
        _ = try reader.advance(atMost: .max)
        return reader.takeArena()
    }

    private func text(_ flight: FlightBuffer?) -> String? { flight.map { String(decoding: $0.bytes, as: UTF8.self) } }

    private func pipelined(full: Bool = true) -> PipelinedEngine {
        PipelinedEngine(classifier: KeyClassifier(), full: full, questions: KeyQuestions(), expected: 3)
    }

    @Test func nextScanLeavesWithTheQuestionsAboutTheBatchBefore() throws {
        var engine = pipelined()
        let zero = [UInt8(ascii: "0")]
        #expect(
            text(engine.flight(from: zero, count: 100)) == "*4\r\n$4\r\nSCAN\r\n$1\r\n0\r\n$5\r\nCOUNT\r\n$3\r\n100\r\n"
        )
        #expect(try engine.receive(try arena("*2\r\n$1\r\n7\r\n*1\r\n$6\r\ncart:1\r\n")) == [UInt8(ascii: "7")])
        // The cursor is known: the second SCAN goes before the first batch has been looked at.
        let second = engine.flight(from: [UInt8(ascii: "7")], count: 50)
        #expect(second?.commands == 1)
        engine.digest()
        #expect(engine.tally.namespaces[2].keys == 1)
        #expect(try engine.receive(try arena("*2\r\n$1\r\n9\r\n*1\r\n$6\r\ncart:2\r\n")) == [UInt8(ascii: "9")])
        let third = engine.flight(from: [UInt8(ascii: "9")], count: 50)
        #expect(text(third)?.contains("SCAN\r\n$1\r\n9") == true)
        #expect(text(third)?.contains("*2\r\n$4\r\nPTTL\r\n$6\r\ncart:1\r\n") == true)
        #expect(third?.commands == 5)
        #expect(third?.calls == ["scan": 1, "type": 1, "pttl": 1, "memory|usage": 1, "object|idletime": 1])
        engine.digest()
        let answers = "*2\r\n$1\r\n0\r\n*0\r\n+string\r\n:5000\r\n:72\r\n:9\r\n"
        #expect(try engine.receive(try arena(answers)) == nil)
        // Nothing to scan any more, but the second batch is still owed.
        #expect(engine.flight(from: nil, count: 0)?.commands == 4)
        engine.digest()
        #expect(engine.tally.namespaces[2].bytes == 72)
        #expect(try engine.receive(try arena("+none\r\n:-2\r\n$-1\r\n$-1\r\n")) == nil)
        engine.digest()
        #expect(engine.flight(from: nil, count: 0) == nil)
        #expect(engine.tally.namespaces[2].keys == 2 && engine.tally.namespaces[2].examined == 1)
        #expect(engine.answers.hits == 3 && engine.answers.misses == 3 && engine.answers.errors == 0)
    }

    @Test func keysThatComeTwiceAreCountedOnce() throws {
        var engine = pipelined(full: false)
        for _ in 0..<2 {
            _ = engine.flight(from: [UInt8(ascii: "5")], count: 10)
            _ = try engine.receive(try arena("*2\r\n$1\r\n5\r\n*2\r\n$6\r\ncart:1\r\n$6\r\ncart:1\r\n"))
            engine.digest()
        }
        #expect(engine.tally.keys == 1)
    }

    @Test func biggestKeysAreAskedForTheirTypeAfterwards() throws {
        var engine = pipelined()
        _ = engine.flight(from: [UInt8(ascii: "0")], count: 10)
        _ = try engine.receive(try arena("*2\r\n$1\r\n0\r\n*2\r\n$6\r\ncart:1\r\n$6\r\ncart:2\r\n"))
        engine.digest()
        // Everything of the first, lifetime and size of the second.
        #expect(engine.flight(from: nil, count: 0)?.commands == 6)
        _ = try engine.receive(try arena("+hash\r\n:-1\r\n:100\r\n:0\r\n:-1\r\n:900\r\n"))
        engine.digest()
        #expect(text(engine.flight(from: nil, count: 0)) == "*2\r\n$4\r\nTYPE\r\n$6\r\ncart:2\r\n")
        _ = try engine.receive(try arena("+zset\r\n"))
        engine.digest()
        #expect(engine.flight(from: nil, count: 0) == nil)
        #expect(engine.tally.namespaces[2].biggest.map(\.type) == [.zset, .hash])
        #expect(engine.tally.namespaces[2].lifetimes.never == 2)
    }

    @Test(arguments: [
        "-NOPERM no\r\n", "+OK\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "*2\r\n$1\r\n0\r\n$1\r\nx\r\n",
        "*2\r\n:0\r\n*0\r\n",
        "*2\r\n$1\r\nx\r\n*0\r\n", "*2\r\n$0\r\n\r\n*0\r\n", "*2\r\n$21\r\n111111111111111111111\r\n*0\r\n",
        "*3\r\n$1\r\n0\r\n*0\r\n*0\r\n",
    ]) func whatIsNoPageEndsTheSweep(reply: String) throws {
        var engine = pipelined()
        _ = engine.flight(from: [UInt8(ascii: "0")], count: 10)
        let arena = try arena(reply)
        #expect(throws: CacheError.self) { _ = try engine.receive(arena) }
        var script = ScriptEngine(
            classifier: KeyClassifier(), full: true, questions: KeyQuestions(), expected: 3, digest: [1])
        _ = script.flight(from: [UInt8(ascii: "0")], count: 10)
        #expect(throws: CacheError.self) { _ = try script.receive(arena) }
    }

    /// Whatever a server answers: nothing traps, and the sums stay figures that can be written.
    @Test func hostileAnswersNeverTrap() throws {
        var generator = SeededGenerator(seed: 11)
        let odd: [Int64] = [.min, .max, -1, -2, 0, 1, 1 << 53, -(1 << 53), 4_000_000_000]
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 0 ? 7 : 6), using: &generator) {
            case 0: return ":\(odd.randomElement(using: &generator)!)\r\n"
            case 1: return "$-1\r\n"
            case 2: return "+none\r\n"
            case 3: return "-ERR \u{1b}[2J\r\n"
            case 4: return "$6\r\ncart:\(Int.random(in: 0..<10, using: &generator))\r\n"
            case 5: return "$1\r\n\(Int.random(in: 0..<10, using: &generator))\r\n"
            default:
                let count = Int.random(in: 0..<20, using: &generator)
                return "*\(count)\r\n" + (0..<count).map { _ in value(depth - 1) }.joined()
            }
        }
        func row() -> String {
            let numbers = (0..<13).map { _ in ":\(odd.randomElement(using: &generator)!)\r\n" }
            let lists = (0..<6).map { _ in "*4\r\n" + (0..<4).map { _ in value(0) }.joined() }
            return "*19\r\n:\(Int.random(in: 0..<10, using: &generator))\r\n" + numbers.dropFirst().joined()
                + lists.joined()
        }
        let sums = ":1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n"
        let sum = "*8\r\n$5\r\nheads\r\n\(sums)\(sums):7\r\n"
        var taken = 0
        for _ in 0..<300 {
            var engine = pipelined(full: Bool.random(using: &generator))
            _ = engine.flight(from: [UInt8(ascii: "0")], count: 10)
            _ = try engine.receive(
                try arena("*2\r\n$1\r\n3\r\n*3\r\n$6\r\ncart:1\r\n" + value(1) + "$9\r\nsession:9\r\n"))
            for _ in 0..<4 {
                engine.digest()
                _ = engine.flight(from: nil, count: 0)
                do {
                    _ = try engine.receive(try arena((0..<14).map { _ in value(2) }.joined()))
                    taken += 1
                } catch {}
            }
            engine.digest()
            checkReports(engine.tally)
            var script = ScriptEngine(
                classifier: KeyClassifier(), full: true, questions: KeyQuestions(), expected: 3, digest: [1])
            for _ in 0..<3 {
                let counts = ":\(odd.randomElement(using: &generator)!)\r\n"
                let reply =
                    "*6\r\n$1\r\n3\r\n\(counts)\(counts)\(row())\(Bool.random(using: &generator) ? row() : value(2))*2\r\n\(sum)\(sum)"
                _ = try? script.receive(try arena(reply))
                script.digest()
                _ = script.flight(from: [UInt8(ascii: "3")], count: 10)
            }
            checkReports(script.tally)
        }
        #expect(taken > 0, "some of it is taken for an answer")
    }

    private func checkReports(_ tally: KeyspaceTally) {
        var circumstances = NamespaceReport.Circumstances(takenAt: .now, elapsed: .zero, took: .zero)
        circumstances.budget = 1e18
        for report in [
            NamespaceReport.estimate(tally, keys: 1 << 50, circumstances),
            NamespaceReport.sweep(tally, full: true, complete: true, expected: 1 << 50, circumstances),
            NamespaceReport.sweep(tally, full: false, complete: false, expected: 0, circumstances),
        ] {
            var engine = AlertEngine(immediate: true)
            var snapshot = Sample.full
            snapshot.namespaces = report
            _ = engine.evaluate(snapshot)
            for usage in report.all {
                _ = [usage.keys, usage.share, usage.bytes].compactMap { $0?.value.whole }
                _ = usage.forecast.cliffs
                _ = usage.sizes.octaves.count + usage.lifetimes.stretches.count
                #expect(usage.biggest.allSatisfy { $0.key.unicodeScalars.allSatisfy(Printable.isPrintable) })
            }
        }
    }

    /// What the script documents, what it returns and what is read are one order.
    @Test func rowsOfTheScriptAreReadAsTheyAreWritten() throws {
        func names(between start: String, and end: String) throws -> [String] {
            let rest = try #require(SweepScript.text.components(separatedBy: start).dropFirst().first)
            let list = try #require(rest.components(separatedBy: end).first)
            return list.replacingOccurrences(of: "-- ", with: "").split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
        let places = SweepRow.allCases.map { "\($0)" }
        #expect(try names(between: "-- A row: ", and: ".\n") == places)
        #expect(try names(between: "answer[#answer + 1] = {\n", and: "}") == places.map { "row.\($0)" })
    }

    @Test func scriptIsChosenForNarrowLinksOnly() {
        func choice(_ milliseconds: Double, _ megabytes: Double?) -> Bool {
            SweepEngineChoice.scriptIsFaster(
                roundTrip: milliseconds / 1000, bandwidth: megabytes.map { $0 * 1e6 }, keysAsked: 1)
        }
        #expect(!choice(20, 100), "a long way, but a broad one: larger batches win")
        #expect(choice(20, 1), "a tunnel")
        #expect(choice(2, 2))
        #expect(!choice(20, nil))
    }
}
