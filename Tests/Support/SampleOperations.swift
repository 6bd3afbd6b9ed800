public import CacheModel

/// What operations plan and report in samples.
extension Sample {
    public static let identity = NodeIdentity(
        address: "cache-1:6379", runID: "8f2c", isPrimary: true, software: "redis 7.0.15", replicas: 1)

    /// A million sessions, or forty revoked tokens.
    public static func flushPlan(_ namespace: String) -> FlushPlan {
        let isProtected = namespace == "token:blacklist"
        var plan = FlushPlan(
            scope: .namespace(namespace), protected: isProtected, target: "redis://cache-1:6379/0", database: 0,
            nodes: [identity])
        plan.keys = isProtected ? 40 : 1_000_000
        plan.bytes = isProtected ? 10_400 : 152_000_000
        plan.parts = [FlushPlan.Part(prefix: "\(namespace):", keys: plan.keys ?? 0)]
        plan.total = 5_012_345
        plan.took = .milliseconds(4100)
        return plan
    }

    /// The same of a prefix or a pattern.
    public static func flushPlan(_ scope: KeyScope) -> FlushPlan {
        var plan = flushPlan(scope.name)
        plan.scope = scope
        return plan
    }

    public static func flushReceipt(_ namespace: String, outcome: OperationOutcome = .done) -> FlushReceipt {
        var receipt = FlushReceipt(scope: .namespace(namespace))
        receipt.removed = outcome.isDone ? 1_000_000 : 402_113
        receipt.journal = "/home/ops/.local/state/cachewatch/journals/flush-\(namespace)-20261122T143210Z.journal"
        receipt.undo = receipt.journal.map(Invocation().undo)
        receipt.journalBytes = 58_720_256
        receipt.journalKeys = receipt.removed
        receipt.outcome = outcome
        receipt.took = .milliseconds(7200)
        receipt.receipt.commands = 3_001_200
        return receipt
    }

    public static func repairPlan(_ namespace: String) -> RepairPlan {
        var plan = RepairPlan(
            scope: .namespace(namespace), protected: false, target: "redis://cache-1:6379/0", database: 0,
            nodes: [identity],
            maximumTTL: .seconds(86_400))
        (plan.withoutTTL, plan.above, plan.examined) = (412, 3, 5_012_345)
        return plan
    }

    public static func undoReceipt() -> UndoReceipt {
        let header = JournalHeader(
            id: 1, kind: .flush, scope: "session", target: "redis://cache-1:6379/0", database: 0, runID: "8f2c",
            software: "redis 7.0.15", startedAt: takenAt)
        var receipt = UndoReceipt(header: header)
        (receipt.entries, receipt.restored, receipt.verified) = (1_000_000, 998_211, 998_211)
        receipt.expired = 1789
        receipt.took = .milliseconds(5700)
        return receipt
    }

    public static func progress(_ share: Double) -> OperationProgress {
        var progress = OperationProgress()
        progress.expected = 5_012_345
        progress.examined = Int(5_012_345 * share)
        progress.matched = Int(1_000_000 * share)
        progress.done = progress.matched
        progress.elapsed = .seconds(4)
        return progress
    }

    public static func revocation(
        _ id: String, state: RevocationResult.State = .written, acknowledged: Int? = 1
    ) -> RevocationResult {
        var result = RevocationResult(
            token: RevokedToken(id: id, blacklistedAt: takenAt), layout: .documented, key: "token:blacklist:\(id)",
            state: state)
        result.lifetime = .seconds(3412)
        result.acknowledged = acknowledged
        result.replicas = acknowledged == nil ? 0 : 1
        return result
    }

    public static var revokedTokens: [ListedToken] {
        (0..<30).map { number in
            var token = RevokedToken(id: "token-\(number)", blacklistedAt: takenAt)
            token.user = "user-\(number % 7)"
            token.reason = number % 3 == 0 ? "reported stolen" : nil
            return ListedToken(
                token: token, layout: .documented, lifetime: number == 29 ? nil : .seconds(60 + number * 100))
        }
    }

    public static func cutOff(_ user: String, state: CutOffResult.State = .written) -> CutOffResult {
        var result = CutOffResult(
            cutOff: CutOff(user: user, since: takenAt), key: "blacklist:since:\(user)", state: state)
        (result.lifetime, result.acknowledged, result.replicas) = (CutOff.lifetime, 1, 1)
        return result
    }

    /// Keys of one page, `begin` and following; the last page has no cursor.
    public static func keyPage(
        _ scope: KeyScope, matching narrowing: Glob? = nil, from begin: Int, count: Int, pages: Int = 3
    ) -> KeyPage {
        if let narrowing {
            var page = keyPage(scope, from: begin, count: count, pages: pages)
            page.rows.removeAll { !narrowing.matches($0.name) }
            return page
        }
        var page = KeyPage()
        let name = scope.name == "*" ? "product" : scope.name
        page.rows = (begin..<begin + count).map { number in
            var facts = KeyFacts()
            facts.type = number % 5 == 4 ? .hash : .string
            facts.lifetime = number % 7 == 6 ? .never : .milliseconds(60_000 * (number + 1))
            facts.bytes = 100 + number * 37 % 900
            return KeyRow(name: Array("\(name):\(number)".utf8), facts: facts)
        }
        page.examined = count * 10
        page.total = count * 10 * pages
        page.cursor = begin + count < count * pages ? Array(String(begin + count).utf8) : nil
        return page
    }

    public static func inspection(_ key: [UInt8]) -> KeyInspection {
        var inspection = KeyInspection(key: key, typeName: "string")
        inspection.type = .string
        inspection.lifetime = .milliseconds(3_480_000)
        inspection.encoding = "raw"
        inspection.bytes = 312
        inspection.idle = 9
        inspection.askedAt = takenAt
        let value = #"{"user":"42","items":[{"sku":"A-17","n":2}],"total":24.5}"#
        inspection.length = value.utf8.count
        inspection.content.elements = [KeyContent.Element(value: Array(value.utf8))]
        return inspection
    }
}
