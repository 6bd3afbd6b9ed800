internal import CacheCore
internal import CacheWire
internal import CacheModel

/// The settings file: the platform's `[cache]` table and our `[cachewatch]` table. Other tables are not our business.
struct ConfigurationFile {
    private(set) var settings: Settings
    private(set) var passwordFile: String?
    /// True where the file itself holds a secret.
    private(set) var holdsSecret = false
    /// Of `[cachewatch]`; the URL may name another user.
    private(set) var username: String?
    /// True where `redis_url` is set.
    private(set) var namesEndpoint = false
    private let document: TOMLDocument
    private let home: String?

    static let cacheKeys = [
        "cache_type", "max_size_mb", "redis_url", "redis_pool_size", "sentinel_enabled", "sentinel_nodes",
        "sentinel_service",
        "cluster_enabled", "cluster_nodes", "use_tls", "verify_certificate",
    ]
    /// Keys of `[cache]` that pages of the platform's documentation have, and that it does not read.
    static let unreadCacheKeys: Set = [
        "enabled", "provider", "redis_cluster", "product_cache_ttl", "customer_cache_ttl", "session_cache_ttl", "redis",
        "memory", "namespaces",
    ]
    static let cachewatchKeys = [
        "tls_ca_file", "tls_cert_file", "tls_key_file", "tls_server_name", "username", "password_file",
        "sentinel_username", "sentinel_password", "key_prefix", "address_map", "interval", "timeout", "theme", "mouse",
        "ascii", "read_only",
        "log_file", "alerts", "namespace", "estimate_every", "estimate_sample", "revocation_layout", "audit_file",
        "on_alert",
    ]
    static let namespaceKeys = ["name", "purpose", "prefixes", "max_ttl", "must_expire", "protected", "consequence"]

    /// - Parameter home: what `~` stands for; nil where nobody knows.
    init(
        text: String, source: String, home: String? = "~", defaults: Settings = Settings()
    ) throws(SettingsIssue) {
        self.home = home
        settings = defaults
        document = try TOMLDocument(text: text, source: source)
        if let cache = try table("cache") { try read(cache: cache) }
        if let own = try table("cachewatch") { try read(own: own) }
    }

    /// Notes something about the file as a whole.
    mutating func warn(_ message: String) {
        settings.warnings.append(SettingsIssue(source: document.source, message: message))
    }

    private func table(_ name: String) throws(SettingsIssue) -> TableReader? {
        guard let value = document.root[name] else { return nil }
        guard case .table(let table) = value else {
            throw SettingsIssue(
                source: document.source, line: document.line(of: [name]), key: name,
                message: "found \(value.found), expected a table")
        }
        return TableReader(document: document, path: [name], table: table)
    }

    private mutating func read(cache: TableReader) throws(SettingsIssue) {
        settings.warnings += cache.unknown(among: Self.cacheKeys, besides: Self.unreadCacheKeys)
        if let words = cache.unread(among: Self.unreadCacheKeys) { settings.warnings.append(words) }
        // It is the platform's own, for a cache in its process; what it refuses is no setting of anybody's.
        _ = try cache.integer("max_size_mb", in: 0...10_000)
        settings.cacheType = try cache.choice("cache_type", of: Settings.CacheType.self) ?? settings.cacheType
        try readURL(cache)
        try refuseContradictions(cache)
        settings.poolSize = try cache.integer("redis_pool_size", in: 1...10_000) ?? settings.poolSize
        settings.sentinelEnabled = try cache.boolean("sentinel_enabled") ?? settings.sentinelEnabled
        settings.sentinelNodes =
            try nodes(cache, "sentinel_nodes", CacheConfiguration.sentinelPort) ?? settings.sentinelNodes
        if let service = try cache.string("sentinel_service") {
            guard EndpointURL.isService(service) else {
                throw cache.issue("sentinel_service", "is not a service's name: it has no blanks and no @")
            }
            settings.sentinelService = service
        }
        settings.clusterEnabled = try cache.boolean("cluster_enabled") ?? settings.clusterEnabled
        settings.clusterNodes = try nodes(cache, "cluster_nodes", CacheConfiguration.port) ?? settings.clusterNodes
        settings.tls.verifyCertificate = try cache.boolean("verify_certificate") ?? settings.tls.verifyCertificate
        if settings.sentinelEnabled && settings.clusterEnabled {
            throw cache.issue(
                "cluster_enabled", "is true together with sentinel_enabled; a deployment is one or the other")
        }
        if let usesTLS = try cache.boolean("use_tls") {
            if settings.endpoint.usesTLS && !usesTLS {
                settings.warnings.append(cache.issue("use_tls", "is false, but redis_url says rediss://: TLS is used"))
            }
            settings.endpoint.usesTLS = settings.endpoint.usesTLS || usesTLS
        }
    }

