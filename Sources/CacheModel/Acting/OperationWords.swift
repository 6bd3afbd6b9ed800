internal import RedisValues

/// What operations are going to do, and what they have done, in lines for people.
public enum OperationWords {
    public static func plan(_ plan: FlushPlan) -> [String] {
        var lines = [
            "flush \(plan.scope.words) on \(plan.nodes.words), database \(plan.database)"
        ]
        if let keys = plan.keys {
            lines.append(
                "  \(Format.count(keys)) of \(Format.count(plan.total, "key")), \(bytes(plan.bytes)) in memory")
            lines += Self.parts(plan.parts)
        }
        lines += plan.consequences.map { "  \($0)" }
        if !plan.namesakes.isEmpty {
            lines.append(
                "  stays: \(plan.namesakes.joined(separator: ", ")), a key that is named exactly like a prefix")
        }
        if !plan.large.isEmpty {
            let (they, them) = plan.large.count == 1 ? ("it stays", "it") : ("they stay", "them")
            lines.append("  \(plan.large.words)")
            lines.append("  \(they), or \(forGood) removes \(them), and no undo brings \(them) back")
            if plan.large.leftOut > 0 {
                lines.append(
                    "  only the largest \(Format.count(plan.large.items.count)) go at once: the others stay until it "
                        + "is flushed again")
            }
        }
        if plan.isPart { lines.append(part) }
        if let objection = plan.undoObjection { lines.append("  \(undoRefused(objection))") }
        if plan.protected {
            lines.append(
                plan.scope.glob == nil
                    ? "  protected: without its keys every revoked token is let in again until it expires"
                    : "  \(plan.protection)")
        }
        return lines
    }

    public static func receipt(_ receipt: FlushReceipt) -> [String] {
        var lines = [
            "\(head(receipt.outcome)): \(Format.count(receipt.removed, "key")) of \(receipt.scope.words) removed in \(Format.duration(receipt.took))"
        ]
        for node in receipt.continuedOn {
            lines.append("  the primary was lost on the way: planned anew and gone on with on \(node)")
        }
        if receipt.vanished > 0 { lines.append("  \(Format.count(receipt.vanished)) had gone by themselves") }
        if receipt.uncertain > 0 {
            lines.append(
                "  \(Format.count(receipt.uncertain)) more may be removed: their removal was sent and never answered")
        }
        if receipt.uncertainForGood > 0 {
            lines.append(
                "  \(Format.count(receipt.uncertainForGood)) more may be gone for good, in no journal: their removal "
                    + "was sent and never answered")
        }
        if receipt.forGoodCount > 0 {
            let names = receipt.forGood.map(\.key).joined(separator: ", ")
            lines.append(
                "  \(Format.count(receipt.forGoodCount, "key")) of them, \(bytes(receipt.forGoodBytes)), went for good, without a journal: \(names)"
            )
        }
        if receipt.keptCount > 0 {
            lines.append(
                "  \(Format.count(receipt.keptCount)) stay, too large for a journal: \(receipt.kept.joined(separator: ", "))"
            )
            lines.append(
                "  flush --match NAME --remove-for-good, or d on its line on screen 3, removes what is too large; no undo "
                    + "brings it back")
        }
        if receipt.busyCount > 0 {
            lines.append(
                "  \(Format.count(receipt.busyCount)) stay, written to each time before they could go: \(receipt.busy.joined(separator: ", "))"
            )
        }
        if !receipt.comparesWrites, receipt.removed > 0 {
            lines.append(
                "  this user may not run scripts (+eval): what was written to a key between its copy and its end is lost"
            )
        }
        if let undo = receipt.undo {
            lines.append(
                "  journal of \(Format.count(receipt.journalKeys, "key")), \(bytes(receipt.journalBytes)); undo with")
            lines.append("    \(undo)")
            if let objection = receipt.undoObjection { lines.append("  \(undoRefused(objection))") }
        } else if receipt.removed + receipt.uncertain > 0 {
            lines.append("  no journal: they are gone")
        }
        lines.append("  \(cost(receipt.receipt))")
        return lines
    }

