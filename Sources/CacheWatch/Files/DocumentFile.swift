internal import CacheWire
internal import Glibc
public import Recording

/// What a file that somebody names is, and its bytes where it is a document.
public enum DocumentFile: Equatable, Sendable {
    /// A folder, a file of lines, or a packed one.
    case recording
    case document([UInt8])

    /// Of hundreds of nodes at most; what is read becomes many times as large.
    public static let largest = 16 << 20

    /// Reads it; pipes are read as files are.
    ///
    /// - Parameter path: `-` for standard input.
    /// - Throws: ``RecordError`` for what is missing, cannot be read or is too large.
    public static func read(_ path: String) throws(RecordError) -> DocumentFile {
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        if status.st_mode & S_IFMT == S_IFDIR { return .recording }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, errno) }
            guard count > 0 else { return .document(bytes) }
            bytes += buffer.prefix(count)
            if bytes.count >= 2, isRecording(bytes) { return .recording }
            guard bytes.count <= largest else {
                throw .foreign(path: name(path), "is larger than 16 MiB, which no document of --once is")
            }
        }
    }

    private static func isRecording(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1f, 0x8b]) || bytes.starts(with: Array("{\"t\":".utf8))
    }

    private static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    private static func failure(_ path: String, _ reason: Int32) -> RecordError {
        let words = reason == ENOENT ? "there is no such file" : "cannot be read: \(String(cString: strerror(reason)))"
        return .file(path: name(path), words)
    }
}
