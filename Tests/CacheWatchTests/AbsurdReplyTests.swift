import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Numbers in replies that no honest server sends: they are refused, or end at the largest one.
@Suite struct AbsurdReplyTests {
    private static let absurd: [Int64] = [.min, .min + 1, -1, 0, 1, .max]

    @Test func sizesThatAreNegativeAreNotKnown() {
        for number in Self.absurd {
            var poll = NodePoll(address: "a")
            let circumstances = NodePoll.Circumstances(
                elapsed: .seconds(1), roundTrip: .zero, traffic: Traffic(), warnings: [], anonymous: true)
            let info = RESPValue.string(Array("redis_version:7.0.15\r\n".utf8))
            let (node, _) = poll.digest(
                [info, .integer(number), .integer(number)], to: [.info, .size, .slowlogLength], circumstances)
            #expect(node.keys == (number < 0 ? nil : Int(number)))
            #expect(node.slowlogLength == (number < 0 ? nil : Int(number)))
        }
    }

    @Test func timesToLiveOfAnyLengthAreCompared() {
        for lifetime in Self.absurd {
            for time in Self.absurd { _ = LifetimeUndo.look(lifetime, given: 1_800_000_000_000, serverTime: time) }
        }
        #expect(LifetimeUndo.look(.max, given: 1_800_000_000_000, serverTime: .max) == .changed)
        #expect(LifetimeUndo.look(1000, given: 5000, serverTime: 4000) == .restored)
    }

    /// Two million keys of four tebibytes each are more than a number holds.
    @Test func bytesOfManyKeysAddUp() {
        var sum = KeyCount.Sum(isCluster: true)
        for _ in 0..<3 {
            for key in ["a", "b"] { sum.note(bytes: .max, of: Array(key.utf8)) }
        }
        #expect(sum.bytes == 6 * KeyFacts.largest)
        for slot in sum.parts.keys { sum.parts[slot]?.bytes = .max }
        sum.note(bytes: .max, of: Array("a".utf8))
        #expect(sum.bytes == .max)
    }

    /// The statistics say that a key takes three hundred thousand years: what follows from it still is a time.
    @Test func costsOfAKeyAreBounded() {
        let none = ["scan": CommandStats(calls: 0, time: .zero)]
        var costs = ScanCosts(before: none)
        var flight = FlightBuffer()
        flight.append(Command("SCAN", "0"), as: "scan")
        costs.flown(flight, keys: 1)
        costs.note(["scan": CommandStats(calls: 1, time: .microseconds(Int.max))])
        #expect(costs.scanPerKey == .seconds(60) && costs.wholePerKey == .seconds(60))
        costs.flown(flight, keys: .max)
        costs.flown(flight, keys: .max)
    }

    @Test func scriptThatCountsWithoutEndEndsNoProgram() throws {
        var engine = ScriptEngine(
            classifier: KeyClassifier(), full: false, questions: KeyQuestions(), expected: .max, digest: [1])
        let numbers =
            "*19\r\n" + ":1\r\n" + (0..<12).map { _ in ":9223372036854775807\r\n" }.joined()
            + (0..<6).map { _ in "*0\r\n" }.joined()
        let reply = "*5\r\n$1\r\n3\r\n:9223372036854775807\r\n:9223372036854775807\r\n\(numbers)*0\r\n"
        let reader = RESPReader()
        Array(reply.utf8).withUnsafeBytes { reader.feed($0) }
        _ = try reader.advance(atMost: 1)
        let arena = reader.takeArena()
        // 2^50 keys at a time reach the end of an `Int` after 8,192 batches.
        for _ in 0..<9000 {
            _ = try engine.receive(arena)
            engine.digest()
        }
        #expect(engine.tally.keys == .max)
        #expect(engine.flight(from: [UInt8(ascii: "3")], count: 500) != nil)
    }
}
