internal import ArgumentParser
internal import CacheWatch
internal import Recording

/// What `--diff` names: a document of `--once --format json`, or a recording at a time.
struct DiffWish: Equatable, Sendable {
    /// As it was typed.
    let text: String
    let path: String
    /// As it is to be understood by ``TimeWish``; nil for a document.
    let time: String?

    static let help = ArgumentHelp(
        "With --once: compare with a document of --once --format json, or with a recording at a time: R@14:20, R@-1m (before now). 0 the same, 1 not, 3 where that is not known; the status of --once is not told then.",
        valueName: "path[@time]")

    /// A file that is there is meant, whatever its name has in it.
    ///
    /// - Throws: where it is neither.
    init(_ text: String) throws {
        guard !text.isEmpty else { throw ValidationError("--diff: a file's name, please") }
        self.text = text
        guard let at = text.lastIndex(of: "@"), !InputFile.isThere(try Environment.path(text)) else {
            (path, time) = (text == "-" ? text : try Environment.path(text), nil)
            return
        }
        let time = String(text[text.index(after: at)...])
        guard TimeWish.parse(time, from: .now, LocalTime.clock) != nil else {
            throw ValidationError(
                "--diff \(Printable.escape(text)): behind @ is a time: 14:20, 14:20:07, 2026-11-25T14:20, or so far before now: -10m"
            )
        }
        guard at > text.startIndex else { throw ValidationError("--diff: the recording's name, before @, please") }
        (path, self.time) = (try Environment.path(String(text[..<at])), time)
    }

    /// How a comparison is printed.
    static func refusal(_ format: OutputFormat?) -> String? {
        switch format {
        case .prometheus, .svg: "--diff prints text or json"
        case .text, .json, nil: nil
        }
    }
}
