internal import CacheWatch
internal import CommandLineModel
internal import Recording

/// What somebody wants to compare with.
struct TwinWish {
    /// A recording, with or without a time in it.
    var recording: String?
    var server: Settings?

    /// Looks whether it is one, before anything is shown.
    ///
    /// - Throws: an exit for what is not there, or is no recording.
    func check() throws {
        guard let recording else { return }
        do throws(RecordError) { try TwinRunner.check(recording) } catch { throw Exit.failure(error, else: .notDone) }
    }
}
