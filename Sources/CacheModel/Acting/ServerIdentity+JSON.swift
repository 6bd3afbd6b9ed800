internal import RedisValues

extension ServerIdentity {
    /// As a journal's head has it.
    var json: JSONValue {
        .object([
            ("run_id", JSONValue(runID)), ("node_id", JSONValue(nodeID)), ("replid", JSONValue(history?.id)),
            ("repl_offset", JSONValue(history?.offset)), ("replid2", JSONValue(earlier?.id)),
            ("repl_offset2", JSONValue(earlier?.offset)), ("port", JSONValue(installation?.port)),
            ("executable", JSONValue(installation?.executable)),
            ("config_file", JSONValue(installation?.configFile)), ("os", JSONValue(installation?.operatingSystem)),
            ("process_started_at_ms", JSONValue(startedAt.map { Int($0.milliseconds) })),
            ("seen_at_ms", JSONValue(seenAt.map { Int($0.milliseconds) })),
        ])
    }

    /// What cannot be read is not known.
    init(json: JSONValue) {
        func time(_ name: String) -> WallTime? {
            json[name]?.wholeNumber.map { WallTime(milliseconds: Int64($0)) }
        }
        func history(_ id: String, _ offset: String) -> History? {
            guard let id = json[id]?.string, let offset = json[offset]?.wholeNumber else { return nil }
            return History(id: id, offset: offset)
        }
        self.init(runID: json["run_id"]?.string)
        nodeID = json["node_id"]?.string
        (self.history, earlier) = (history("replid", "repl_offset"), history("replid2", "repl_offset2"))
        if let executable = json["executable"]?.string {
            installation = Installation(
                port: json["port"]?.wholeNumber, executable: executable, configFile: json["config_file"]?.string,
                operatingSystem: json["os"]?.string)
        }
        (startedAt, seenAt) = (time("process_started_at_ms"), time("seen_at_ms"))
    }
}
