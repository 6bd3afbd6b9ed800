import Foundation
import Testing

/// The articles of `CacheCore.docc` show nothing that does not compile.
@Suite struct ArticleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

    private static func articles() throws -> [URL] {
        let folder = root.appendingPathComponent("Sources/CacheCore/CacheCore.docc")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
    }

    /// What stands between lines, without the blanks in front of all of them.
    private static func regions(of text: String, from start: String, to end: String) -> [String] {
        var (found, region): ([String], [Substring]?) = ([], nil)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let word = line.drop { $0 == " " }
            if word == start {
                region = []
            } else if word == end, let lines = region {
                let indent = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
                found.append(lines.map { String($0.dropFirst(indent)) }.joined(separator: "\n"))
                region = nil
            } else {
                region?.append(line)
            }
        }
        return found
    }

    private static func samples() throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Samples.swift")
        return regions(of: try text(file), from: "// sample", to: "// end")
    }

    @Test func eachBlockOfAnArticleIsCompiled() throws {
        let samples = Set(try Self.samples())
        for article in try Self.articles() {
            for block in Self.regions(of: try Self.text(article), from: "```swift", to: "```") {
                #expect(samples.contains(block), "\(article.lastPathComponent):\n\(block)")
            }
        }
    }

    @Test func eachSampleIsShown() throws {
        let shown = try Self.articles().flatMap { Self.regions(of: try Self.text($0), from: "```swift", to: "```") }
        #expect(shown.count >= 12)
        for sample in try Self.samples() { #expect(shown.contains(sample), "\(sample)") }
    }

    /// From the first page, every article can be reached.
    @Test func eachArticleIsListed() throws {
        let articles = try Self.articles()
        let first = try #require(articles.first { $0.lastPathComponent == "CacheCore.md" })
        let text = try Self.text(first)
        for article in articles where article != first {
            let name = article.deletingPathExtension().lastPathComponent
            #expect(text.contains("<doc:\(name)>"), "\(name)")
        }
    }
}
