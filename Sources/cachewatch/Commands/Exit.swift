internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import Glibc

/// Leaves the program with words on standard error and a status of `sysexits.h`.
enum Exit {
    static let usageStatus: Int32 = 64
    static let configurationStatus: Int32 = 78
    /// What was asked for was not done.
    static let notDoneStatus: Int32 = 1
    static let refusedStatus: Int32 = 4
    /// Part of it was done, or not everything.
    static let halfWayStatus: Int32 = 5

    static func usage(_ words: String) -> ExitCode { leave(usageStatus, words) }
    static func configuration(_ words: String) -> ExitCode { leave(configurationStatus, words) }

    static func refused(_ words: String) -> ExitCode { leave(refusedStatus, words) }

    /// The status that a failed action deserves.
    static func failure(_ error: CacheError) -> ExitCode {
        let words = Printable.escape(error.description)
        return switch error {
        case .readOnly, .forbidden: leave(refusedStatus, words)
        case .input: leave(usageStatus, words)
        case .settings: leave(configurationStatus, words)
        case .cancelled: leave(notDoneStatus, "interrupted before anything was changed")
        case .refused(let refusal): leave(notDoneStatus, "\(words). \(refusal.remedy)")
        case .file, .protocolError, .replyTooLarge, .closed, .timedOut: leave(notDoneStatus, words)
        }
    }

    private static func leave(_ status: Int32, _ words: String) -> ExitCode {
        StandardError.write("cachewatch: \(words)")
        return ExitCode(status)
    }
}

/// Words for people, without secrets; standard output is for data.
enum StandardError {
    static func write(_ line: String) { FileDescriptor.write(2, SecretFilter.redact(line) + "\n") }
}

enum FileDescriptor {
    /// Writes everything; false when the other side is gone.
    @discardableResult
    static func write(_ descriptor: Int32, _ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// Files that are read from beginning to end, pipes and standard input among them.
enum InputFile {
    /// All of it, as text.
    ///
    /// - Parameter path: `-` for standard input.
    /// - Throws: ``SettingsIssue`` for what cannot be read, is longer than the limit, in bytes, or no UTF-8.
    static func text(of path: String, limit: Int) throws(SettingsIssue) -> String {
        let source = path == "-" ? "standard input" : path
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SettingsIssue(source: source, message: "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw SettingsIssue(source: source, message: "cannot be read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= limit else {
                throw SettingsIssue(source: source, message: "is longer than \(limit >> 10) KiB")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsIssue(source: source, message: "is not UTF-8 text")
        }
        return text
    }
}

enum Environment {
    /// All variables, read once.
    static let all: [String: String] = {
        var variables: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            pointer += 1
        }
        return variables
    }()

    /// nil for what is empty, too.
    static subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }
}

enum PasswordPrompt {
    /// Reads a line from the terminal without showing it.
    ///
    /// - Throws: an exit with 64 where there is no terminal.
    static func ask() throws -> Secret {
        guard let typed = getpass("Redis password: ") else {
            throw Exit.usage("--ask-password needs a terminal; use REDIS_PASSWORD or password_file instead")
        }
        return Secret(String(cString: typed))
    }
}