    /// The file says two things of one: none of them is dropped in silence, and which deployment is meant is not guessed.
    private mutating func refuseContradictions(_ cache: TableReader) throws(SettingsIssue) {
        guard let url = try cache.string("redis_url").flatMap({ try? EndpointURL($0) }) else { return }
        func refuse(_ key: String, _ what: String) throws(SettingsIssue) {
            throw cache.issue(key, "is not what redis_url says, which \(what); take one of them out")
        }
        switch url.deployment {
        case .cluster:
            if try cache.boolean("cluster_enabled") == false { try refuse("cluster_enabled", "names a cluster") }
        case .sentinel(let service, _):
            if try cache.boolean("sentinel_enabled") == false { try refuse("sentinel_enabled", "names sentinels") }
            if let other = try cache.string("sentinel_service"), other != service {
                try refuse("sentinel_service", "names another service")
            }
        case nil: break
        }
        if let verifies = url.verifyCertificate, let other = try cache.boolean("verify_certificate"), other != verifies
        {
            settings.warnings.append(
                cache.issue("verify_certificate", "is taken, and not the other thing that redis_url says"))
        }
    }

    /// What the other keys say goes before what the URL says besides.
    private mutating func readURL(_ cache: TableReader) throws(SettingsIssue) {
        guard let text = try cache.string("redis_url") else { return }
        let url: EndpointURL
        do throws(EndpointURLError) { url = try EndpointURL(text) } catch {
            throw cache.issue("redis_url", "not a usable URL: \(error.message)")
        }
        do throws(HomePath.Problem) { try settings.take(url, home: home) } catch {
            throw cache.issue("redis_url", "not a usable URL: \(error)")
        }
        if let words = url.wordsAboutTheRest { settings.warnings.append(cache.issue("redis_url", words)) }
        namesEndpoint = true
        holdsSecret = settings.endpoint.password != nil
    }

    private mutating func read(own: TableReader) throws(SettingsIssue) {
        settings.warnings += own.unknown(among: Self.cachewatchKeys)
        settings.tls.caFile = try path(own, "tls_ca_file") ?? settings.tls.caFile
        settings.tls.certificateFile = try path(own, "tls_cert_file") ?? settings.tls.certificateFile
        settings.tls.keyFile = try path(own, "tls_key_file") ?? settings.tls.keyFile
        settings.tls.serverName = try own.word("tls_server_name") ?? settings.tls.serverName
        if (settings.tls.certificateFile == nil) != (settings.tls.keyFile == nil) {
            throw own.issue("tls_cert_file", "tls_cert_file and tls_key_file belong together; only one is set")
        }
        username = try own.word("username")
        passwordFile = try path(own, "password_file")
        let isAnother = username.map { name in settings.endpoint.username.map { $0 != name } ?? false } ?? false
        if isAnother, passwordFile != nil {
            // A user and a password of its own: those of redis_url are the server's, and belong together.
            settings.endpoint.password = nil
        } else if isAnother {
            settings.warnings.append(own.issue("username", "is taken, and not the other user that redis_url names"))
        }
        settings.endpoint.username = username ?? settings.endpoint.username
        if passwordFile != nil, settings.endpoint.password != nil {
            settings.warnings.append(own.issue("password_file", "is not read: redis_url holds a password"))
        }
        settings.sentinelUsername = try own.word("sentinel_username") ?? settings.sentinelUsername
        if let password = try own.word("sentinel_password") {
            settings.sentinelPassword = Secret(SettingsSources.withoutLineEnds(password))
            holdsSecret = true
        }
        settings.keyPrefix = try own.string("key_prefix") ?? settings.keyPrefix
        if let last = settings.keyPrefix.utf8.last, !KeyClassifier.isSeparator(last) {
            settings.warnings.append(
                own.issue(
                    "key_prefix",
                    "has no separator at its end: keys are to begin with \"\(Self.shown(settings.keyPrefix))session:\""
                ))
        }
        settings.addressMap = try addresses(own, "address_map") ?? settings.addressMap
        settings.interval = try own.duration("interval", in: Settings.intervalRange) ?? settings.interval
        settings.timeout =
            try own.duration("timeout", in: .milliseconds(100)...Duration.seconds(60)) ?? settings.timeout
        settings.theme = try path(own, "theme") ?? settings.theme
        settings.mouse = try own.boolean("mouse") ?? settings.mouse
        settings.ascii = try own.boolean("ascii") ?? settings.ascii
        settings.readOnly = try own.boolean("read_only") ?? settings.readOnly
        settings.logFile = try path(own, "log_file") ?? settings.logFile
        if let every = try own.duration("estimate_every", in: .zero...Settings.estimateRange.upperBound) {
            guard every == .zero || Settings.estimateRange.contains(every) else {
                throw own.issue(
                    "estimate_every",
                    "is from \(DurationText.describe(Settings.estimateRange.lowerBound)) on, or 0 for never")
            }
            settings.estimateEvery = every == .zero ? nil : every
        }
        settings.estimateSample =
            try own.integer("estimate_sample", in: Settings.sampleRange) ?? settings.estimateSample
        if let layout = try own.string("revocation_layout"), layout != "auto" {
            guard let known = RevocationLayout(rawValue: layout) else {
                let names = ["auto"] + RevocationLayout.allCases.map(\.rawValue)
                throw own.mismatch(
                    "revocation_layout", .string(layout),
                    expected: names.map { "\"\($0)\"" }.joined(separator: ", "))
            }
            settings.revocationLayout = known
        }
        settings.auditFile = try path(own, "audit_file") ?? settings.auditFile
        settings.onAlert = try program(own, "on_alert") ?? settings.onAlert
        try readThresholds(own)
        try readNamespaces(own)
    }

