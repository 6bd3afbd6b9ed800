public import RedisValues

/// What can go wrong between us and a server, or with the settings.
public enum CacheError: Error, Equatable, Sendable {
    /// No usable connection; the refusal says why and what to do.
    case refused(Refusal)
    /// The stream is not RESP; hiredis' words, escaped.
    case protocolError(String)
    /// A reply was announced or received with this many bytes or elements.
    case replyTooLarge(Int)
    /// The server closed the connection; `midReply` when part of a reply had come.
    case closed(midReply: Bool)
    /// No reply within the deadline.
    case timedOut(Duration)
    /// The request was cancelled; what was sent may have been done.
    case cancelled
    /// Something that changes the server was sent, and the answer was lost: all of it, a part or nothing was done.
    case unknown(Refusal)
    /// More callers wait for a connection already than may, or none came free in time; nothing was sent.
    case exhausted
    /// The server is not asked until it answers again, or is not sent writes while it has no memory; nothing was sent.
    case unavailable(since: WallTime, reason: Refusal)
    /// This connection may not write; the command was not sent.
    case readOnly(String)
    /// Refused for safety: the words say why.
    case forbidden(String)
    /// What was asked for makes no sense: the words say why.
    case input(String)
    /// A file of ours cannot be written or read.
    case file(path: String, String)
    /// A setting cannot be used.
    case settings(SettingsIssue)
}

extension CacheError {
    /// True where what was asked for may have been done all the same.
    public var leavesOpen: Bool {
        switch self {
        case .unknown, .timedOut, .closed: true
        case .refused, .protocolError, .replyTooLarge, .cancelled, .exhausted, .unavailable, .readOnly, .forbidden,
            .input, .file, .settings:
            false
        }
    }
}

extension CacheError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): Self.words(refusal)
        case .settings(let issue): issue.description
        case .unknown(let refusal):
            "it may have been done, or a part of it; look before you do it again (\(Self.words(refusal)))"
        case .readOnly(let command): "read-only: \(command) was not sent"
        case .forbidden(let words), .input(let words): words
        case .file(let path, let words): "\(path) \(words)"
        case .cancelled: "cancelled"
        case .exhausted: "all connections are in use, and no more may wait for one"
        case .unavailable(let since, let reason): "not available since \(since.iso8601): \(Self.words(reason))"
        case .protocolError, .replyTooLarge, .closed, .timedOut: Self.words(refusal)
        }
    }

    private static func words(_ refusal: Refusal) -> String {
        refusal.detail.isEmpty ? refusal.reason : "\(refusal.reason): \(refusal.detail)"
    }

    /// The same failure in an operator's terms.
    public var refusal: Refusal {
        switch self {
        case .refused(let refusal), .unknown(let refusal), .unavailable(_, let refusal): refusal
        case .protocolError(let words): Refusal(.protocolError, detail: words)
        case .replyTooLarge(let size): Refusal(.replyTooLarge, detail: "\(size) announced or received")
        case .closed(let midReply):
            Refusal(.closed, detail: midReply ? "in the middle of a reply" : "")
        case .timedOut(let after): Refusal(.hung, detail: "no reply within \(Format.duration(after))")
        case .cancelled: Refusal(.other, detail: "cancelled")
        case .exhausted, .readOnly, .forbidden, .input, .file: Refusal(.other, detail: description)
        case .settings(let issue): Refusal(.badConfiguration, detail: issue.description)
        }
    }
}
