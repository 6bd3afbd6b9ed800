internal import CNcurses
internal import CTerminalGuard
internal import Glibc

/// What ncurses draws on: the terminal while its modes are set, and then a file in memory.
///
/// ncurses waits in a system call until the terminal has taken everything; a file takes it at once, and whoever waits
/// for the terminal is somebody else.
struct Canvas {
    let stream: UnsafeMutablePointer<FILE>
    private let descriptor: Int32
    private var isInMemory = false

    /// - Returns: nil where there is no descriptor left.
    init?() {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { return nil }
        guard let stream = fdopen(descriptor, "w") else {
            Glibc.close(descriptor)
            return nil
        }
        (self.descriptor, self.stream) = (descriptor, stream)
    }

    /// From now on nothing of it waits for the terminal.
    ///
    /// Where the system has no such files everything goes on, but waits.
    mutating func moveToMemory() { isInMemory = terminal_canvas(descriptor) != 0 }

    /// Takes what was drawn since the last time.
    func take() -> [UInt8] {
        guard isInMemory else { return [] }
        let size = lseek(descriptor, 0, SEEK_CUR)
        guard size > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &bytes, size, 0)
        ftruncate(descriptor, 0)
        lseek(descriptor, 0, SEEK_SET)
        return Array(bytes.prefix(max(0, count)))
    }

    func close() { fclose(stream) }
}
