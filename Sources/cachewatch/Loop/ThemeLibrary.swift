internal import CacheWatch
internal import FoundationEssentials
internal import TerminalUI

/// Why a theme cannot be used: file, line, role.
struct ThemeLibraryError: Error { var message: String }

/// The themes that can be found: beside the program, in the user's configuration, or by path.
struct ThemeLibrary: Sendable {
    private let directories: [String]

    init(environment: [String: String]) {
        var directories: [String] = []
        if let written = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map({ $0 + "/.config" }),
            let own = try? HomePath.expand(written, home: environment["HOME"])
        {
            directories.append(own + "/cachewatch/themes")
        }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        // Installed (bin beside share), unpacked (themes beside the program), or built in place (three levels up).
        var folder = Self.parent(of: program)
        directories.append(Self.parent(of: folder) + "/share/cachewatch/themes")
        for _ in 0..<4 where !folder.isEmpty {
            directories.append(folder + "/themes")
            folder = Self.parent(of: folder)
        }
        self.directories = directories
    }

    /// Sorted, the default first.
    var names: [String] {
        var names: Set<String> = ["dark"]
        for directory in directories {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where file.hasSuffix(".toml") {
                names.insert(String(file.dropLast(5)))
            }
        }
        return ["dark"] + names.subtracting(["dark"]).sorted()
    }

    /// - Parameter name: a theme's name, or a path to a theme file.
    func theme(named name: String) throws(ThemeLibraryError) -> Theme {
        if name.contains("/") || name.hasSuffix(".toml") { return try read(name) }
        for directory in directories {
            let path = "\(directory)/\(name).toml"
            if FileManager.default.fileExists(atPath: path) { return try read(path) }
        }
        if name == Theme.fallback.name { return .fallback }
        throw ThemeLibraryError(message: "there is no theme of this name; there are \(names.joined(separator: ", "))")
    }

    private func read(_ path: String) throws(ThemeLibraryError) -> Theme {
        let document: TOMLDocument
        do throws(SettingsIssue) {
            document = try TOMLDocument(text: try TextFile.text(of: path), source: path)
        } catch { throw ThemeLibraryError(message: error.description) }
        var entries: [Theme.Entry] = []
        for (key, value) in document.root {
            let line = document.line(of: [key]) ?? 0
            guard let values = Self.values(value) else {
                throw ThemeLibraryError(
                    message: "\(path):\(line): \(key): found \(value.found), expected a colour or a list of colours")
            }
            entries.append(Theme.Entry(key: key, values: values, line: line))
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        do throws(ThemeError) {
            return try Theme(
                name: file.hasSuffix(".toml") ? String(file.dropLast(5)) : file,
                entries: entries.sorted { $0.line < $1.line })
        } catch { throw ThemeLibraryError(message: "\(path):\(error.line): \(error.key): \(error.message)") }
    }

    private static func values(_ value: TOMLDocument.Value) -> [String]? {
        switch value {
        case .string(let text): return [text]
        case .boolean(let flag): return [String(flag)]
        case .array(let items):
            let texts = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == items.count ? texts : nil
        default: return nil
        }
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
