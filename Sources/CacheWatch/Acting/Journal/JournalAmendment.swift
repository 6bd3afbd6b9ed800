internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import Glibc

/// Writes into a journal what was found out after whoever wrote it was gone: then nobody has to be asked again.
enum JournalAmendment {
    /// What the disk has to have beyond it: a journal that loses its end for it would be worse than before.
    private static let reserve = 1 << 20

    /// Notes that some entries were not removed, and that all others were.
    ///
    /// - Returns: false where the journal is as it was: it is damaged, somebody is still writing to it, or it may not be
    ///   written.
    static func settle(_ journal: JournalReader.Checked, stayed: Set<JournalPlace>) -> Bool {
        guard journal.damaged == 0, DiskSpace.free(for: journal.path).map({ $0 > reserve }) ?? true else {
            return false
        }
        let descriptor = open(journal.path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == journal.tail.length,
            ftruncate(descriptor, off_t(journal.tail.start)) == 0
        else { return false }
        if write(blocks(journal, stayed), to: descriptor, at: journal.tail.start), fdatasync(descriptor) == 0 {
            return true
        }
        // There is room for what was there.
        _ = ftruncate(descriptor, off_t(journal.tail.start))
        if let keys = journal.tail.promised {
            _ = write(
                end(keys, brought: journal.keys, journal.tail.sequence, journal), to: descriptor, at: journal.tail.start
            )
        }
        return false
    }

    private static func blocks(_ journal: JournalReader.Checked, _ stayed: Set<JournalPlace>) -> [UInt8] {
        var (bytes, sequence) = ([UInt8](), journal.tail.sequence)
        if !stayed.isEmpty {
            let places = stayed.sorted { ($0.sequence, $0.index) < ($1.sequence, $1.index) }
            bytes += block(.withdrawn, sequence, journal, JournalFormat.payload(withdrawn: places))
            sequence += 1
        }
        bytes += block(.settled, sequence, journal, JournalFormat.payload(settledUpTo: .max))
        if let keys = journal.tail.promised {
            bytes += end(keys, brought: journal.keys -| stayed.count, sequence + 1, journal)
        }
        return bytes
    }

    private static func end(
        _ keys: Int, brought: Int, _ sequence: Int, _ journal: JournalReader.Checked
    ) -> [UInt8] {
        block(.end, sequence, journal, JournalFormat.endPayload(keys: keys, brought: brought))
    }

    private static func block(
        _ kind: JournalFormat.BlockKind, _ sequence: Int, _ journal: JournalReader.Checked, _ payload: [UInt8]
    ) -> [UInt8] {
        JournalFormat.block(kind, sequence: sequence, id: journal.header.id, payload: payload)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, at start: Int) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let place = off_t(start + bytes.count - rest.count)
            let written = rest.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, place) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
