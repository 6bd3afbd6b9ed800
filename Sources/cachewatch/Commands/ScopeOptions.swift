internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel

/// Which keys a command is about: one namespace, prefix or pattern.
struct ScopeOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Such as session.", valueName: "namespace"))
    var namespace: String?

    @Option(help: ArgumentHelp("All keys that begin so, such as reco:home:.", valueName: "prefix"))
    var prefix: String?

    @Option(help: ArgumentHelp("A pattern as SCAN MATCH has it.", valueName: "glob"))
    var match: String?

    @Flag(help: #"Prefix or pattern are escaped as this program prints them, such as a\x00b:."#)
    var escaped = false

    /// - Returns: nil where nothing is said of it.
    /// - Throws: an exit with 64 for two of them, and for an escape that this program never writes.
    func chosen() throws -> KeyScope? {
        let given = [namespace, prefix, match].compactMap { $0 }.count
        guard given <= 1 else { throw Exit.usage("a namespace, --prefix or --match: one of them, please") }
        if escaped, prefix == nil, match == nil {
            throw Exit.usage("--escaped is for --prefix and --match; a namespace has no escapes")
        }
        if let namespace { return .namespace(namespace) }
        if let prefix { return .prefix(try bytes(prefix)) }
        return try match.map { .pattern(Glob(try bytes($0))) }
    }

    /// The same where one is needed.
    func scope() throws -> KeyScope {
        guard let scope = try chosen() else {
            throw Exit.usage("name a namespace, or what keys are meant: --prefix PREFIX, --match GLOB")
        }
        if let objection = scope.objection { throw Exit.usage(objection) }
        return scope
    }

    private func bytes(_ text: String) throws -> [UInt8] {
        guard escaped else { return Array(text.utf8) }
        guard let bytes = Printable.unescape(text) else {
            throw Exit.usage("\(Printable.escape(text, limit: 60)) has an escape that this program never writes")
        }
        return bytes
    }
}
