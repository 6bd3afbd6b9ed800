internal import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials
internal import Glibc

extension OperationFiles {
    /// More are counted, and not opened.
    private static let mostListed = 500

    /// Lists the journals, by their heads and ends alone.
    ///
    /// - Throws: ``CacheError/file(path:_:)`` for a folder that is there and cannot be read.
    public func listedJournals() throws(CacheError) -> JournalList {
        guard FileManager.default.fileExists(atPath: journals) else { return JournalList(folder: journals) }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: journals) } catch {
            throw .file(path: journals, "cannot be read; check who owns it")
        }
        let files = names.filter { $0.hasSuffix(".journal") }.compactMap { Self.file(journals + "/" + $0) }
        let newest = files.sorted { ($1.changedAt, $0.path) < ($0.changedAt, $1.path) }.prefix(Self.mostListed)
        return JournalList(
            folder: journals, journals: newest.map(Self.read), others: files.count - newest.count,
            bytes: files.reduce(0) { $0 +| $1.bytes })
    }

    /// nil for what is gone by now.
    private static func file(_ path: String) -> ListedJournal? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let milliseconds = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return ListedJournal(
            path: path, bytes: Int(status.st_size), changedAt: WallTime(milliseconds: milliseconds))
    }

    private static func read(_ file: ListedJournal) -> ListedJournal {
        var journal = file
        do throws(CacheError) {
            let header = try JournalReader(path: file.path).header
            journal.header = header
            let end = JournalEnd(path: file.path)
            (journal.keys, journal.isBeingWritten) = (end.keys(of: header), end.isBeingWritten)
        } catch {
            if case .file(_, let words) = error { journal.problem = words } else { journal.problem = error.description }
        }
        return journal
    }
}

/// The last bytes of a journal, and whether somebody writes behind them.
private struct JournalEnd {
    private var bytes: [UInt8] = []
    private(set) var isBeingWritten = false

    /// More than a block that is an end has.
    private static let length = 256

    init(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Whoever writes holds it alone.
        isBeingWritten = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        var read = [UInt8](repeating: 0, count: Self.length)
        let start = max(0, Int(status.st_size) -| Self.length)
        let count = read.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
        bytes = Array(read.prefix(max(0, count)))
    }

    /// nil where it has no end, or that of another journal.
    func keys(of header: JournalHeader) -> Int? {
        let marker = JournalFormat.marker
        let last = bytes.indices.reversed().first { bytes[$0...].starts(with: marker) }
        guard let last, bytes.count - last >= JournalFormat.frameLength else { return nil }
        let (head, payload) = (
            Array(bytes[last..<last + JournalFormat.frameLength]), Array(bytes[(last + JournalFormat.frameLength)...])
        )
        guard let frame = try? JournalFormat.frame(head, block: 0, orLater: true), frame.kind == .end,
            frame.id == header.id, (try? JournalFormat.verify(frame, payload)) != nil
        else { return nil }
        return JournalFormat.endBrought(payload)
    }
}
