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
        let child: pid_t
        switch ChildProgram.start([program, way.rawValue], input: input, output: output) {
        case .started(let pid): child = pid
        case .refused(let code): return "\(program) cannot be started: \(String(cString: strerror(code)))"
        }
        var status: Int32 = 0
        var isOver = waitpid(child, &status, WNOHANG)
        while isOver == 0 || isOver < 0 && errno == EINTR {
            if isCancelled() { kill(child, SIGKILL) }
            poll(nil, 0, 1)
            isOver = waitpid(child, &status, WNOHANG)
        }
        // 2 is a warning, such as of zeros behind the end.
        let exit = status & 0x7f == 0 ? status >> 8 & 0xff : -1
        return exit == 0 || exit == 2
            ? nil : way == .pack ? "\(program) failed" : "\(program) cannot unpack it: it is damaged"
    }
}
