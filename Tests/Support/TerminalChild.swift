import Foundation
public import Glibc
import NIOConcurrencyHelpers

/// A program in a terminal whose other side the test has: it reads what is written there, or does not, and sees the
/// terminal's modes.
public final class TerminalChild: @unchecked Sendable {
    public let pid: pid_t
    /// Where the program's files lie.
    public let folder: TemporaryFolder
    private let master: Int32
    private let slave: Int32
    private let modes: termios
    private let text = NIOLockedValueBox("")

    /// - Parameter environment: added to this process' own.
    public init(_ words: [String], environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        // As posix_openpt, unlockpt and ptsname do it, which Swift sees only with GNU extensions.
        master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, Self.unlock, &lock) == 0, ioctl(master, Self.number, &number) == 0 else {
            throw CocoaError(.fileReadUnknown)
        }
        let name = "/dev/pts/\(number)"
        slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 36, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        var before = termios()
        tcgetattr(slave, &before)
        modes = before
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        let variables = Program.cleanEnvironment.merging([
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no", "HOME": folder.path,
            "XDG_STATE_HOME": folder.path + "/state", "XDG_CACHE_HOME": folder.path + "/cache",
        ]) { $1 }.merging(environment) { $1 }
        pid = try Self.start(words, on: name, variables)
    }

    /// `TIOCSPTLCK` and `TIOCGPTN`.
    private static let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, WNOHANG)
        close(master)
        close(slave)
    }

    /// In a session of its own, whose terminal it is.
    private static func start(_ words: [String], on terminal: String, _ variables: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        for descriptor: Int32 in 1...2 { posix_spawn_file_actions_adddup2(&actions, 0, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // POSIX_SPAWN_SETSID, which Swift sees only with GNU extensions.
        // Whoever runs the tests behind a shell's back has these ignored, and children would inherit that, too.
        var heard = sigset_t()
        sigemptyset(&heard)
        for number in [SIGINT, SIGQUIT, SIGHUP] { sigaddset(&heard, number) }
        posix_spawnattr_setsigdefault(&attributes, &heard)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | 0x80)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var environ: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in arguments + environ { free(pointer) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, &environ) == 0 else {
            throw CocoaError(.executableLoad, userInfo: ["program": words[0]])
        }
        return pid
    }

    public func signal(_ number: Int32) { kill(pid, number) }

    public func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(master, bytes, bytes.count)
    }

    /// As a finger presses it.
    public func pressEnter() {
        TypingPause.wait(terminal: slave)
        type("\r")
    }

    /// Everything that was written so far, escape sequences included.
    public var output: String {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            text.withLockedValue { $0 += String(decoding: buffer.prefix(count), as: UTF8.self) }
        }
        return text.withLockedValue { $0 }
    }

    /// True while what is typed is shown.
    public var echoes: Bool { current.c_lflag & tcflag_t(ECHO) != 0 }

    /// True where the terminal is as it was before the program.
    public var isAsBefore: Bool {
        let now = current
        return now.c_iflag == modes.c_iflag && now.c_oflag == modes.c_oflag && now.c_lflag == modes.c_lflag
            && now.c_cflag == modes.c_cflag
    }

    private var current: termios {
        var now = termios()
        tcgetattr(slave, &now)
        return now
    }

    /// True while the program waits for somebody to read its terminal.
    public var isStuck: Bool {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.contains { thread in
            let call = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/syscall", encoding: .utf8)
            return call?.hasPrefix(Self.write) == true
        }
    }

    /// `write(1, …)` by its number, as the kernel tells it.
    #if arch(arm64)
        private static let write = "64 0x1 "
    #else
        private static let write = "1 0x1 "
    #endif

    /// True once it is gone; ``end(reads:)`` still tells how.
    public var hasEnded: Bool {
        _ = output
        var information = siginfo_t()
        return waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information.si_signo == SIGCHLD
    }

    /// Waits for its end.
    ///
    /// - Parameter reads: whether the terminal is read meanwhile.
    /// - Returns: its exit status, or 128 and the signal that ended it; and how long it took, without the time in which
    ///   this machine ran nobody. nil where it is still there after ten seconds.
    public func end(reads: Bool = true) -> (status: Int32, took: Duration)? {
        let (start, stalls) = (ContinuousClock.now, StallMeter())
        var status: Int32 = 0
        while ContinuousClock.now < start + .seconds(10) {
            if waitpid(pid, &status, WNOHANG) == pid {
                return (status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), stalls.time(since: start))
            }
            if reads { _ = output }
            poll(nil, 0, 1)
        }
        _ = stalls.time(since: start)
        return nil
    }
}
