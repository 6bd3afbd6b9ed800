package import RedisValues

extension RESPValue {
    /// What a reply holds.
    ///
    /// - Throws: ``CacheError``: the server's refusal, or that it answered something else.
    package func reading<Answer>(
        _ read: (RESPValue) throws(RESPShapeError) -> Answer
    ) throws(CacheError) -> Answer {
        if let error = cacheError { throw error }
        do throws(RESPShapeError) { return try read(self) } catch { throw .protocolError(error.description) }
    }

    /// An error instead of what was asked for.
    package var cacheError: CacheError? {
        guard case .error(let words) = self else { return nil }
        return .refused(Refusal(reply: words) ?? Refusal(ofCommand: words))
    }
}
