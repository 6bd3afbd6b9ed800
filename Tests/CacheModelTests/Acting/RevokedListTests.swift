import CacheModel
import Support
import Testing

@Suite struct RevokedListTests {
    private func item(_ id: String, _ layout: BlacklistLayout, _ seconds: Int?, reason: String? = nil) -> ListedToken {
        let token = RevokedToken(id: id, user: "U-7", reason: reason, blacklistedAt: WallTime(seconds: 0))
        return ListedToken(token: token, layout: layout, lifetime: seconds.map { .seconds($0) })
    }

    @Test func bothKeysOfATokenAreOneRow() {
        let uuid = TokenID.uuid(for: "xyz789")
        var token = item(uuid, .deployed, 50, reason: "stolen")
        #expect(token.identity == item("xyz789", .documented, nil).identity)
        token.add(item("xyz789", .documented, nil))
        #expect(token.token.id == "xyz789" && token.token.reason == "stolen")
        #expect(token.layouts == BlacklistLayout.allCases && token.lifetime == .seconds(50))
    }

    @Test func whatIsLookedForStandsInIdUserOrReason() {
        let token = item("xyz789", .documented, 50, reason: "Stolen laptop")
        for text in ["", "xyz", "XYZ", "u-7", "stolen L", TokenID.uuid(for: "xyz789")] {
            #expect(RevokedList.Search(text).matches(token), "\(text)")
        }
        for text in ["other", String(TokenID.uuid(for: "xyz789").prefix(8))] {
            #expect(!RevokedList.Search(text).matches(token), "no digits that nobody has seen: \(text)")
        }
        let user = ListedCutOff(cutOff: CutOff(user: "U-7", since: WallTime(seconds: 1)), lifetime: nil)
        #expect(RevokedList.Search("u-7").matches(user) && !RevokedList.Search("stolen").matches(user))
    }

    /// As it is, and as a list shows it.
    @Test func whatIsNotDrawnIsFound() {
        for text in ["x\u{200b}y", "X\\u{200b}y", "\\x20", "\\u{e9}"] {
            #expect(RevokedList.Search(text).matches(item("x\u{200b}y é ", .documented, 50)), "\(text)")
        }
        #expect(RevokedList.Search("a\\b").matches(item("a\\b", .documented, 50)))
    }

    @Test func theLimitIsOneOfBothKinds() {
        let user = ListedCutOff(cutOff: CutOff(user: "u", since: WallTime(seconds: 1)), lifetime: nil)
        var list = RevokedList(tokens: [item("b", .documented, nil), item("a", .documented, 9)], cutOffs: [user])
        list.sort()
        #expect(list.tokens.map(\.token.id) == ["a", "b"])
        let two = list.limited(to: 2)
        #expect(two.cutOffs.count == 1 && two.tokens.map(\.token.id) == ["a"] && !two.isWhole)
        #expect(list.limited(to: 3) == list)
    }
}
