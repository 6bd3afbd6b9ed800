internal import ArgumentParser
internal import CTerminalGuard
internal import CacheWatch
internal import Glibc

enum PasswordPrompt {
    /// The longest password that is taken, in bytes.
    private static let limit = 4096

    /// Reads a line from the terminal without showing it; a signal gives the echo back before it ends the program.
    ///
    /// - Throws: an exit with 64 where there is no terminal, and nothing on standard input.
    static func ask() throws -> Secret {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        let output = terminal >= 0 ? terminal : 2
        Departure.shared.take(
            Departure.TakenTerminal(
                restoreModes: { terminal_echo_on() }, leaveScreen: { FileDescriptor.write(output, "\n") }))
        defer {
            Departure.shared.take(nil)
            if terminal >= 0 { close(terminal) }
        }
        let isHidden = terminal >= 0 && terminal_echo_off(terminal) != 0
        FileDescriptor.write(output, "Redis password: ")
        let line = readLine(from: max(0, terminal))
        terminal_echo_on()
        if isHidden { FileDescriptor.write(output, "\n") }
        guard let line else {
            throw Exit.usage("--ask-password needs a terminal; use REDIS_PASSWORD or password_file instead")
        }
        // What comes through a pipe may have the line ends of another system.
        let ended = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        guard let password = String(validating: ended, as: UTF8.self) else {
            throw Exit.usage("--ask-password: what was typed is not UTF-8 text")
        }
        return Secret(password)
    }

    /// - Returns: nil where the terminal ends before a line does.
    private static func readLine(from terminal: Int32) -> [UInt8]? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            if byte == UInt8(ascii: "\n") { return line }
            if line.count < limit { line.append(byte) }
        }
    }
}
