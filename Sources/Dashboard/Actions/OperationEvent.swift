public import CacheModel

/// What is to be done to the server.
public enum OperationKind: Equatable, Sendable {
    case flush, repair, undo, revoke, rewrite, cutOff, list, unrevoke, layout, key, kill
}

/// What acting brings.
public enum OperationEvent: Equatable, Sendable {
    /// Why nothing may be changed; nil where it may.
    case access(String?)
    /// Nobody has answered that: it is to be asked again.
    case accessUnknown
    /// How far a count, a flush, a repair or an undo is.
    case progress(OperationProgress)
    case flushPlanned(FlushPlan)
    case flushed(FlushReceipt)
    case repairPlanned(RepairPlan)
    case repaired(RepairReceipt)
    case undone(UndoReceipt, isDryRun: Bool)
    /// How the deployment names its revoked tokens, in words.
    case layout(String)
    case revoked([RevocationResult], cutOffs: [CutOffResult] = [])
    case cutOff(CutOffResult)
    case listed(RevokedList)
    case journals(JournalList)
    /// The keys that were removed, escaped, and what keeps the token out all the same.
    case unrevoked(String, [String], CutOffBarrier = .absent)
    /// The key that was removed, escaped; nil for a user who was not cut off.
    case unrevokedUser(String, String?)
    /// A key's time to live was changed; the words say how.
    case keyChanged([UInt8], String)
    /// A key whose time to live was to be changed is not there any more.
    case keyMissing([UInt8])
    /// The journal that has it; nil for a key that was not there.
    case keyDeleted([UInt8], journal: String?, undoObjection: String? = nil)
    /// One that no journal can hold was removed for good.
    case keyGone([UInt8], bytes: Int)
    /// One that no journal can hold stays.
    case keyTooLarge([UInt8], bytes: Int)
    case killPlanned(KillPlan)
    case killed(KillReceipt)
    /// It was not done, or not begun; the words say why.
    ///
    /// - doubt: nil where that is certain; else where what it may have removed would be, which may be empty.
    case failed(OperationKind, String, doubt: String? = nil)
}

extension OperationEvent {
    /// True where nothing more comes of the act.
    var isLast: Bool {
        if case .progress = self { false } else { true }
    }
}
