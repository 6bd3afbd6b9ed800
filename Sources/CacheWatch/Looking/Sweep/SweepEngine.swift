internal import CacheCore
internal import CacheWire
internal import CacheModel

/// How a keyspace is walked: a value that says what to send next and takes in what came back.
///
/// A flight is sent as soon as the cursor is known; what came with it is summed up while the server works on the next.
protocol SweepEngine: Sendable {
    /// What has been counted so far.
    var tally: KeyspaceTally { get }
    /// What it has cost, as far as the engine sees it: errors, hits and misses.
    var answers: KeyAnswers { get }
    /// Commands that the server ran beyond those that were sent.
    var innerCommands: Int { get }
    /// Keys that the last SCAN has returned.
    var batch: Int { get }

    /// Server time of a key, before anything was measured.
    func expectedCost(full: Bool) -> Duration

    /// The next flight.
    ///
    /// - Parameter cursor: where SCAN goes on; nil once it has come round.
    /// - Returns: nil where nothing is left to ask.
    mutating func flight(from cursor: [UInt8]?, count: Int) -> FlightBuffer?

    /// Takes a flight's replies in, and reads the cursor from them.
    ///
    /// - Returns: where SCAN goes on; nil at its end, and for a flight without one.
    /// - Throws: ``CacheError`` where the server refuses, or answers something else.
    mutating func receive(_ replies: ReplyArena) throws(CacheError) -> [UInt8]?

    /// Sums up what was received.
    mutating func digest()
}

/// Which engine walks.
package enum SweepEngineChoice: String, CaseIterable, Sendable {
    /// By what the link can carry and the user may do.
    case auto
    /// SCAN, and commands for every key.
    case pipeline
    /// A read-only script that returns sums.
    case script
}

extension SweepEngineChoice {
    /// Bytes on the wire for a key that is asked for everything, both ways.
    static let bytesPerKey = 250.0
    /// Keys of a script's batch, which must not hold the server longer than a SCAN does.
    static let scriptBatch = 400.0
    static let pipelineBatch = 1700.0

    /// True where the script is faster: a link so narrow that a key's commands take longer than the larger number of
    /// round trips.
    ///
    /// - Parameters:
    ///   - roundTrip: of an empty request, seconds.
    ///   - bandwidth: bytes a second; nil where it is not known.
    static func scriptIsFaster(roundTrip: Double, bandwidth: Double?, keysAsked: Double) -> Bool {
        guard let bandwidth, bandwidth > 0 else { return false }
        let pipeline = roundTrip / pipelineBatch + (30 + bytesPerKey * keysAsked) / bandwidth
        let script = roundTrip / scriptBatch
        return script < pipeline * 0.8
    }
}
