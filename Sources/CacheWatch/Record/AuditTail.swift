internal import CacheCore
internal import CacheWire
internal import FoundationEssentials
internal import Glibc
public import Recording

/// Follows the audit, so that a recording knows what was done to its cache by other programs of this host.
///
/// What was there at the beginning is not read. A file that is replaced or cut is followed from its new beginning; what is
/// not a line of an audit is passed over, whatever it is.
public struct AuditTail: Sendable {
    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
    }

    private let path: String
    private let target: String
    /// Lines of this program begin their ids with it: what it does itself is told another way.
    private let own: String
    private var identity: Identity?
    private var offset: off_t = 0
    /// A line whose end has not come.
    private var rest: [UInt8] = []
    /// A line that became too long is passed over up to its end.
    private var isSkipping = false

    /// A thousand acts at once, which nobody does.
    private static let mostAtOnce = 1 << 20
    private static let longestLine = 1 << 16

    /// - Parameter target: what is recorded, as the audit spells it.
    init(_ path: String, of target: String, process: Int32 = getpid()) {
        (self.path, self.target, own) = (path, target, "\(process)-")
        guard let (descriptor, identity, size) = opened() else { return }
        close(descriptor)
        (self.identity, offset) = (identity, size)
    }

    /// What others have noted since it was asked last.
    ///
    /// - Parameter nodes: addresses of the deployment's servers: who acts may name one of them.
    public mutating func take(nodes: Set<String>) -> [RecordedAction] {
        guard let (descriptor, identity, size) = opened() else { return [] }
        defer { close(descriptor) }
        if identity != self.identity || size < offset {
            (self.identity, offset, rest, isSkipping) = (identity, 0, [], false)
        }
        guard size > offset else { return [] }
        // Whatever is older than the last part is lost, and so is the line that it begins with.
        if size - offset > off_t(Self.mostAtOnce) {
            (offset, rest, isSkipping) = (size - off_t(Self.mostAtOnce), [], true)
        }
        var bytes = [UInt8](repeating: 0, count: Int(size - offset))
        let count = pread(descriptor, &bytes, bytes.count, offset)
        guard count > 0 else { return [] }
        offset += off_t(count)
        return lines(of: bytes[..<count]).compactMap { act($0, nodes) }
    }

    /// nil for what is not there, may not be read, or is no file: a pipe would be emptied by whoever looks.
    private func opened() -> (descriptor: Int32, Identity, size: off_t)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return (descriptor, Identity(device: status.st_dev, inode: status.st_ino), status.st_size)
    }

    private mutating func lines(of bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            guard byte != UInt8(ascii: "\n") else {
                if !isSkipping { lines.append(rest) }
                (rest, isSkipping) = ([], false)
                continue
            }
            if isSkipping { continue }
            rest.append(byte)
            if rest.count > Self.longestLine { (rest, isSkipping) = ([], true) }
        }
        return lines
    }

    private func act(_ line: [UInt8], _ nodes: Set<String>) -> RecordedAction? {
        guard let members = try? JSONDecoder().decode([String: AuditMember].self, from: Data(line)) else { return nil }
        var details = members.compactMapValues(\.told)
        guard let action = details.removeValue(forKey: "action"), let outcome = details.removeValue(forKey: "outcome"),
            let scope = details.removeValue(forKey: "scope"), let server = details["server"], isSame(server, nodes)
        else { return nil }
        let id = details.removeValue(forKey: "id") ?? ""
        guard !id.hasPrefix(own) else { return nil }
        details["time"] = nil
        return RecordedAction(id: id, action: action, scope: scope, outcome: outcome, details: details)
    }

    /// Whether an act was one on what is recorded: by the same words, or on one of its servers.
    private func isSame(_ server: String, _ nodes: Set<String>) -> Bool {
        if server == target { return true }
        guard let url = try? EndpointURL(server), url.deployment == nil else { return false }
        return nodes.contains(url.endpoint.name) || (try? EndpointURL(target))?.endpoint.address == url.endpoint.address
    }
}

/// A member of an audit's line, as a text; nil for null. Elements of a list stand one after the other.
private struct AuditMember: Decodable {
    let told: String?

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            var told: [String] = []
            while !list.isAtEnd { if let text = try list.decode(AuditMember.self).told { told.append(text) } }
            self.told = told.joined(separator: ", ")
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            told = nil
        } else if let text = try? value.decode(String.self) {
            told = text
        } else if let whole = try? value.decode(Int64.self) {
            told = String(whole)
        } else if let flag = try? value.decode(Bool.self) {
            told = String(flag)
        } else if let number = try? value.decode(Double.self) {
            told = String(number)
        } else {
            // An object: no action has one.
            told = nil
        }
    }
}
