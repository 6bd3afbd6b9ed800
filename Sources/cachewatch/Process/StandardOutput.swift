internal import ArgumentParser
internal import CommandLineModel

/// Data; the only place that writes it.
enum StandardOutput {
    /// - Throws: an exit with 1, or 3 for a snapshot, where it is lost; a reader that has gone is no failure.
    static func write(_ text: String, _ content: Delivery.Content = .data) throws(ExitCode) {
        _ = try write(Array(text.utf8), content)
    }

    /// - Returns: false where nobody reads any more.
    static func write(_ bytes: [UInt8], _ content: Delivery.Content = .data) throws(ExitCode) -> Bool {
        let delivery = FileDescriptor.deliver(1, bytes)
        if let complaint = delivery.complaint { StandardError.write("cachewatch: \(complaint)") }
        if let status = delivery.status(of: content) { throw ExitCode(status) }
        return delivery == .written
    }

    /// Tells what has been changed: somebody has to hear of it, on standard error where nobody reads the data.
    ///
    /// - Parameter lapse: what could not be written of it elsewhere.
    /// - Returns: the outcome's status unless it was done, and 1 where it was and standard output took nothing.
    static func tell(_ outcome: Outcome, noting lapse: String? = nil) -> ProgramStatus {
        if let lapse { StandardError.write("cachewatch: \(lapse)") }
        let delivery = deliver(outcome.lines.map { $0 + "\n" }.joined())
        if let complaint = delivery.complaint { StandardError.write("cachewatch: \(complaint)") }
        if delivery != .written { for line in outcome.lines { StandardError.write(line) } }
        let status = delivery.status(of: outcome.noting(lapse))
        Departure.shared.settle(status, [])
        return status
    }

    /// Ends a command that has changed something, or has not.
    ///
    /// - Throws: an exit with the outcome's status unless it was done.
    static func end(_ outcome: Outcome, noting lapse: String?, asText: Bool) throws {
        if !outcome.hasChanged, asText {
            throw Exit.notDone(outcome.noting(lapse).lines.joined(separator: " "))
        }
        let status = tell(outcome, noting: lapse)
        if status != .done { throw ExitCode(status) }
    }

    /// What people read on standard error, where that takes nothing.
    static func tellInstead(_ lines: [String]) { _ = deliver(lines.map { $0 + "\n" }.joined()) }

    private static func deliver(_ text: String) -> Delivery { FileDescriptor.deliver(1, text) }
}
