import Logging
import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

@Suite struct StoreNotesTests {
    private struct Memo: LogHandler {
        let lines: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.withLockedValue { $0.append("\(event.level) \(event.message)") } }
    }

    @Test func aKeyOfAnotherTypeIsLoggedOnceANamespace() {
        let lines = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "test") { _ in Memo(lines: lines) }
        let notes = ["product", "cart"].map { StoreNotes(NoTally(), $0, logger: logger) }
        for _ in 0..<3 {
            for note in notes {
                let copy = note
                copy.wrongType(Array("\(note.namespace):7\u{1b}[2J".utf8))
            }
        }
        #expect(
            lines.withLockedValue { $0 }
                == ["product", "cart"].map {
                    "warning \($0):7\\x1b[2J holds a value of another type than \($0) keeps there; it is left alone, and "
                        + "others like it are not logged"
                })
    }

    /// Only of rights, and beside a key of another type.
    @Test func whatAUserMayNotDoIsLoggedOnceWhereNobodyIsTold() {
        let lines = NIOLockedValueBox<[String]>([])
        let note = StoreNotes(NoTally(), "product", logger: Logger(label: "test") { _ in Memo(lines: lines) })
        note.wrongType(Array("product:7".utf8))
        note.noRight(.refused(Refusal(.refused)))
        note.noRight(.forbidden("GET is not permitted: the user needs the ACL rule +get"))
        note.noRight(.refused(Refusal(.noPermission, detail: "NOPERM")))
        #expect(
            lines.withLockedValue { $0 }.dropFirst() == [
                "warning product goes without the cache: GET is not permitted: the user needs the ACL rule +get. This is "
                    + "not logged again."
            ])
    }
}

@Suite struct FlightsTests {
    private struct Failure: Error {}

    /// What one caller does.
    private enum Course: CaseIterable {
        case leaves, refreshes, joins, joinsForAWhile, joinsAndIsCancelled, forgets
    }

    private static func key(_ number: Int) -> Flights.Key {
        Flights.Key(key: [UInt8(number)], kind: ObjectIdentifier(Int.self))
    }

    /// Nobody waits for ever, everybody has an answer of their own key, and nothing is left behind.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everybodyIsAnsweredAndNothingIsLeft(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let flights = Flights(clock: SystemClock())
        let answers = NIOLockedValueBox<[String: Int]>([:])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4000 {
                let number = Int.random(in: 0..<6, using: &generator)
                let course = Course.allCases.randomElement(using: &generator) ?? .joins
                let (looks, works) = (
                    Int.random(in: 0..<4, using: &generator), Int.random(in: 0..<8, using: &generator)
                )
                let (fails, isForAll) = (works == 7, works != 6)
                let load: @Sendable (Int) async throws -> Flights.Brought = { _ in
                    for _ in 0..<works { await Task.yield() }
                    if fails { throw Failure() }
                    return Flights.Brought(value: number, isForAll: isForAll)
                }
                group.addTask {
                    let ticket = flights.enter(Self.key(number))
                    for _ in 0..<looks { await Task.yield() }
                    let outcome: Flights.Outcome
                    switch course {
                    case .leaves: return flights.leave(ticket)
                    case .refreshes: return flights.refresh(ticket, load: load)
                    case .forgets:
                        flights.forget([UInt8(number)])
                        return flights.leave(ticket)
                    case .joins: outcome = await flights.join(ticket, within: nil, load: load)
                    case .joinsForAWhile:
                        outcome = await flights.join(ticket, within: .microseconds(50), load: load)
                    case .joinsAndIsCancelled:
                        let task = Task { await flights.join(ticket, within: nil, load: load) }
                        for _ in 0..<looks { await Task.yield() }
                        task.cancel()
                        outcome = await task.value
                    }
                    let kind: String
                    switch outcome {
                    case .value(let value):
                        #expect(value as? Int == number)
                        kind = "value"
                    case .failed(let error):
                        #expect(error is Failure)
                        kind = "failed"
                    case .ofAnother: kind = "of another"
                    case .left(let error): kind = error == .cancelled ? "cancelled" : "late"
                    }
                    answers.withLockedValue { $0[kind, default: 0] += 1 }
                }
            }
        }
        await StoreContract.until("the last loads have ended") { flights.isEmpty }
        let counted = answers.withLockedValue { $0 }
        #expect(counted["value", default: 0] > 100, "\(counted)")
        #expect(counted["of another", default: 0] > 0 && counted["failed", default: 0] > 0, "\(counted)")
    }
}
