package import NIOCore
package import RedisValues

/// Somebody who has sent commands, and is told once what came of them, on the event loop.
///
/// Made once for a pipeline, it costs a connection no promise, no timer and no task.
package protocol PipelineOwner: AnyObject, Sendable {
    var commands: [Command] { get }
    /// A connection whose replies are later than that closes.
    var deadline: NIODeadline { get }
    /// Whether nobody wants it any more; what is not written yet is left out then.
    var isWithdrawn: Bool { get }
    /// - Parameter outcome: as many replies as commands; an error reply is a value among them.
    func ended(_ outcome: Result<[RESPValue], PipelineFailure>)
}

/// Why a pipeline has no replies.
package struct PipelineFailure: Error, Equatable, Sendable {
    package let error: CacheError
    /// Whether any of it may have left this machine.
    package let wasSent: Bool

    package init(_ error: CacheError, wasSent: Bool) { (self.error, self.wasSent) = (error, wasSent) }
}