    private func path(_ own: TableReader, _ key: String) throws(SettingsIssue) -> String? {
        guard let path = try own.word(key) else { return nil }
        do throws(HomePath.Problem) { return try HomePath.expand(path, home: home) } catch {
            throw own.issue(key, error.description)
        }
    }

    /// A program and its arguments; no shell looks for it.
    private func program(_ own: TableReader, _ key: String) throws(SettingsIssue) -> [String]? {
        guard var words = try own.strings(key) else { return nil }
        guard let path = words.first, !path.isEmpty else {
            throw own.issue(key, "names no program; leave it out where there is none")
        }
        guard !words.contains(where: { $0.utf8.contains(0) }) else { throw own.issue(key, "holds a zero byte") }
        do throws(HomePath.Problem) { words[0] = try HomePath.expand(path, home: home) } catch {
            throw own.issue(key, error.description)
        }
        guard words[0].hasPrefix("/") else {
            throw own.issue(
                key,
                "begins with \"\(Self.shown(path))\", which is not a whole path: no shell looks for it, so that it begins with /"
            )
        }
        return words
    }

    private mutating func readThresholds(_ own: TableReader) throws(SettingsIssue) {
        guard let value = own.table["alerts"] else { return }
        guard case .table(let table) = value else {
            throw own.issue("alerts", "found \(value.found), expected a table")
        }
        let alerts = TableReader(document: document, path: own.path + ["alerts"], table: table)
        settings.warnings += alerts.unknown(among: AlertThresholds.fields.map(\.name))
        for field in AlertThresholds.fields {
            if let number = try alerts.number(field.name, in: field.unit.range, field.unit.words) {
                settings.thresholds[keyPath: field.keyPath] = number
            }
        }
        if let (warning, critical) = settings.thresholds.firstDisorder {
            // The line is that of the one that is set.
            func words(_ name: String) -> String {
                let value = AlertThresholds.fields.first { $0.name == name }.map {
                    settings.thresholds[keyPath: $0.keyPath]
                }
                let figure = Format.number(value, digits: 2)
                return table[name] == nil ? "\(name), \(figure) where nothing is set" : "\(name) \(figure)"
            }
            throw alerts.issue(
                table[warning] == nil ? critical : warning,
                "\(words(warning)) is not below \(words(critical)): there would be no warning; set both")
        }
    }

    private mutating func readNamespaces(_ own: TableReader) throws(SettingsIssue) {
        guard let value = own.table["namespace"] else { return }
        guard case .array(let items) = value else {
            throw own.issue("namespace", "found \(value.found), expected [[cachewatch.namespace]] tables")
        }
        let names = items.compactMap { item -> String? in
            guard case .table(let table) = item, case .string(let name)? = table["name"] else { return nil }
            return name
        }
        for (index, item) in items.enumerated() {
            guard case .table(let table) = item else {
                throw own.issue("namespace", "found \(item.found), expected [[cachewatch.namespace]] tables")
            }
            let reader = TableReader(
                document: document, path: own.path + ["namespace", String(index)], table: table)
            settings.warnings += reader.unknown(among: Self.namespaceKeys)
            guard let name = try reader.string("name"), !name.isEmpty else {
                throw reader.issue("name", "is missing; every namespace needs one")
            }
            guard !NamespaceRule.reserved.contains(name.lowercased()) else {
                throw reader.issue(
                    "name",
                    name.lowercased() == NamespaceRule.rest
                        ? "\"\(name)\" is what keys that belong to no namespace are called; choose another name"
                        : "\"\(name)\" is a word of this program's own; choose another name")
            }
            guard name.first != "-", !name.hasPrefix(" "), !name.hasSuffix(" ") else {
                throw reader.issue(
                    "name", "\"\(Self.shown(name))\" cannot be typed: it begins with -, or has a blank at an end")
            }
            let purpose = try reader.string("purpose") ?? ""
            let consequence = try reader.string("consequence") ?? ""
            for (key, text) in [("name", name), ("purpose", purpose), ("consequence", consequence)]
            where !text.unicodeScalars.allSatisfy(Printable.isHarmless) {
                throw reader.issue(
                    key,
                    "\"\(Self.shown(text))\" holds what a terminal does not show; only prefixes may")
            }
            guard !settings.namespaces.contains(where: { $0.name == name }) else {
                throw reader.issue(
                    "name", "there are two namespaces \"\(Self.shown(name))\"; join them")
            }
            let prefixes = try prefixes(reader, of: name)
            try refuseTaken(prefixes, reader, replaced: names)
            settings.namespaces.append(
                NamespaceRule(
                    name: name, purpose: purpose, prefixes: prefixes,
                    maximumTTL: try reader.duration("max_ttl", in: .seconds(1)...Duration.seconds(315_360_000)),
                    mustExpire: try reader.boolean("must_expire") ?? true,
                    protected: try reader.boolean("protected") ?? NamespaceRule.takesProtectedKeys(name, prefixes),
                    consequence: consequence))
        }
    }

