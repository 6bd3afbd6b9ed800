internal import ArgumentParser
internal import CacheWatch

/// Prints the ACL line of a user that may do all that watching needs, or more, and nothing else.
struct ACLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl", abstract: "Print the ACL line for a user that may watch and nothing else.")

    @Option(help: ArgumentHelp("The user's name.", valueName: "name"))
    var user = "cachewatch"

    @Flag(help: "A user that may read what keys hold as well.")
    var inspect = false

    @Flag(help: "A user that may flush, undo, repair and revoke as well.")
    var act = false

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("A user that may see who the clients are as well.", valueName: "diagnose"))
    var purpose: ACLPurpose?

    @Flag(help: "A user that may find the nodes of a cluster as well.")
    var cluster = false

    func run() throws {
        guard !user.isEmpty, user.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
            throw Exit.usage("--user: a user's name has no blanks")
        }
        try StandardOutput.write(
            AccessRules.line(
                user: user, for: act ? .acting : inspect ? .inspecting : .watching, diagnosing: purpose == .diagnose,
                cluster: cluster) + "\n")
        StandardError.write(
            "Put a password in the place of PASSWORD and run the line in redis-cli, then ACL SAVE (aclfile) or CONFIG REWRITE."
        )
        guard !inspect, !act else { return }
        StandardError.write(
            "Before Redis 7.0, +hgetall stands in the place of the part in brackets; before cachecore:counters in it stands your key_prefix."
        )
    }
}

enum ACLPurpose: String, ExpressibleByArgument, CaseIterable { case diagnose }
