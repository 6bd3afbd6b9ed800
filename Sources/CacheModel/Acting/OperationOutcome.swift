public import RedisValues

/// How something that changes a server ended.
public enum OperationOutcome: Equatable, Sendable {
    case done
    /// Somebody stopped it.
    case cancelled
    /// It could not go on; the words say why.
    case stopped(String)

    public var isDone: Bool { self == .done }
}

/// A node as it stood when something was planned. What is sent to another one later is refused.
public struct NodeIdentity: Equatable, Sendable {
    public var address: String
    /// New at every start of the server.
    public var runID: String
    /// All that tells it from others.
    public var server: ServerIdentity
    public var isPrimary: Bool
    /// Such as `redis 7.0.15`.
    public var software: String
    /// Connected ones.
    public var replicas: Int

    public init(
        address: String, runID: String, isPrimary: Bool, software: String = "", replicas: Int = 0,
        server: ServerIdentity? = nil
    ) {
        self.address = address
        self.runID = runID
        self.server = server ?? ServerIdentity(runID: runID)
        self.isPrimary = isPrimary
        self.software = software
        self.replicas = replicas
    }

    /// Why nothing may be sent to `now`, where this was planned for; nil where it is the same.
    public func objection(to now: NodeIdentity) -> String? {
        processObjection(to: now) ?? (now.isPrimary ? nil : "\(address) is no primary any more")
    }

    /// The same, whatever its role is by now.
    public func processObjection(to now: NodeIdentity) -> String? {
        switch now.server.relation(to: server) {
        case .sameProcess: return nil
        case .restarted:
            return "\(address) was started again: it is another server process than the one that was planned for"
        case .successor, .another, .unknown:
            return "\(address) is another server process than the one that was planned for"
        }
    }
}

extension [NodeIdentity] {
    /// Why what was planned for these nodes cannot be done on those that are there now; nil where it can.
    public func objection(to now: [NodeIdentity]) -> String? {
        for planned in self {
            guard let node = now.first(where: { $0.address == planned.address }) else {
                return "\(planned.address) is no primary any more"
            }
            if let objection = planned.objection(to: node) { return objection }
        }
        return now.first { node in !contains { $0.address == node.address } }.map {
            "\($0.address) was no primary when it was planned"
        }
    }

    /// Where something is done, for people: an address with its software, or how many there are.
    public var words: String {
        guard let first else { return "nothing" }
        let software = Set(map(\.software)).sorted().joined(separator: ", ")
        if count == 1 { return "\(first.address) (\(software))" }
        let names = prefix(3).map(\.address).joined(separator: ", ")
        return "\(count) nodes: \(names)\(count > 3 ? ", …" : "") (\(software))"
    }

    /// Of all of them, for a journal.
    public var runIDs: String { map(\.runID).joined(separator: ",") }
}

/// How far an operation is.
public struct OperationProgress: Equatable, Sendable {
    /// Keys walked over.
    public var examined = 0
    /// All keys there were at the beginning.
    public var expected = 0
    /// Keys that are concerned, so far.
    public var matched = 0
    /// Of them, dealt with.
    public var done = 0
    /// Written to the journal, or of the keys counted.
    public var bytes = 0
    public var elapsed = Duration.zero

    public init() {}

    /// 0 to 1.
    public var share: Double { expected > 0 ? min(1, Double(examined) / Double(expected)) : 0 }

    /// Keys a second.
    public var rate: Double { elapsed > .zero ? Double(examined) / (elapsed / .seconds(1)) : 0 }

    /// nil before anything is known.
    public var remaining: Duration? {
        rate > 0 && expected >= examined ? .limited(seconds: Double(expected - examined) / rate) : nil
    }
}