    /// A prefix that is empty, or nothing but separators, would take every key.
    private func prefixes(_ reader: TableReader, of name: String) throws(SettingsIssue) -> [String] {
        let prefixes = try reader.strings("prefixes") ?? [name]
        guard !prefixes.isEmpty else { throw reader.issue("prefixes", "is empty: the namespace would have no keys") }
        for prefix in prefixes {
            if prefix.utf8.allSatisfy({ KeyClassifier.isSeparator($0) }) || prefix == "*:" {
                throw reader.issue("prefixes", "\"\(Self.shown(prefix))\" names no keys")
            }
            if (prefix.hasPrefix("*:") ? prefix.dropFirst(2) : prefix[...]).contains("*") {
                throw reader.issue(
                    "prefixes",
                    "\"\(Self.shown(prefix))\" is a pattern: a prefix is taken as it stands, and only *: in front "
                        + "means any first part")
            }
        }
        return prefixes
    }

    /// A prefix has one namespace: of two that name it, one would have no keys, and nobody would hear of it.
    ///
    /// - Parameter replaced: namespaces of the platform that this file replaces: they have no prefixes any more.
    private mutating func refuseTaken(
        _ prefixes: [String], _ reader: TableReader, replaced: [String]
    ) throws(SettingsIssue) {
        let wanted = Set(prefixes.map(Self.bare))
        func taken(by rule: NamespaceRule) -> String? { rule.prefixes.first { wanted.contains(Self.bare($0)) } }
        for rule in settings.namespaces {
            guard let prefix = taken(by: rule) else { continue }
            throw reader.issue(
                "prefixes", "\"\(Self.shown(prefix))\" is a prefix of the namespace \"\(Self.shown(rule.name))\", too")
        }
        for rule in NamespaceRule.platform where !replaced.contains(rule.name) {
            guard let prefix = taken(by: rule) else { continue }
            settings.warnings.append(
                reader.issue("prefixes", "\"\(Self.shown(prefix))\" is taken from the namespace \"\(rule.name)\""))
        }
    }

    /// With or without a separator at its end it takes the same keys.
    private static func bare(_ prefix: String) -> String {
        var bytes = Array(prefix.utf8)
        while let last = bytes.last, KeyClassifier.isSeparator(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names of keys hold colons; what an authority has besides is not repeated.
    private static func shown(_ text: String) -> String {
        text.contains("@") || text.contains("://") ? SecretFilter.mask : Printable.escape(text, limit: 60)
    }

    private func nodes(_ cache: TableReader, _ key: String, _ port: Int) throws(SettingsIssue) -> [String]? {
        guard let nodes = try cache.strings(key) else { return nil }
        return try nodes.enumerated().map { index, node throws(SettingsIssue) in
            do throws(NodeNameError) { return try NodeName(node, defaultPort: port).description } catch {
                throw cache.issue(key, error.words(about: node, "entry \(index + 1)"))
            }
        }
    }

    private func addresses(_ own: TableReader, _ key: String) throws(SettingsIssue) -> [String: String]? {
        guard let map = try own.stringMap(key) else { return nil }
        for (announced, reachable) in map.sorted(by: { $0.key < $1.key }) {
            for (address, side) in [(announced, "announced"), (reachable, "reachable")] {
                do throws(NodeNameError) { _ = try NodeName(address) } catch {
                    throw own.issue(key, error.words(about: address, "one of the \(side) addresses"))
                }
            }
        }
        do throws(AddressMapError) { _ = try AddressMap(map) } catch { throw own.issue(key, error.description) }
        return map
    }
}
