internal import ArgumentParser
internal import CacheWatch
internal import Glibc

/// What every command takes that changes something, or looks at single keys.
struct ActingOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("How hard it may lean on the server.", valueName: "gentle|fast"))
    var pace = SweepPace.gentle

    /// True where a confirmation can be typed.
    var isTerminal: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// - Throws: an exit with 78 where there is no place for journals and audit.
    func operations() throws -> CacheOperations {
        CacheOperations(settings: try server.settings(), files: try Operator.files(), actor: Operator.actor)
    }
}

/// Who acts, and where that is written down.
enum Operator {
    /// - Throws: an exit with 78 where no home is known.
    static func files() throws -> OperationFiles {
        guard let directory = Directories.state else {
            throw Exit.configuration(
                "there is no place for journals and audit: set XDG_STATE_HOME or HOME to a folder that can be written")
        }
        return OperationFiles(directory: directory)
    }

    /// A place where nothing can be written, where there is none: then nothing is done either.
    static var filesOrNone: OperationFiles { OperationFiles(directory: Directories.state ?? "/dev/null") }

    static var actor: AuditLog.Actor {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        let address = Environment["SSH_CLIENT"]?.split(separator: " ").first.map(String.init)
        return AuditLog.Actor(user: name, address: address)
    }
}

/// A confirmation that is typed on the terminal.
enum Confirmation {
    /// - Throws: an exit with 4 where nobody can type.
    static func demandTerminal(instead option: String) throws {
        guard isatty(0) == 1, isatty(2) == 1 else {
            throw Exit.refused("this needs a confirmation and there is no terminal to type it; \(option) stands for it")
        }
    }

    /// - Throws: an exit with 4 where nobody can type.
    static func ask(_ question: String, instead option: String) throws -> String {
        try demandTerminal(instead: option)
        let before = endAtOnce()
        defer { for (number, handler) in before { signal(number, handler) } }
        FileDescriptor.write(2, question)
        return readLine() ?? ""
    }
}

/// Makes SIGINT and SIGTERM end the program where it waits for an answer, and say that nothing was done.
///
/// This thread is about to wait in a system call: only a handler in the old way gets through to it.
///
/// - Returns: what was done with them before.
private func endAtOnce() -> [(Int32, sighandler_t?)] {
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    defer { pthread_sigmask(SIG_UNBLOCK, &unblocked, nil) }
    return [SIGINT, SIGTERM].map { number in
        sigaddset(&unblocked, number)
        return (
            number,
            signal(number) { _ in
                // Only what is allowed in a signal's handler.
                let words: StaticString = "\ncachewatch: interrupted, nothing was changed\n"
                _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
                _exit(1)
            }
        )
    }
}

extension SweepControl {
    /// Runs something that Ctrl-C stops at the next batch, and not in the middle of it.
    ///
    /// Not for what asks somebody: ``Confirmation`` takes the signals itself.
    func interruptible<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        let interrupt = Interrupt { self.cancel() }
        defer { interrupt.end() }
        return try await body()
    }
}
