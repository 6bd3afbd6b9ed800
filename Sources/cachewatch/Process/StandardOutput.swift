internal import ArgumentParser
internal import CommandLineModel
internal import Glibc

/// Data; the only place that writes it.
enum StandardOutput {
    /// - Throws: an exit with 1, or 3 for a snapshot, where it is lost; a reader that has gone is no failure.
    static func write(_ text: String, _ content: Delivery.Content = .data) throws(ExitCode) {
        let delivery = deliver(text)
        if let complaint = delivery.complaint { StandardError.write("cachewatch: \(complaint)") }
        if let status = delivery.status(of: content) { throw ExitCode(status) }
    }

    /// Tells what has been changed: somebody has to hear of it, on standard error where nobody reads the data.
    ///
    /// - Throws: an exit with 1 where standard output took nothing.
    static func tell(_ outcome: Outcome) throws(ExitCode) {
        defer { Departure.shared.settle(outcome.status, []) }
        do throws(ExitCode) { try write(outcome.lines.map { $0 + "\n" }.joined()) } catch {
            for line in outcome.lines { StandardError.write(line) }
            throw error
        }
    }

    private static func deliver(_ text: String) -> Delivery {
        switch FileDescriptor.write(1, text) {
        case 0: .written
        case EPIPE: .readerGone
        case let code: .lost(String(cString: strerror(code)))
        }
    }
}
