internal import CacheCore

extension NodeNameError {
    /// What is wrong with an entry of a settings file.
    ///
    /// - Parameter place: names it where part of it could be a password: it is not repeated then.
    func words(about text: String, _ place: String) -> String {
        let problem =
            self == .credentials
            ? "holds credentials: give them in redis_url, username and password_file; nodes are host:port"
            : "is not host:port: it \(self)"
        return "\(Self.isHarmless(text) ? "\"\(Printable.escape(text, limit: 80))\"" : place) \(problem)"
    }

    private static func isHarmless(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count < 3 && parts.dropFirst().allSatisfy { $0.count < 2 }
            && !text.contains(where: { "@/?#".contains($0) })
    }
}
