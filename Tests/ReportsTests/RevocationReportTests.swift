import CacheModel
import Reports
import Support
import Testing

/// What is revoked, and what has come of it: columns for people, members for programs.
@Suite struct RevocationReportTests {
    private var list: RevokedList {
        let cutOff = ListedCutOff(cutOff: CutOff(user: "17", since: WallTime(seconds: 0)), lifetime: .seconds(60))
        return RevokedList(tokens: Array(Sample.revokedTokens.prefix(2)), cutOffs: [cutOff])
    }

    @Test func eachColumnHasAHeading() throws {
        let lines = RevokedReport.text(list).split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines[0].split(separator: " ") == ["TTL", "id", "user", "reason"])
        // Headings stand where their columns begin.
        let (id, user, reason) = (
            try column("id", lines[0]), try column("user", lines[0]), try column("reason", lines[0])
        )
        #expect(try column("until 1970", lines[1]) == id && column("17 ", lines[1]) == user)
        #expect(try column("cut off", lines[1]) == reason && column("token-0", lines[2]) == id)
        #expect(try column("user-0", lines[2]) == user && column("reported stolen", lines[2]) == reason)
        #expect(RevokedReport.text(RevokedList()).isEmpty, "a heading of nothing says nothing")
    }

    private func column(_ word: String, _ line: String) throws -> Int {
        let range = try #require(line.firstRange(of: word), "\(word) in \(line)")
        return line.distance(from: line.startIndex, to: range.lowerBound)
    }

    private func parsed(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    private func notes(_ json: JSONValue) -> [String] {
        guard case .array(let notes)? = json["notes"] else { return [] }
        return notes.compactMap(\.string)
    }

    @Test func aListSaysWhatItIsWorth() throws {
        var list = list
        list.risk = .later(policy: "allkeys-lru")
        list.check = RevocationCheck(watched: 3, lost: ["x"])
        let json = try parsed(RevokedReport.json(list))
        #expect(json["schema"]?.wholeNumber == 1 && notes(json) == RevocationWords.notes(list))
        #expect(notes(json)[0].hasPrefix("2 of 3 that were revoked from here hold; lost: x"))
    }

    @Test func howManyHoldIsANumber() throws {
        var held = Sample.revocation("a")
        (held.token.type, held.token.user, held.risk) = ("access", "17", .later(policy: "allkeys-lru"))
        let results = [held, Sample.revocation("b", state: .failed("OOM"))]
        let json = try parsed(RevocationReport.json(results, Invocation()))
        #expect(json["held"]?.wholeNumber == 1 && json["total"]?.wholeNumber == 2)
        let words = notes(json)
        #expect(words.contains(RevocationWords.barrier) && words.contains { $0.hasPrefix("allkeys-lru may take it") })
        #expect(words.last == "cachewatch revoke --user 17 --since now")
        guard case .array(let tokens)? = json["tokens"] else {
            Issue.record("\(json)")
            return
        }
        #expect(tokens.map { $0["token_id"]?.string } == ["a", "b"])
        #expect(tokens.map { $0["state"]?.string } == ["written", "failed"])
        #expect(tokens.map { $0["holds"]?.line } == ["true", "false"])
        #expect(tokens[0]["ttl_ms"]?.wholeNumber == 3_412_000)
    }

    @Test func cutOffsAndWhatIsTakenBack() throws {
        let json = try parsed(RevocationReport.json(Sample.cutOff("17")))
        #expect(json["cut_off"]?["user_id"]?.string == "17" && json["cut_off"]?["holds"]?.line == "true")
        #expect(notes(json) == [RevocationWords.barrier])
        let cutOff = CutOff(user: "17", since: WallTime(seconds: 1000))
        let done = Readmission(keys: ["token:blacklist:a"], barrier: .refuses(cutOff))
        let back = try parsed(RevocationReport.json(unrevoked: "a", done, Invocation()))
        #expect(back["still_refused"]?.string == "refuses" && back["cut_off"]?["since"]?.wholeNumber == 1000)
        #expect(notes(back).last == "cachewatch unrevoke --user 17")
        let unknown = Readmission(keys: ["k"], barrier: .userUnknown)
        let open = try parsed(RevocationReport.json(unrevoked: "a", unknown, Invocation()))
        #expect(open["still_refused"]?.string == "user_unknown" && open["cut_off"]?.line == "null")
        let user = try parsed(RevocationReport.json(unrevokedUser: "17", key: nil))
        #expect(user["removed"]?.line == "[]")
    }
}
