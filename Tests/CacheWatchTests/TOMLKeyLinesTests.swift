import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct TOMLKeyLinesTests {
    private static let text = """
        # ours
        [cache]
        cache_type = "Redis"
        note = \"\"\"
        redis_pool_size = 1
        \"\"\"
        redis_pool_size = "many"

        [[cachewatch.namespace]]
        name = "a"
        """

    /// A line break of two bytes is one `Character`, and not the character "\\n".
    @Test(arguments: ["\n", "\r\n"]) func linesAreCountedByTheirLineFeeds(lineBreak: String) {
        let lines = TOMLKeyLines(
            text: Self.text.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: lineBreak))
        #expect(lines[["cache"]] == 2)
        #expect(lines[["cache", "cache_type"]] == 3)
        #expect(lines[["cache", "redis_pool_size"]] == 7)
        #expect(lines[["cachewatch", "namespace", "0", "name"]] == 10)
        #expect(lines[["cache", "unknown"]] == 2)
    }

    @Test func complaintsNameTheirLineInAFileWithWindowsLineBreaks() {
        let issue = #expect(throws: SettingsIssue.self) {
            try ConfigurationFile(text: "# ours\r\n[cache]\r\nredis_pool_size = 0\r\n", source: "f")
        }
        #expect(issue?.line == 3)
        let warnings = try? ConfigurationFile(text: "[cache]\r\n\r\nredis_ulr = 1\r\n", source: "f").settings.warnings
        #expect(warnings?.map(\.line) == [3])
    }
}
