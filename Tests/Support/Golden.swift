public import Testing

import Foundation

/// Compares a text with the file `Golden/<name>.<extension>` beside the calling test.
///
/// With `RECORD_GOLDEN=1` in the environment the file is written and the test fails, so that nothing records itself
/// unseen; a missing file fails as well.
public func expectGolden(
    _ text: String, named name: String, extension type: String = "txt", file: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
    let golden = folder.appendingPathComponent("\(name).\(type)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: golden)
            Issue.record("recorded \(name).\(type)", sourceLocation: sourceLocation)
        } catch {
            Issue.record("cannot record \(name).\(type): \(error)", sourceLocation: sourceLocation)
        }
        return
    }
    guard let data = try? Data(contentsOf: golden) else {
        Issue.record("no golden file \(name).\(type); RECORD_GOLDEN=1 makes one", sourceLocation: sourceLocation)
        return
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard expected != text else { return }
    Issue.record("\(difference(expected, text))", sourceLocation: sourceLocation)
}

/// The first line that differs, with what was expected and what was found, then the whole text.
private func difference(_ expected: String, _ found: String) -> String {
    let left = expected.components(separatedBy: "\n")
    let right = found.components(separatedBy: "\n")
    let line = zip(left, right).prefix { $0 == $1 }.count
    return """
        differs at line \(line + 1)
        expected: \(line < left.count ? left[line] : "the end")
        found:    \(line < right.count ? right[line] : "the end")

        \(found)
        """
}
