internal import RedisValues

/// What stands behind the `?` of a URL: ours, and what other clients have put there.
///
/// Names are compared without case, `_` and `-`. What changes which server or which database is meant, or who we are, is
/// understood or refused; what is about how another client works is left alone, and named.
struct URLParameters {
    private(set) var database: Int?
    private(set) var username: String?
    private(set) var password: Secret?
    private(set) var usesTLS: Bool?
    private(set) var verifyCertificate: Bool?
    private(set) var caFile: String?
    private(set) var certificateFile: String?
    private(set) var keyFile: String?
    private(set) var service: String?
    private(set) var leftAlone: [String] = []

    init(_ query: Substring?, of kind: URLScheme.Kind) throws(EndpointURLError) {
        var values: [String: Substring] = [:]
        for item in (query ?? "").split(separator: "&") {
            let (name, value) = EndpointURL.cut(item, at: "=")
            let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
            let meaning = Self.synonyms[plain] ?? plain
            if Self.leftAloneNames.contains(plain) {
                leftAlone.append(String(name))
                continue
            }
            if let remedy = Self.refused[meaning], !(kind == .sentinel && meaning == "sentinelmasterid") {
                throw .init("the parameter \"\(name)\" is not understood: \(remedy)")
            }
            guard Self.understood.contains(meaning) else {
                throw .init(
                    "the parameter\(EndpointURL.shown(name)) is not known; there is db, and what other clients use")
            }
            guard (values[meaning] ?? value) == value else {
                throw .init("the parameter \"\(name)\" stands there twice, with two values")
            }
            values[meaning] = value ?? ""
            try take(meaning, named: name, value ?? "")
        }
    }

    private mutating func take(_ meaning: String, named name: Substring, _ value: Substring) throws(EndpointURLError) {
        func text() throws(EndpointURLError) -> String {
            let text = try EndpointURL.decoded(value, what: "parameter")
            guard !text.isEmpty else { throw .init("the parameter \"\(name)\" is empty") }
            return text
        }
        switch meaning {
        case "db": database = try EndpointURL.database(value)
        case "username": username = try text()
        case "password": password = Secret(try EndpointURL.decoded(value, what: "password", mayHoldZero: true))
        case "ssl": usesTLS = try Self.flag(value, name)
        case "skipverify": verifyCertificate = try !Self.flag(value, name)
        case "sslcertreqs", "verifypeer": try verify(value, name)
        case "sslcacerts": caFile = try text()
        case "sslcertfile": certificateFile = try text()
        case "sslkeyfile": keyFile = try text()
        case "sentinelmasterid": service = try text()
        default: break
        }
    }

    private mutating func verify(_ value: Substring, _ name: Substring) throws(EndpointURLError) {
        switch value.lowercased() {
        case "none", "cert_none", "ssl.cert_none", "false", "no", "0": verifyCertificate = false
        case "required", "cert_required", "ssl.cert_required", "full", "true", "yes", "1": verifyCertificate = true
        // Less than we look at: that holds as well.
        case "optional", "cert_optional", "ssl.cert_optional", "ca": leftAlone.append(String(name))
        default: throw .init("the parameter \"\(name)\" is neither none nor required")
        }
    }

    private static func flag(_ value: Substring, _ name: Substring) throws(EndpointURLError) -> Bool {
        switch value.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: throw .init("the parameter \"\(name)\" is neither true nor false")
        }
    }

    private static let synonyms = [
        "database": "db", "dbindex": "db", "user": "username", "tls": "ssl", "usessl": "ssl", "usetls": "ssl",
        "sslcafile": "sslcacerts", "insecureskipverify": "skipverify", "tlsskipverify": "skipverify",
        "mastername": "sentinelmasterid", "masterset": "sentinelmasterid", "servicename": "sentinelmasterid",
        "sentinelmaster": "sentinelmasterid", "host[]": "host", "hosts": "host", "addr": "host", "addrs": "host",
    ]

    private static let understood: Set<String> = [
        "db", "username", "password", "ssl", "skipverify", "sslcertreqs", "verifypeer", "sslcacerts", "sslcertfile",
        "sslkeyfile", "sentinelmasterid",
    ]

    /// What means another server, another database or somebody else, and what to do instead.
    private static let refused = [
        "host": "write redis-cluster:// or redis-sentinel:// with all hosts, or list them in the settings",
        "port": "write it behind the host", "path": "write unix:///path.sock",
        "sentinelmasterid": "write redis-sentinel://host:port/service, or give --sentinel SERVICE",
        "redissentinel": "write redis-sentinel://host:port/service, or give --sentinel SERVICE",
        "rediscluster": "give --cluster", "cluster": "give --cluster", "virtualhost": "write db for the database",
        "sentinelusername": "set sentinel_username", "sentinelpassword": "give REDIS_SENTINEL_PASSWORD",
        "auth": "write user:password@ in front of the host", "sslcadata": "write it to a file, and give ssl_ca_certs",
    ]

    /// How another client connects again, waits, keeps connections, talks and encodes.
    ///
    /// Source: redis-py, go-redis, Lettuce, Jedis, ioredis, node-redis, Predis, phpredis, Symfony, Kombu, redis-rs,
    /// rueidis, Valkey GLIDE, as their documentation has them.
    private static let leftAloneNames: Set<String> = [
        // redis-py, valkey-py, Kombu, Celery
        "sockettimeout", "socketconnecttimeout", "socketkeepalive", "socketreadsize", "sockettype", "retryontimeout",
        "retryonerror", "maxconnections", "healthcheckinterval", "clientname", "libname", "libversion", "encoding",
        "encodingerrors", "decoderesponses", "protocol", "singleconnectionclient", "timeout", "sslcheckhostname",
        "sslminversion", "sslciphers", "sslvalidateocsp", "visibilitytimeout", "fanoutprefix", "fanoutpatterns",
        "globalkeyprefix", "keyprefix", "prefix", "priority", "queueorderstrategy", "connectionpoolclass",
        // go-redis, rueidis
        "dialtimeout", "readtimeout", "writetimeout", "connwritetimeout", "dialertimeout", "poolsize", "pooltimeout",
        "poolfifo", "minidleconns", "maxidleconns", "maxactiveconns", "connmaxidletime", "connmaxlifetime",
        "idletimeout",
        "idlecheckfrequency", "maxconnage", "maxretries", "minretrybackoff", "maxretrybackoff", "maxredirects",
        "readonly",
        "routebylatency", "routerandomly", "contexttimeoutenabled", "disableidentity", "identitysuffix",
        "unstableresp3",
        "clientcache", "failingtimeoutseconds",
        // Lettuce, Jedis, ioredis, node-redis, Valkey GLIDE
        "libraryname", "libraryversion", "connecttimeout", "commandtimeout", "keepalive", "connectionname", "family",
        "lazyconnect", "enablereadycheck", "enableofflinequeue", "maxretriesperrequest", "retrystrategy", "nodelay",
        "showfriendlyerrorstack", "autoresubscribe", "pinginterval", "requesttimeout", "readfrom",
        // Predis, phpredis, Symfony, redis-rs
        "alias", "persistent", "persistentid", "readwritetimeout", "async", "weight", "iterablemultibulk",
        "retryinterval",
        "tcpkeepalive", "tcpnodelay", "lazy", "class", "compression", "serializer", "connectionlimit",
        "responsetimeout",
        "connectiontimeout", "retries", "retrydelay", "stringnumbers",
    ]
}
