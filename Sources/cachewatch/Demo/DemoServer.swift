internal import ArgumentParser
internal import CacheWatch
internal import Glibc
internal import NIOConcurrencyHelpers

/// A private redis-server on a Unix socket in a temporary folder.
///
/// A shell stands between it and us: it makes the folder, it holds one end of a pipe, and when ours is closed, by
/// ``stop()`` or by any death of this process at any time, it kills the server and removes the folder.
final class DemoServer: Sendable {
    let socket: String
    let folder: String
    private let pipe: Int32
    private let answer: Int32
    private let guardian: pid_t
    private let isStopped = NIOLockedValueBox(false)

    private static let script = """
        trap '' HUP INT QUIT TERM TSTP PIPE
        umask 077
        if ! mkdir -- "$2"; then exit 1; fi
        if printf '%s\\n' "$3" >"$2/redis.conf"; then
            server=
            start() {
                "$1" "$2/redis.conf" >>"$2/redis.log" 2>&1 </dev/null &
                server=$!
            }
            start "$1" "$2"
            echo ready
            exec >/dev/null
            while read -r word; do
                case "$word" in
                kill) kill -9 "$server" 2>/dev/null; wait "$server" 2>/dev/null; server= ;;
                start) if [ -z "$server" ]; then start "$1" "$2"; fi ;;
                esac
            done
            if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null; fi
            wait "$server" 2>/dev/null
        fi
        rm -rf -- "$2"
        """

    /// - Parameter lines: of its settings file.
    /// - Throws: an exit with 64 and what to install where there is no redis-server.
    static func start(_ lines: [String]) throws -> DemoServer {
        guard let program = Self.program else {
            throw Exit.usage("the demo needs a redis-server in PATH; install it: apt-get install redis-server")
        }
        // Nothing is made here: whoever makes it has to outlive this process.
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        let server = try DemoServer(
            program: program, folder: "\(Environment["TMPDIR"] ?? "/tmp")/cachewatch-demo-\(name)", lines)
        guard server.isReady() else {
            server.stop()
            throw Exit.usage("the demo cannot make a folder in \(Environment["TMPDIR"] ?? "/tmp")")
        }
        return server
    }

    private static func configuration(_ folder: String, _ socket: String, _ lines: [String]) -> String {
        let own = [
            "port 0", "unixsocket \(socket)", "unixsocketperm 700", "dir \(folder)", "save \"\"", "appendonly no",
            "daemonize no",
        ]
        return (own + lines).joined(separator: "\n")
    }

    /// Kills the server and leaves all else as it is.
    func kill() { tell("kill\n") }

    /// Starts it again.
    func startAgain() { tell("start\n") }

    private func tell(_ line: String) {
        isStopped.withLockedValue { isStopped in
            if !isStopped { _ = line.utf8CString.withUnsafeBytes { write(pipe, $0.baseAddress, $0.count - 1) } }
        }
    }

    private init(program: String, folder: String, _ lines: [String]) throws {
        self.folder = folder
        socket = folder + "/redis.sock"
        var (ends, answers): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard Glibc.pipe(&ends) == 0, Glibc.pipe(&answers) == 0,
            (ends + answers).allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 })
        else {
            throw Exit.usage("the demo cannot make a pipe")
        }
        (pipe, answer) = (ends[1], answers[0])
        defer { for descriptor in [ends[0], answers[1]] { close(descriptor) } }
        // What the terminal sends to us does not reach it.
        let start = ChildProgram.start(
            [
                "/bin/sh", "-c", Self.script, "cachewatch-demo", program, folder,
                Self.configuration(folder, socket, lines),
            ], input: ends[0], output: answers[1], isAlone: true)
        guard case .started(let pid) = start else {
            for descriptor in [pipe, answer] { close(descriptor) }
            throw Exit.usage("the demo cannot start /bin/sh")
        }
        guardian = pid
    }

    /// Waits until the folder is there; false where it cannot be made.
    private func isReady() -> Bool {
        defer { close(answer) }
        var word = [UInt8](repeating: 0, count: 16)
        while true {
            let count = read(answer, &word, word.count)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    /// Returns when server and folder are gone; does nothing the second time.
    func stop() {
        let wasStopped = isStopped.withLockedValue { isStopped in
            defer { isStopped = true }
            return isStopped
        }
        guard !wasStopped else { return }
        close(pipe)
        var status: Int32 = 0
        while waitpid(guardian, &status, 0) < 0 && errno == EINTR {}
    }

    private static var program: String? {
        let folders = (Environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/redis-server" }.first { access($0, X_OK) == 0 }
    }
}
