internal import CacheCore
internal import CacheWire
internal import FoundationEssentials
internal import Glibc
public import Recording

/// Follows the audit, so that a recording knows what was done to its cache by other programs of this host.
///
/// What was there at the beginning is not read. A file that is replaced or cut is followed from its new beginning, as far as
/// its lines are new by their own times; what is not a line of an audit is passed over, whatever it is.
public struct AuditTail: Sendable {
    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
    }

    private let path: String
    private let target: String
    /// By the ids of lines: what this program does itself is told another way.
    private let isOwn: @Sendable (String) -> Bool
    private var identity: Identity?
    private var offset: off_t = 0
    /// When it was looked at last.
    private var lookedAt = WallTime.now
    /// What is older was there before in another file; nil where nothing can be.
    private var floor: WallTime?
    /// A line whose end has not come.
    private var rest: [UInt8] = []
    /// A line that became too long is passed over up to its end.
    private var isSkipping = false

    /// A thousand acts at once, which nobody does.
    private static let mostAtOnce = 1 << 20
    private static let longestLine = 1 << 16
    /// What a file that is read from its beginning may repeat.
    private static let slack = Duration.seconds(2)

    /// - Parameter target: what is recorded, as the audit spells it.
    init(_ path: String, of target: String, isOwn: @escaping @Sendable (String) -> Bool = AuditLog.hasNoted) {
        (self.path, self.target, self.isOwn) = (path, target, isOwn)
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
            floor = lookedAt.adding(.zero - Self.slack)
        }
        lookedAt = .now
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
        guard !isOwn(id) else { return nil }
        let time = details.removeValue(forKey: "time").flatMap { WallTime(rfc3339: $0) }
        if let floor, time.map({ $0 < floor }) ?? true { return nil }
        return RecordedAction(id: id, action: action, scope: scope, outcome: outcome, details: details)
    }

    /// Whether an act was one on what is recorded: by the same words, or on one of its servers.
    private func isSame(_ server: String, _ nodes: Set<String>) -> Bool {
        if server == target { return true }
        guard let there = try? EndpointURL(server), let here = try? EndpointURL(target) else { return false }
        switch (there.deployment, here.deployment) {
        case (nil, _):
            return nodes.contains(there.endpoint.name)
                || here.deployment == nil && there.endpoint.address == here.endpoint.address
        case (.cluster(let seeds), .cluster(let others)):
            return seeds.contains { nodes.contains($0) || others.contains($0) }
        case (.cluster(let seeds), nil): return seeds.contains { nodes.contains($0) }
        case (.sentinel(let service, let seeds), .sentinel(let other, let others)):
            return service == other && seeds.contains { others.contains($0) }
        case (.sentinel, _), (.cluster, .sentinel): return false
        }
    }

    /// Why it is not followed, for people; nil where it is, or is not there yet.
    public var complaint: String? {
        guard access(path, F_OK) == 0, access(path, R_OK) != 0 else { return nil }
        return "what other programs do is not recorded: \(Printable.escape(path)) may not be read by this user"
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
