package import CacheWire
package import RedisValues

/// Sends commands to the nodes that hold their keys, in one pipeline each, and goes where those send: see
/// ``RoutePlan``, which decides.
package struct Router: Sendable {
    package let deployment: any Deployment
    package let open: @Sendable (Node) async throws(CacheError) -> Session
    let tries: Int

    /// - Parameter tries: how often a command is sent at most.
    package init(
        deployment: any Deployment, tries: Int = RoutePlan.tries,
        open: @escaping @Sendable (Node) async throws(CacheError) -> Session
    ) {
        self.deployment = deployment
        self.tries = tries
        self.open = open
    }

    package struct Answer: Sendable {
        /// In the order of the questions; a failure where nobody has answered for the key.
        package let results: [Result<RESPValue, CacheError>]
        /// What each node that was asked answered to what all of them were asked besides, by its name.
        package let besides: [String: [RESPValue]]
        /// Whether something that changes a server was done, or may have been.
        let hasWritten: Bool

        /// All replies.
        ///
        /// - Throws: the first failure, as ``CacheError/unknown(_:)`` where part of what was asked for may have been done.
        package var replies: [RESPValue] {
            get throws(CacheError) {
                var replies: [RESPValue] = []
                for index in results.indices { replies.append(try reply(to: index)) }
                return replies
            }
        }

        /// The reply to one of the questions.
        ///
        /// - Throws: ``CacheError`` as ``replies`` does.
        package func reply(to index: Int) throws(CacheError) -> RESPValue {
            do throws(CacheError) { return try results[index].get() } catch {
                throw hasWritten ? .unknown(error.refusal) : error
            }
        }
    }

    /// Asks until each question has its reply, or there is no more hope of one.
    ///
    /// - Parameters:
    ///   - first: asked of every node in front of all else.
    ///   - last: asked of every node behind all else.
    ///   - permit: for questions that may change something; without one they are refused before they are sent.
    package func ask(
        _ questions: [KeyedCommand], first: [Command] = [], last: [Command] = [], under permit: WritePermit? = nil
    ) async -> Answer {
        var course = RouterCourse(self, questions, first: first, last: last, permit: permit)
        await course.run()
        return course.answer
    }

    /// One command, wherever its key is.
    ///
    /// - Throws: ``CacheError``: ``CacheError/unknown(_:)`` where it was sent, may change something, and has no answer.
    package func ask(
        _ question: KeyedCommand, under permit: WritePermit? = nil
    ) async throws(CacheError) -> RESPValue {
        try await ask([question], under: permit).reply(to: 0)
    }
}
