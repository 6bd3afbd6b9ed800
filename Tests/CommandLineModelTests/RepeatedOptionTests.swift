import CommandLineModel
import Testing

@Suite struct RepeatedOptionTests {
    @Test(arguments: [
        (["--url", "redis://a", "--url", "redis://b"], "--url"), (["--url=a", "--url", "b"], "--url"),
        (["--url=a", "keys", "--url=b"], "--url"), (["--once", "--format", "json", "--format", "text"], "--format"),
        (["revoke", "--file", "-", "--file", "ids"], "--file"), (["--limit", "-1", "--limit", "5"], "--limit"),
        (["bundle", "R", "-o", "a", "--output", "b"], "--output"), (["-o", "a", "-o", "b"], "--output"),
    ])
    func twoValuesOfOneOptionAreNoticed(words: [String], name: String) {
        #expect(RepeatedOption.first(in: words) == name)
    }

    @Test(arguments: [
        [], ["--once", "--once"], ["--url", "a", "--config", "a"], ["--url", "a", "keys", "--url", "a"],
        ["--url=a", "--url", "a"], ["-o", "a", "--output=a"], ["inspect", "--url", "a", "--", "--url", "b"],
        ["a", "a", "b"],
        ["--read-only", "keys", "--read-only", "cart"], ["--cluster", "flush", "--cluster", "session", "--yes"],
    ])
    func whatIsSaidOnceOrTheSameTwiceIsNot(words: [String]) {
        #expect(RepeatedOption.first(in: words) == nil)
    }
}
