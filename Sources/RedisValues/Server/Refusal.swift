/// Why a server could not be watched: what an operator asks first.
public struct Refusal: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        case noSuchHost, refused, timedOut, noRoute, noSuchSocket, socketForbidden
        case tlsUntrusted, tlsWrongHost, tlsExpired, tlsNotSpoken, tlsExpected, tlsCutOff, tlsClientCertificate,
            tlsClientRefused, tlsNothingInCommon, tlsUnknownName, tlsOther
        case noAuth, wrongPassword, noPermission, protectedMode, maxClients, noSuchDatabase
        case loading, primaryDown, readOnly, clusterDown, busy, outOfMemory
        /// It takes no writes: a snapshot or an append has failed, or too few replicas are there.
        case savingFails, tooFewReplicas
        /// What a service grants is used up.
        case limitReached
        /// It has no such command, or keeps it from everybody.
        case unknownCommand, commandRefused
        /// It answers, but not how it is: its INFO cannot be read.
        case healthUntold
        /// It does not say enough of itself to be changed.
        case identityUntold
        case wrongType
        case hung, closed, notRedis, protocolError, replyTooLarge
        /// No sentinel that answers knows a primary, or the service at all.
        case noPrimary, noSuchService
        /// It is a server of its own, and no node of a cluster.
        case noCluster
        /// It is one node of a cluster, watched alone, and the key lies on another one.
        case clusterNode
        /// It announces a host that is not known, and cannot be dialled.
        case noAddress
        /// Keys go from node to node faster than anybody can follow.
        case slotsMoving
        /// A walk over the keys goes on for ever.
        case endlessScan
        /// Its keys have expired, nearly all of them, and are not removed yet.
        case mostlyExpired
        /// It answered with an error of another kind.
        case commandFailed
        case badConfiguration, other
    }

    public var kind: Kind
    /// What the system or the server said, escaped, without secrets; may be empty.
    public var detail: String

    /// What is longer is of somebody who does not want to be read.
    private static let longest = 4000

    public init(_ kind: Kind, detail: String = "") {
        self.kind = kind
        self.detail = detail.utf8.count > Self.longest ? detail.prefix(Self.longest) + "…" : detail
    }
}

extension Refusal {
    /// A few words, lower case, such as `connection refused`; the first line of what an operator reads.
    public var reason: String {
        switch kind {
        case .noSuchHost: "no such host"
        case .refused: "connection refused"
        case .timedOut: "connection timed out"
        case .noRoute: "no route to host"
        case .noSuchSocket: "no such socket"
        case .socketForbidden: "socket not accessible"
        case .tlsUntrusted: "TLS: certificate not trusted"
        case .tlsWrongHost: "TLS: certificate is for another host"
        case .tlsExpired: "TLS: certificate expired"
        case .tlsNotSpoken: "TLS: this port does not speak TLS"
        case .tlsExpected: "this port expects TLS"
        case .tlsCutOff: "TLS: cut off before the handshake"
        case .tlsClientCertificate: "TLS: the server asks for a client certificate"
        case .tlsClientRefused: "TLS: the server does not accept our certificate"
        case .tlsNothingInCommon: "TLS: no version or cipher in common"
        case .tlsUnknownName: "TLS: the server does not know the name that it was asked for"
        case .tlsOther: "TLS: handshake failed"
        case .noAuth: "password required (NOAUTH)"
        case .wrongPassword: "wrong user or password (WRONGPASS)"
        case .noPermission: "not permitted (NOPERM)"
        case .protectedMode: "protected mode (DENIED)"
        case .maxClients: "max number of clients reached"
        case .noSuchDatabase: "no such database"
        case .loading: "loading its dataset (LOADING)"
        case .primaryDown: "replica without its primary (MASTERDOWN)"
        case .readOnly: "read-only replica (READONLY)"
        case .clusterDown: "cluster is down (CLUSTERDOWN)"
        case .busy: "busy with a script (BUSY)"
        case .outOfMemory: "out of memory (OOM)"
        case .savingFails: "takes no writes while saving fails (MISCONF)"
        case .tooFewReplicas: "takes no writes with too few replicas (NOREPLICAS)"
        case .limitReached: "a limit of the service is reached"
        case .unknownCommand: "the server has no such command"
        case .commandRefused: "the server does not allow this command"
        case .healthUntold: "does not tell how it is"
        case .identityUntold: "does not tell which server it is"
        case .wrongType: "the key holds another type (WRONGTYPE)"
        case .noPrimary: "no primary is known"
        case .noCluster: "no cluster"
        case .clusterNode: "one node of a cluster"
        case .noAddress: "a node announces no address"
        case .slotsMoving: "slots keep moving between nodes"
        case .endlessScan: "SCAN comes to no end"
        case .mostlyExpired: "nearly all keys have expired"
        case .noSuchService: "the sentinels do not know this service"
        case .commandFailed: "the server answered an error"
        case .hung: "accepts, but does not answer"
        case .closed: "closed the connection"
        case .notRedis: "not a Redis server"
        case .protocolError: "protocol error"
        case .replyTooLarge: "reply too large"
        case .badConfiguration: "cannot be used as configured"
        case .other: "not reachable"
        }
    }

