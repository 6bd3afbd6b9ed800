internal import RedisValues

/// Who holds most of a node's memory now, whatever has grown: an alert that stood before anybody looked has one, too.
struct MemoryHolder: Equatable {
    /// nil where nobody knows whose it is.
    var about: Alert.About?
    /// `reco:home: holds 51.0 MiB (46.2 %), never expires`.
    var words: String
    /// What helps against this one, before all else.
    var remedy: String?

    /// Of all that is used, client buffers from which on keys are not to blame.
    private static let mostlyBuffers = 0.5
    /// Of the memory of all keys, and of all that is used, what the largest surely has at least: no one is named for less.
    private static let least = 0.2

    /// - Parameters:
    ///   - report: a look at the keys of this node, and of no other.
    ///   - biggest: the biggest key that is known of them.
    ///   - clients: nil where no look tells of now.
    init?(_ node: NodeSnapshot, _ report: NamespaceReport?, _ biggest: NotedKey?, _ clients: ClientNames?) {
        let memory = node.info?.memory
        if let used = memory?.used?.bytes, used > 0, let buffers = memory?.clients?.bytes,
            // More than all of it is none of it.
            buffers <= used, Double(buffers) >= Self.mostlyBuffers * Double(used)
        {
            self.init(buffers: ByteCount(buffers), clients?.unread)
        } else {
            guard let report, let used = memory?.used?.bytes else { return nil }
            let bytesAtLeast = Self.least * Double(used)
            if let key = biggest.flatMap({ MemoryHolder($0, in: report, from: bytesAtLeast) }) {
                self = key
            } else if let largest = report.rankedRows.first {
                self.init(largest, in: report, from: bytesAtLeast)
            } else {
                return nil
            }
        }
    }

    private init(buffers: ByteCount, _ unread: ClientNames.Unread?) {
        // Buffers hold what is asked as well as what is answered.
        guard let unread, let name = unread.name, unread.bytes +| unread.bytes >= buffers.bytes else {
            words = "\(Format.bytes(buffers)) are client buffers"
            return
        }
        about = .clients(name)
        words = "\(Format.bytes(ByteCount(unread.bytes))) are replies that \(name) does not read"
        remedy = "Close who does not read, or set `client-output-buffer-limit normal`"
    }

    /// - Returns: nil for a key that is one of many.
    private init?(_ key: NotedKey, in report: NamespaceReport, from bytesAtLeast: Double) {
        guard let bytes = key.bytes, let most = report.mostBytes, most > 0 else { return nil }
        let share = min(1, Double(bytes) / most)
        guard share >= Self.least, Double(bytes) >= bytesAtLeast else { return nil }
        about = .key(key.key)
        words = "the key \(Self.shortened(key.key)) holds \(key.sizeWords) (\(Format.percent(share)))"
    }

    private static func shortened(_ name: String) -> String { name.count > 60 ? name.prefix(59) + "…" : name }

    /// - Returns: nil for keys that have nothing in common, and where its figures do not carry a name.
    private init?(_ usage: NamespaceUsage, in report: NamespaceReport, from bytesAtLeast: Double) {
        let isNamed = usage.prefix != nil || report[usage.name] != nil
        guard isNamed, let bytes = usage.bytes, let share = report.bytesShare(of: usage), share.low >= Self.least,
            bytes.value >= bytesAtLeast
        else { return nil }
        about = usage.prefix == nil ? .namespace(usage.name) : .prefix(usage.name)
        let never = usage.withoutTTL.map { $0.value > 0 && $0.value >= usage.keys.value } ?? false
        words =
            "\(usage.name) holds \(bytes.isExact ? "" : "about ")\(Format.bytes(ByteCount(bytes.value.whole))) "
            + "(\(Format.percent(share.value)))\(never ? ", never expires" : "")"
    }
}

extension RuleInput {
    /// Worked out where an alert asks for it only.
    var holder: MemoryHolder? { MemoryHolder(node, report, biggest, clients) }
}

extension Finding {
    /// - Returns: the same with who holds the memory, where that is known.
    func held(by holder: MemoryHolder?) -> Finding {
        guard let holder else { return self }
        var finding = self
        finding.message += "; \(holder.words)"
        finding.about = holder.about
        finding.remedy = [holder.remedy].compactMap { $0 } + remedy
        return finding
    }
}
