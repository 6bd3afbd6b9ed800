internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import NIOConcurrencyHelpers

/// Leaves the program with words on standard error and a status of `sysexits.h`.
enum Exit {
    /// The server that is meant, as it is shown; nil before that is known.
    private static let server = NIOLockedValueBox<String?>(nil)

    /// From now on failures of connections say which server it was.
    static func name(server name: String) { server.withLockedValue { $0 = name } }

    static func usage(_ words: String) -> ExitCode { leave(.usage, words) }
    static func configuration(_ words: String) -> ExitCode { leave(.configuration, words) }
    static func refused(_ words: String) -> ExitCode { leave(.refused, words) }
    static func notDone(_ words: String) -> ExitCode { leave(.notDone, words) }
    static func unknown(_ words: String) -> ExitCode { leave(.unknown, words) }

    /// The status that a failed action deserves.
    static func failure(_ error: CacheError) -> ExitCode {
        if error == .cancelled { return notDone("interrupted before anything was changed") }
        let words = Printable.escape(error.advice)
        // Of several servers, and of the default that nobody has named, it is said which one does not answer.
        guard case .refused(let refusal) = error, !refusal.kind.concernsCommand,
            let server = server.withLockedValue({ $0 }), !words.contains(server)
        else { return leave(error.status, words) }
        return leave(error.status, "\(server): \(words)")
    }

    /// Says on standard error what has become of an action, and on standard output where that takes nothing.
    ///
    /// - Parameter lapse: what could not be written of it elsewhere.
    /// - Throws: an exit with its status unless it was done, and with 1 where it was and nobody could be told.
    static func end(_ outcome: Outcome, noting lapse: String?) throws(ExitCode) {
        let outcome = outcome.noting(lapse)
        let delivery = StandardError.tell(outcome.lines)
        if delivery != .written { StandardOutput.tellInstead(outcome.lines) }
        let status = delivery.status(of: outcome)
        Departure.shared.settle(status, [])
        if status != .done { throw ExitCode(status) }
    }

    private static func leave(_ status: ProgramStatus, _ words: String) -> ExitCode {
        StandardError.write("cachewatch: \(words)")
        return ExitCode(status)
    }
}

extension ExitCode {
    init(_ status: ProgramStatus) { self.init(status.rawValue) }
}
