import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Found by `scripts/fuzz`: the parser ends the program at such a header.
@Suite struct TOMLHeadersTests {
    @Test(arguments: [
        "[!]", "[\u{fffd}]4", "[[ü]]", "[ .a]", "[#]", "a = 1\r\n [ {", "\u{feff}[=]", "[[[a]]]", "x = ']'\n[\u{0}",
        "x = \"\"\"\n\"\"\"\n[+]", "x = [\n]\n[,]", "x = { a = [1] } # [\n[*]",
    ])
    func isFound(_ text: String) { #expect(TOMLHeaders.nameless(in: text) != nil) }

    @Test(arguments: [
        "", "[", "[a]", "[ a ]", "[[a]]", "[\"!\"]", "['ü']", "[]", "[[]]", "x = [ [1], [+2] ]", "x = [\n  [.5],\n]",
        "x = \"\"\"\n[!]\n\"\"\"", "x = '''\n[!]\n'''", "x = \"\\\"\" # \"\n[a]", "# [!]", "x = \"\"\"a\"\"\"\"\"\n[a]",
        "x = [ # ]\n[!], ]",
    ])
    func isLeftAlone(_ text: String) { #expect(TOMLHeaders.nameless(in: text) == nil) }

    @Test func linesAreCounted() {
        #expect(TOMLHeaders.nameless(in: "a = 1\nb = \"\"\"\n\n\"\"\"\n[!]") == 5)
    }
}
