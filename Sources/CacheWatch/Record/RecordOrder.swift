internal import Glibc
public import Recording

/// What is to be recorded where.
public struct RecordOrder: Sendable {
    public var path: String
    public var header: RecordHeader
    public var retention: Retention
    public var rotation: Rotation

    public init(
        path: String, header: RecordHeader, retention: Retention = Retention(), rotation: Rotation = Rotation()
    ) {
        (self.path, self.header, self.retention, self.rotation) = (path, header, retention, rotation)
    }

    /// A folder of segments; false for a single file, which is there or ends with `.jsonl`.
    public var isFolder: Bool {
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        return !path.hasSuffix(".jsonl")
    }
}
