public import Foundation
import Glibc

/// Of glibc 2.34, whose header shows it only with GNU extensions.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func closeFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32

/// A program that a test started and ends, by its pid.
public final class Child: Sendable {
    public let pid: pid_t

    /// Output goes to files and never to pipes, which other children would hold open.
    ///
    /// - Parameters:
    ///   - output: a file for standard output; nil throws it away.
    ///   - errors: a file for standard error; nil takes that of the output.
    ///   - environment: in the place of this process' own; nil passes that on.
    public init(
        _ words: [String], output: String? = nil, errors: String? = nil, environment: [String: String]? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        // What others hold open here would be held open by the child as well, and its end be told to nobody.
        _ = closeFrom(&actions, 3)
        // The threads that tests run on block signals, and children would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // Whoever runs the tests behind a shell's back has these ignored, and children would inherit that, too.
        var heard = sigset_t()
        sigemptyset(&heard)
        for number in [SIGINT, SIGQUIT, SIGHUP] { sigaddset(&heard, number) }
        posix_spawnattr_setsigdefault(&attributes, &heard)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let variables = environment ?? ProcessInfo.processInfo.environment
        var environ: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in arguments + environ { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, &environ)
        if code == ENOENT, !words[0].contains("/") {
            try Missing.skip("\(words[0]) is not installed; scripts/test installs it")
        }
        guard code == 0 else { throw CocoaError(.executableLoad, userInfo: ["program": words[0]]) }
        self.pid = pid
    }

    public func signal(_ number: Int32) { kill(pid, number) }

    /// Ends it at once and waits for the end.
    public func end() {
        kill(pid, SIGKILL)
        wait()
    }

    /// Waits for its end.
    ///
    /// - Returns: its exit status, or 128 and the signal that ended it.
    @discardableResult
    public func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}

/// A folder of a test's own, gone with it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("cw-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Returns: the new file's path.
    public func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}
