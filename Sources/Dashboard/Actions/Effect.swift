public import CacheModel

/// Something that is to be done.
public enum Effect: Equatable, Sendable {
    case quit
    case suspend
    case redraw
    case setInterval(Duration)
    case reconnect
    case applyTheme(String)
    case copy(String)
    /// Draw keys and tell what they are.
    case estimate
    /// Walk all keys; `full` asks each of them.
    case sweep(full: Bool)
    case cancelSweep
    /// The server suffers, or does so no longer: a sweep is to step back, or may go on.
    case strain(Bool)
    /// List keys of a scope.
    case browse(KeyScope, from: [UInt8]?, wanted: Int, ticket: Int)
    case inspect([UInt8], from: KeyCursor)
    /// Look whether anything may be changed.
    case findAccess
    case planFlush(String, SweepPace)
    case flush(FlushPlan, FlushConfirmation, journals: Bool, SweepPace)
    case planRepair(String, SweepPace)
    case repair(RepairPlan, FlushConfirmation, SweepPace)
    /// Give back what a journal holds, or say what it would.
    case undo(String, isDryRun: Bool, SweepPace)
    /// Stop what runs; its receipt is wanted.
    case cancelOperation
    /// Let what runs go as fast as it can.
    case hurryOperation
    /// Stop what runs; nobody wants to know what it has found.
    case dropOperation
    /// Look how the deployment names its revoked tokens.
    case findLayout
    case revoke(RevocationRequest)
    case listRevoked
    /// The same, of what the text stands in.
    case searchRevoked(String)
    case cutOff(CutOffRequest, typed: String)
    case unrevoke(String, typed: String)
    /// Let a user in again who was cut off.
    case unrevokeUser(String, typed: String)
    /// Write revocations again that were lost.
    case rewriteLost
    /// nil takes the time to live away; `readmits` where the second word of a protected namespace was typed.
    case setLifetime([UInt8], Duration?, readmits: Bool)
    case deleteKey([UInt8], readmits: Bool)
    /// An alert was raised, has changed its level, or is cleared.
    case log(AlertChange)
}
