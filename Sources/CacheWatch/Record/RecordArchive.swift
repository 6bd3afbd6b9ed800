public import Recording

/// A recording that is read: a folder of segments, or one file.
public final class RecordArchive: Sendable {
    public struct Segment: Equatable, Sendable {
        public var path: String
        /// nil for a single file of another name.
        public var name: SegmentName?
    }

    public let path: String
    /// The oldest first; those that are added while it is open are not among them.
    public let segments: [Segment]

    private init(path: String, segments: [Segment]) { (self.path, self.segments) = (path, segments) }

    /// Lists the segments, and looks whether the latest one is of a recording.
    ///
    /// - Throws: ``RecordError`` for what is not there, cannot be read, or is no recording.
    public static func open(_ path: String) throws(RecordError) -> RecordArchive {
        throw .foreign(path: path, "not read yet")
    }

    /// Reads a segment from its beginning to its end, the first time; waits for the disk.
    ///
    /// - Parameter segment: index into ``segments``.
    /// - Throws: ``RecordError`` where it is gone or cannot be unpacked.
    public func index(of segment: Int) throws(RecordError) -> RecordIndex {
        throw .foreign(path: path, "not read yet")
    }

    /// A line as it was written; see ``snapshot(_:of:)`` for what it leaves out.
    ///
    /// - Parameters:
    ///   - line: index into the lines of ``index(of:)``.
    ///   - segment: index into ``segments``.
    /// - Returns: nil for what cannot be understood.
    /// - Throws: ``RecordError`` where the segment is gone.
    public func entry(_ line: Int, of segment: Int) throws(RecordError) -> RecordEntry? {
        throw .foreign(path: path, "not read yet")
    }

    /// What was known at a line: after it, its next lines can be taken one after the other.
    ///
    /// - Throws: ``RecordError`` where the segment is gone.
    public func assembly(before line: Int, of segment: Int) throws(RecordError) -> RecordAssembly {
        throw .foreign(path: path, "not read yet")
    }
}
