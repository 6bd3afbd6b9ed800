internal import CacheCore
internal import CacheWire
public import CacheModel
internal import Glibc
internal import Recording

/// Writes the files of a tar archive, one after the other.
public final class TarWriter {
    private let path: String
    private let descriptor: Int32

    init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    /// - Throws: ``CacheError/file(path:_:)``.
    public func folder(_ name: String, at time: WallTime) throws(CacheError) { try head(name + "/", 0, time) }

    /// - Throws: ``CacheError/file(path:_:)``.
    public func file(_ name: String, _ text: String, at time: WallTime) throws(CacheError) {
        let bytes = Array(text.utf8)
        try head(name, bytes.count, time)
        try put(bytes)
        try put(Tar.padding(after: bytes.count))
    }

    /// - Throws: ``CacheError/file(path:_:)``.
    public func file(_ name: String, _ spool: Spool, at time: WallTime) throws {
        let size = try spool.finish()
        try head(name, size, time)
        try spool.read { try put($0) }
        try put(Tar.padding(after: size))
    }

    func finish() throws(CacheError) { try put(Tar.end) }

    private func head(_ name: String, _ size: Int, _ time: WallTime) throws(CacheError) {
        guard let header = Tar.header(name, size: size, time: time) else {
            throw .file(
                path: path, "cannot be written: \(Printable.escape(name)) has \(size) bytes, more than a tar file takes"
            )
        }
        try put(header)
    }

    private func put(_ bytes: [UInt8]) throws(CacheError) {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw OutputFile.failure(path, written == 0 ? ENOSPC : errno) }
            done += written
        }
    }
}

/// What is put together for a file whose size has to be known before it: it lies in a file without a name.
public final class Spool {
    let descriptor: Int32
    private var waiting: [UInt8] = []
    public private(set) var size = 0

    private static let chunk = 256 << 10
    /// What says where it lies.
    static let place = "TMPDIR"

    /// - Throws: ``CacheError/file(path:_:)``; `TMPDIR` says where.
    public init() throws(CacheError) {
        do throws(RecordError) {
            descriptor = try SegmentFile.namelessFile(for: Self.place, purpose: "used")
        } catch {
            guard case .file(let path, let words) = error else { throw .file(path: Self.place, "\(error)") }
            throw .file(path: path, words)
        }
    }

    deinit { close(descriptor) }

    public func append(_ bytes: [UInt8]) throws(CacheError) {
        waiting += bytes
        size += bytes.count
        if waiting.count >= Self.chunk { try flush() }
    }

    public func append(_ text: String) throws(CacheError) { try append(Array(text.utf8)) }

    fileprivate func finish() throws(CacheError) -> Int {
        try flush()
        return size
    }

    private func flush() throws(CacheError) {
        var done = 0
        while done < waiting.count {
            let written = waiting.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, waiting.count - done)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw OutputFile.failure(Self.place, written == 0 ? ENOSPC : errno) }
            done += written
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Somebody else has written there.
    func measure() throws(CacheError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw OutputFile.failure(Self.place, errno) }
        size = Int(status.st_size)
    }

    /// All of it, in parts.
    ///
    /// - Throws: ``CacheError/file(path:_:)``, and what `body` throws.
    public func read(_ body: ([UInt8]) throws -> Void) throws {
        var chunk = [UInt8](repeating: 0, count: Self.chunk)
        var offset = 0
        while offset < size {
            let count = pread(descriptor, &chunk, min(chunk.count, size - offset), off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFile.failure(Self.place, count == 0 ? EIO : errno) }
            try body(Array(chunk.prefix(count)))
            offset += count
        }
    }
}
