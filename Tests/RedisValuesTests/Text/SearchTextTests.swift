import RedisValues
import Testing

/// What is on the screen is found, as it is there.
@Suite struct SearchTextTests {
    @Test(arguments: [
        (" foo", "\\x20foo", true), ("foo ", "foo\\x20", true), ("a  b", "a \\x20b", true), ("a b", "\\x20", false),
        ("é", "\\u{e9}", true), ("é", "É", true), ("é", "e9", false), ("x\u{200b}", "\\u{200b}", true),
        ("x\u{200b}", "X\u{200b}", true), ("a\\b", "a\\\\b", true), ("a\\b", "a\\b", false), ("Foo ", "foo", true),
        ("foo", "foo ", false), ("a", "", true),
    ]) func namesAreFoundAsTheyAreShown(name: String, wanted: String, isFound: Bool) {
        #expect(SearchText(wanted).isFound(inName: Array(name.utf8)) == isFound)
    }

    /// A list that is found is looked through again only where nothing else can be found.
    @Test func whatIsNarrowerFindsNothingMore() {
        let texts = ["", "u", "u{e9}", "\\u{e9}", "\\", "x20", "\\x20", "é", "c3", "a", " ", "\\x20a"]
        let names = ["é", " a", "a ", "a  b", "u{e9}", "\\u{e9}", "x20", "\u{200b}", "ab"].map { Array($0.utf8) }
        for (new, old) in texts.flatMap({ new in texts.map { (new, $0) } }) {
            let (new, old) = (SearchText(new), SearchText(old))
            guard new.isNarrower(than: old) else { continue }
            #expect(names.allSatisfy { !new.isFound(inName: $0) || old.isFound(inName: $0) }, "\(new) \(old)")
        }
    }
}