    /// - Parameter replacing: how what is there again would be overwritten, such as an option; nil where there is no way.
    public static func receipt(
        _ receipt: UndoReceipt, isDryRun: Bool, replacing: String? = "--replace overwrites them"
    ) -> [String] {
        let isOne = receipt.entries == 1
        let what = receipt.header.kind == .flush ? isOne ? "key" : "keys" : isOne ? "time to live" : "times to live"
        let more = replacing.map { "; \($0)" } ?? ""
        let verb = isDryRun ? "would be restored" : "restored"
        var lines = [
            (isDryRun && receipt.outcome.isDone ? "" : "\(head(receipt.outcome)): ")
                + "\(Format.count(receipt.restored)) of \(Format.count(receipt.entries)) \(what) of \(receipt.header.scope) \(verb)"
                + (isDryRun
                    ? "" : ", \(Format.count(receipt.verified)) found there, in \(Format.duration(receipt.took))")
        ]
        if let place = receipt.place {
            let isThere = place.isWhere(receipt.header)
            lines.append(
                "  into \(place.target)"
                    + (isThere ? "" : ", which is not where it is from: \(place.words(of: receipt.header))"))
        }
        func note(_ count: Int, _ words: String) {
            if count > 0 { lines.append("  \(Format.count(count)) \(words)") }
        }
        if let objection = receipt.objection {
            lines.append(
                "  the server would refuse it: \(Printable.escape(objection, limit: Printable.longestSentence))")
        }
        if !receipt.header.forGood.isEmpty {
            let names = receipt.header.forGood.map(\.key).joined(separator: ", ")
            let (named, others) = (receipt.header.forGood.count, receipt.header.forGoodOthers)
            let count = others > 0 ? ", \(Format.count(named)) of \(Format.count(named +| others))" : ""
            lines.append(
                "  was to be removed for good, too large for this journal\(count): \(names); no undo brings that back")
        }
        note(receipt.expired, "have run out meanwhile")
        note(
            receipt.existing,
            receipt.header.kind == .flush
                ? "are there again and \(isDryRun ? "are" : "were") left alone\(more)"
                : "have been given another one meanwhile and \(isDryRun ? "are" : "were") left alone\(more)")
        note(receipt.missing, "have no key any more")
        note(receipt.failed, "were refused by the server: \(receipt.failure ?? "")")
        note(receipt.superseded, "are earlier values of keys that the flush has met again; the last one counts")
        if receipt.isUncertain { lines.append("  \(neverAnswered("restored"))") }
        if receipt.inDoubt > 0 || receipt.areLastInDoubt {
            lines.append(
                "  of \(receipt.inDoubt > 0 ? Format.count(receipt.inDoubt) : "the last ones") nobody knows whether they "
                    + "were removed: what was deleted by others may be back")
        }
        if receipt.damagedBlocks > 0 {
            let lost = receipt.lostKeys.map { "\(Format.count($0)) \(what) in them are lost" }
            lines.append(
                "  \(Format.count(receipt.damagedBlocks)) damaged blocks were passed over: "
                    + (lost ?? "how many \(what) were in them nobody knows"))
            if receipt.header.kind == .flush {
                lines.append("  what others deleted meanwhile may be back: a damaged block may have said what that was")
            }
        }
        if !receipt.journalIsWhole {
            lines.append(
                "  the journal has no end: what wrote it was killed or had to end at once, or the file is cut"
                    + (receipt.damagedBlocks == 0 ? "; what it holds is whole" : ""))
        }
        return lines
    }

