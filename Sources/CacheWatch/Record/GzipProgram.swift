internal import Glibc
internal import Recording

/// The system's gzip, which packs closed segments and unpacks them again.
enum GzipProgram {
    enum Way: String {
        case pack = "-nc"
        case unpack = "-dc"
    }

    /// Runs it from one descriptor to another, and waits.
    ///
    /// - Parameter isCancelled: asked while it runs; it is then ended.
    /// - Returns: what is wrong, for people; nil where it has done all.
    static func run(
        _ way: Way, from input: Int32, to output: Int32, program: String = "gzip", isCancelled: () -> Bool = { false }
    ) -> String? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // One that is the same in the child would be closed there.
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = [program, way.rawValue]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, program, &actions, &attributes, &arguments, environ)
        guard code == 0 else { return "\(program) cannot be started: \(String(cString: strerror(code)))" }
        var status: Int32 = 0
        var isOver = waitpid(child, &status, WNOHANG)
        while isOver == 0 || isOver < 0 && errno == EINTR {
            if isCancelled() { kill(child, SIGKILL) }
            poll(nil, 0, 2)
            isOver = waitpid(child, &status, WNOHANG)
        }
        // 2 is a warning, such as of zeros behind the end.
        let exit = status & 0x7f == 0 ? status >> 8 & 0xff : -1
        return exit == 0 || exit == 2
            ? nil : way == .pack ? "\(program) failed" : "\(program) cannot unpack it: it is damaged"
    }
}
