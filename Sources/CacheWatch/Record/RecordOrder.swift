internal import Glibc
public import Recording

/// What is to be recorded where.
public struct RecordOrder: Sendable {
    public var path: String
    public var header: RecordHeader
    public var retention: Retention
    public var rotation: Rotation
    /// Where other programs of this host note what they do to the cache; nil for nowhere.
    public var audit: String?

    public init(
        path: String, header: RecordHeader, retention: Retention = Retention(), rotation: Rotation = Rotation(),
        audit: String? = nil
    ) {
        (self.path, self.header, self.retention, self.rotation) = (path, header, retention, rotation)
        self.audit = audit
    }

    /// - Parameter files: where what is done is noted, unless settings say otherwise.
    public init(
        path: String, _ settings: Settings, _ files: OperationFiles, isAnonymous: Bool = false,
        retention: Retention = Retention()
    ) {
        self.init(
            path: path, header: RecordHeader(settings, isAnonymous: isAnonymous), retention: retention,
            audit: settings.auditPath(files))
    }

    /// What follows ``audit``, from now on.
    public var auditTail: AuditTail? { audit.map { AuditTail($0, of: header.target) } }

    /// A folder of segments; false for a single file, which is there or ends with `.jsonl`.
    public var isFolder: Bool {
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        return !path.hasSuffix(".jsonl")
    }
}