    /// One line: what to do about it.
    public var remedy: String {
        switch kind {
        case .noSuchHost: "Check the host name in the URL and this machine's DNS."
        case .refused: "Check Redis is running and URL is correct."
        case .timedOut: "Nothing answered: check the firewall, the security group and the address."
        case .noRoute: "Check the network, the VPN and the routing to this address."
        case .noSuchSocket: "Check Redis is running and its `unixsocket` path is the one in the URL."
        case .socketForbidden: "Join the group that owns the socket, or set `unixsocketperm 770` on the server."
        case .tlsUntrusted: "Set tls_ca_file to the CA that signed the server's certificate."
        case .tlsWrongHost: "Use the name that the certificate carries, or set tls_server_name to it."
        case .tlsExpired: "Renew the server's certificate; check the clock of this machine too."
        case .tlsNotSpoken: "Use redis:// for this port, or the server's tls-port."
        case .tlsExpected: "Use rediss:// for this port."
        case .tlsCutOff: "The server may be out of client slots (maxclients), or a firewall closes the connection."
        case .tlsClientCertificate: "Set tls_cert_file and tls_key_file to a certificate that the server accepts."
        case .tlsClientRefused:
            "Set tls_cert_file to a certificate that the server's CA (tls-ca-cert-file) has signed, and that is in its dates."
        case .tlsNothingInCommon:
            "Allow TLS 1.2 or 1.3 with AES-GCM or ChaCha20 on the server (tls-protocols, tls-ciphers, tls-ciphersuites)."
        case .tlsUnknownName: "Use the name that the server goes by in the URL, or set tls_server_name to it."
        case .tlsOther: "Compare the TLS versions and ciphers of both sides (tls-protocols on the server)."
        case .noAuth: "Give a password: in the URL, REDIS_PASSWORD, password_file or --ask-password."
        case .wrongPassword: "Check user and password (ACL LIST on the server shows the users)."
        case .noPermission: "Grant the command to this user: `cachewatch acl` prints the line."
        case .protectedMode: "The server accepts only loopback: set a password and bind, or connect from its own host."
        case .maxClients: "Raise maxclients or close idle clients (CLIENT LIST shows them)."
        case .noSuchDatabase:
            "Use a number below the server's `databases`; a cluster has only 0, or below `cluster-databases` (Valkey 9)."
        case .loading: "Wait: it answers when the dataset is in memory."
        case .primaryDown: "Bring the primary back, or set replica-serve-stale-data yes."
        case .readOnly: "Connect to the primary for writes."
        case .clusterDown: "Look at CLUSTER INFO: bring back the nodes whose slots are uncovered."
        case .busy: "A script runs for too long: SCRIPT KILL, or wait for its end."
        case .outOfMemory: "Free memory or raise maxmemory; until then it takes no writes that need any."
        case .savingFails:
            "Free disk space and check the rights of the server's data directory; its log says which save failed."
        case .tooFewReplicas:
            "Bring the replicas back: INFO replication shows them; min-replicas-to-write says how many it wants."
        case .limitReached:
            "Wait until the limit is counted anew or have it raised; a longer interval asks the service less often."
        case .unknownCommand:
            "It is renamed (rename-command), newer than this server, or left out by the service: see its documentation."
        case .commandRefused:
            "A service or proxy keeps it from everybody, or from this user: see its documentation for what it allows."
        case .healthUntold:
            "Allow INFO to this user (`cachewatch acl` prints the line), or watch where the service shows its health."
        case .identityUntold:
            "Nothing is changed without it: act where INFO tells role and run_id, or with the service's own tools."
        case .wrongType: "Something else was stored under this name: `cachewatch inspect KEY` shows what."
        case .noPrimary: "Check sentinel_nodes: no sentinel could be asked who the primary is."
        case .noCluster: "Leave out --cluster and cluster_enabled, or name a node that runs with cluster-enabled yes."
        case .clusterNode: "Give --cluster, or set cluster_enabled: that reaches all nodes of the cluster."
        case .noAddress:
            "Set cluster-announce-hostname on it, or cluster-preferred-endpoint-type ip: CLUSTER SHARDS shows what it says."
        case .slotsMoving: "Wait for the reshard to end (CLUSTER NODES shows open slots), then do it again."
        case .endlessScan:
            "Nothing here is of all keys. Look at what answers: a proxy may give SCAN to another server each time; ask the server itself."
        case .mostlyExpired: "Sweep instead: it counts what is there; to draw keys would hold the server."
        case .noSuchService: "Check sentinel_service: SENTINEL MASTERS on a sentinel lists the names it knows."
        case .commandFailed: "Look at the words and at the server's log."
        case .hung: "The process may be stopped, swapping, or blocked by one long command; look on its host."
        case .closed: "Look at the server's log; a proxy, a timeout or maxclients may close connections."
        case .notRedis: "Check host and port: something else listens there."
        case .protocolError: "Check the port; a proxy in between may damage the stream."
        case .replyTooLarge: "Something else may listen there; no reply that cachewatch asks for is this large."
        case .badConfiguration: "Check the [cache] and [cachewatch] tables of the settings."
        case .other: "Look at the server's log and at the network in between."
        }
    }

    /// The words that the platform's own log lines use after `Failed to connect to Redis:`, capitalised, and without the
    /// point at the end that those have themselves.
    public var logReason: String {
        let words = reason.prefix(1).uppercased() + reason.dropFirst()
        var detail = detail
        while detail.last == "." { detail.removeLast() }
        return detail.isEmpty || kind == .refused ? words : "\(words): \(detail)"
    }
}

extension Refusal.Kind {
    /// True where a single command is refused, and the server works for those who may do without it.
    public var concernsCommand: Bool {
        switch self {
        case .noPermission, .unknownCommand, .commandRefused, .commandFailed, .healthUntold, .wrongType: true
        default: false
        }
    }

    /// True where this user will get no other answer to the command.
    public var deniesCommand: Bool { self == .noPermission || self == .unknownCommand || self == .commandRefused }
}

extension Refusal {
    /// Why a command is not sent any more.
    public init(_ denied: DeniedCommand) {
        if let needs = denied.needs {
            self.init(.noPermission, detail: "\(denied.command) needs \(needs)")
        } else if let words = denied.words {
            self.init(.commandRefused, detail: "\(denied.command): \(words)")
        } else {
            self.init(.unknownCommand, detail: denied.command)
        }
    }
}