    public static func plan(_ plan: RepairPlan) -> [String] {
        var lines = [
            "repair \(plan.scope.words) on \(plan.nodes.words): \(Format.count(plan.withoutTTL, "key")) without a TTL"
                + (plan.above > 0
                    ? ", \(Format.count(plan.above)) with more than \(Format.duration(plan.maximumTTL))" : "")
        ]
        if plan.withoutTTL > 0 {
            lines.append(
                "  EXPIRE … NX gives them \(Format.duration(plan.maximumTTL / 2)) to \(Format.duration(plan.maximumTTL)), spread so that they do not expire together"
            )
        }
        if plan.above > 0 { lines.append("  EXPIRE … LT shortens the others to \(Format.duration(plan.maximumTTL))") }
        if plan.scope.glob != nil {
            lines += parts(plan.parts)
            if plan.parts.contains(where: { $0.namespace != nil }) {
                lines.append("  keys of a namespace are held to its contract, and get no more than that allows")
            }
        }
        if plan.isPart { lines.append(part) }
        if let objection = plan.undoObjection { lines.append("  \(undoRefused(objection))") }
        lines += plan.examples.prefix(5).map { key in
            "  \(key.key)  \(key.lifetime.map { "TTL \(Format.duration(.seconds($0)))" } ?? "no TTL")"
        }
        return lines
    }

    public static func receipt(_ receipt: RepairReceipt) -> [String] {
        var lines = [
            "\(head(receipt.outcome)): \(Format.count(receipt.given, "key")) of \(receipt.scope.words) \(receipt.given == 1 ? "was" : "were") given a TTL"
                + (receipt.shortened > 0 ? ", \(Format.count(receipt.shortened)) a shorter one" : "")
        ]
        if receipt.unchanged > 0 {
            lines.append("  \(Format.count(receipt.unchanged)) were gone or mended meanwhile")
        }
        if receipt.isUncertain { lines.append("  \(neverAnswered("changed"))") }
        if let undo = receipt.undo {
            lines += ["  undo with", "    \(undo)"]
            if let objection = receipt.undoObjection { lines.append("  \(undoRefused(objection))") }
        }
        return lines
    }

    private static let partsShown = 8

    /// Whose keys are concerned that nobody has named is not left out: beyond the first ones by namespace.
    private static func parts(_ parts: [FlushPlan.Part]) -> [String] {
        var others: [String?: Int] = [:]
        for part in parts.dropFirst(partsShown) { others[part.namespace, default: 0] +|= part.keys }
        let rest = others.map { FlushPlan.Part(prefix: "(others)", keys: $0.value, namespace: $0.key) }
            .sorted { ($1.keys, $0.namespace ?? "") < ($0.keys, $1.namespace ?? "") }
        return (parts.prefix(partsShown) + rest).map { part in
            let owner = part.namespace.map { " of the namespace \(Printable.escape($0, limit: 60))" } ?? ""
            return "  \(part.prefix.isEmpty ? "(no prefix)" : part.prefix)  \(Format.count(part.keys, "key"))\(owner)"
        }
    }

    /// How what no journal can hold is removed, for people.
    private static let forGood = "\"for good\" (--remove-for-good)"

    private static let part =
        "  one node of a cluster: what the others hold is not in it, and nothing is done; --cluster reaches all of them"

    private static func neverAnswered(_ what: String) -> String {
        "some more may be \(what): what was sent last was never answered"
    }

    /// Instead of the promise that an undo brings it back.
    ///
    /// - Parameter objection: the server's words.
    public static func undoRefused(_ objection: String) -> String {
        let words = Printable.escape(objection, limit: Printable.longestSentence)
        return ErrorReply.isKeptFromAll(objection)
            ? "the undo takes another server, this one does not allow it: \(words)"
            : "the undo takes another user, this one may not: \(words)"
    }

    private static func head(_ outcome: OperationOutcome) -> String {
        switch outcome {
        case .done: "done"
        case .cancelled: "stopped half way"
        case .stopped(let words): "stopped half way (\(Printable.escape(words, limit: Printable.longestSentence)))"
        }
    }

    static func bytes(_ bytes: Int?) -> String { Format.bytes(bytes.map { ByteCount($0) }) }

    private static func cost(_ receipt: Receipt) -> String {
        let sent = bytes(receipt.bytesSent)
        let received = bytes(receipt.bytesReceived)
        let stall = receipt.largestStall.map { ", nobody waited longer than \(Format.duration($0))" } ?? ""
        return "cost: \(Format.count(receipt.commands, "command")), \(sent) out, \(received) in\(stall)"
    }
}
