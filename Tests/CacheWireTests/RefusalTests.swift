import RedisValues
import Testing

@testable import CacheWire

@Suite struct RefusalTests {
    /// A lost answer is no refusal: whoever is told "not done" does it again.
    @Test(
        arguments: [
            (.unknown(Refusal(.closed)), true), (.timedOut(.seconds(2)), true), (.closed(midReply: false), true),
            (.forbidden("a replica"), false), (.refused(Refusal(.noPrimary)), false), (.cancelled, false),
        ] as [(CacheError, Bool)])
    func lostAnswersLeaveOpenWhatWasDone(error: CacheError, isOpen: Bool) {
        #expect(error.leavesOpen == isOpen)
    }

    @Test(arguments: [
        ("NOAUTH Authentication required.", Refusal.Kind.noAuth),
        ("WRONGPASS invalid username-password pair", .wrongPassword),
        ("ERR invalid password", .wrongPassword), ("NOPERM this user has no permissions", .noPermission),
        ("DENIED Redis is running in protected mode", .protectedMode),
        ("ERR max number of clients reached", .maxClients),
        ("LOADING Redis is loading the dataset in memory", .loading),
        ("MASTERDOWN Link with MASTER is down", .primaryDown),
        ("READONLY You can't write against a read only replica.", .readOnly),
        ("CLUSTERDOWN The cluster is down", .clusterDown),
        ("BUSY Redis is busy running a script.", .busy), ("ERR DB index is out of range", .noSuchDatabase),
    ])
    func errorReplyIsClassified(words: String, kind: Refusal.Kind) {
        #expect(Refusal(reply: Array(words.utf8))?.kind == kind)
    }

    @Test func errorOfOneCommandIsNoRefusal() {
        #expect(Refusal(reply: Array("ERR unknown command 'FOO'".utf8)) == nil)
        #expect(Refusal(reply: Array("WRONGTYPE Operation".utf8)) == nil)
    }

    /// Whoever is told of it neither believes that nothing was done nor does it blindly again.
    @Test func lostWriteIsSaidToBeUnknown() {
        let error = CacheError.unknown(Refusal(.closed))
        #expect(error.description.contains("may have been done") && error.description.contains("look"))
        #expect(error.description.contains("closed the connection") && error.refusal.kind == .closed)
    }

    @Test func everyRefusalHasAReasonAndARemedy() {
        for kind in Refusal.Kind.allCases {
            #expect(!Refusal(kind).reason.isEmpty)
            #expect(Refusal(kind).remedy.count > 10)
        }
    }

    /// What a server refuses for its own reasons is called by them, with something that can be done.
    @Test(arguments: [
        (
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            Refusal.Kind.savingFails
        ),
        ("NOREPLICAS Not enough good replicas to write.", .tooFewReplicas),
        ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
        ("ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.", .limitReached),
        ("ERR max concurrent connections exceeded", .maxClients),
        ("ERR invalid username-password pair or user is disabled.", .wrongPassword),
        ("ERR This instance has cluster support disabled", .noCluster),
        ("ERR unknown command `UNLINK`, with args beginning with: `a`, ", .unknownCommand),
        ("unknown command UNLINK", .unknownCommand), ("ERR command is not allowed", .commandRefused),
        ("ERR Command is not available: 'DUMP'. See https://docs.upstash.com/x for details", .commandRefused),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType),
        ("ERR something else", .commandFailed),
        ("ERR unknown command 'QUOTA.GET', with args beginning with: 'x'", .unknownCommand),
        ("ERR unknown command 'HGET2', with args beginning with: 'invalid password' ", .unknownCommand),
    ])
    func refusalsInOtherWordsAreRecognised(words: String, kind: Refusal.Kind) {
        let refusal = RESPValue.error(Array(words.utf8)).cacheError?.refusal
        #expect(
            refusal?.kind == kind && refusal?.detail.contains(words.prefix(20)) == (kind != .maxClients), "\(words)")
    }

    // MARK: what is denied

    private func denied(_ name: String, _ words: String) -> DeniedCommands {
        var denied = DeniedCommands()
        denied.note(name, error: Array(words.utf8))
        return denied
    }

    @Test func whatIsRefusedInAnyWordsIsNotAskedAgain() {
        for words in [
            "NOPERM", "unknown command RANDOMKEY", "ERR unsupported command 'RANDOMKEY'", "ERR command is not allowed",
            "ERR command disabled", "ERR This command is not supported", "ERR 42",
        ] {
            #expect(denied("RANDOMKEY", words).contains("RANDOMKEY"), "\(words)")
        }
        for words in ["LOADING x", "BUSY x", "ERR rate limit exceeded", "ERR no such key", "WRONGTYPE x", "MISCONF x"] {
            #expect(!denied("RANDOMKEY", words).contains("RANDOMKEY"), "\(words)")
        }
    }

    /// Words that nobody knows may be those of a proxy that has lost its server for an instant.
    @Test func whatIsNotUnderstoodIsAskedAgainSomeTime() {
        var doubtful = denied("DBSIZE", "ERR 42")
        #expect(doubtful.hasDoubts && doubtful.entry("DBSIZE")?.words == "ERR 42")
        doubtful.note("SCAN", error: Array("ERR command disabled".utf8))
        doubtful.forgetDoubts()
        #expect(!doubtful.contains("DBSIZE") && doubtful.contains("SCAN") && !doubtful.hasDoubts)
        #expect(!denied("INFO", "ERR 42").contains("INFO"), "without it nothing is watched")
        #expect(denied("INFO", "ERR unknown command 'INFO'").contains("INFO"))
    }

    /// A proxy that has lost a server for an instant does not end the watching.
    @Test func whatAProxySaysAgainstVitalQuestionsIsAskedAgain() {
        for words in [
            "ERR backend unavailable", "ERR Service is unavailable", "ERR request rejected, shard is moving",
        ] {
            #expect(!denied("INFO", words).contains("INFO"), "\(words)")
        }
        for words in ["ERR illegal address", "ERR command is not allowed"] {
            let vital = denied("INFO", words)
            #expect(vital.contains("INFO") && vital.hasDoubts, "\(words)")
        }
        // Of others, what names the command is believed.
        #expect(denied("SCAN", "ERR illegal address").hasDoubts)
        #expect(!denied("SCAN", "ERR command is not allowed").hasDoubts)
        #expect(!denied("INFO", "NOPERM x").hasDoubts)
    }

    @Test func doubtsAreOverAfterTheirTime() {
        var clock = DoubtClock()
        func isOver(_ hasDoubts: Bool, _ seconds: Int) -> Bool {
            clock.isOver(hasDoubts: hasDoubts, at: .seconds(seconds))
        }
        #expect(!isOver(true, 10) && !isOver(true, 309) && isOver(true, 310))
        // They begin anew with the next one, also where those before were forgotten in another way.
        #expect(!isOver(true, 320) && !isOver(false, 500) && !isOver(true, 700) && !isOver(true, 990))
        #expect(isOver(true, 1000))
    }

    // MARK: TLS

    private func stack(_ name: String) -> String {
        "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268436496 error:10000410:SSL routines:"
            + "OPENSSL_internal:\(name) at /home/builder/.build/checkouts/swift-nio-ssl/Sources/CNIOBoringSSL/ssl/tls_record.cc:592]))"
    }

    @Test(arguments: [
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", Refusal.Kind.tlsNothingInCommon),
        ("TLSV1_ALERT_PROTOCOL_VERSION", .tlsNothingInCommon),
        ("UNSUPPORTED_PROTOCOL", .tlsNothingInCommon), ("TLSV1_ALERT_INSUFFICIENT_SECURITY", .tlsNothingInCommon),
        ("NO_SHARED_CIPHER", .tlsNothingInCommon), ("WRONG_CIPHER_RETURNED", .tlsNothingInCommon),
        ("TLSV1_ALERT_CERTIFICATE_REQUIRED", .tlsClientCertificate), ("TLSV1_ALERT_UNKNOWN_CA", .tlsClientRefused),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", .tlsClientRefused), ("SSLV3_ALERT_CERTIFICATE_REVOKED", .tlsClientRefused),
        ("SSLV3_ALERT_BAD_CERTIFICATE", .tlsClientRefused), ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", .tlsClientRefused),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", .tlsClientRefused), ("TLSV1_ALERT_ACCESS_DENIED", .tlsClientRefused),
        ("TLSV1_ALERT_UNRECOGNIZED_NAME", .tlsUnknownName), ("CERTIFICATE_VERIFY_FAILED", .tlsUntrusted),
        ("WRONG_VERSION_NUMBER", .tlsNotSpoken), ("HTTP_REQUEST", .tlsNotSpoken),
        ("TLSV1_ALERT_INTERNAL_ERROR", .tlsOther),
        ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", .tlsOther),
    ])
    func failuresOfTLSAreCalledByTheirReason(name: String, kind: Refusal.Kind) {
        let refusal = Refusal(tlsWords: stack(name))
        #expect(refusal.kind == kind)
        let said = "\(refusal.reason) \(refusal.detail) \(refusal.remedy)"
        for hidden in ["NIOSSL", "BoringSSL", "OPENSSL", "handshakeFailed", "/home", ".cc", "Error", "_ALERT_"] {
            #expect(!said.contains(hidden), "\(said)")
        }
    }

    @Test func whatNobodyKnowsNamesNoTypeOfTheProgram() {
        struct Surprise: Error { let path = "/home/builder/Sources/CacheWire" }
        for refusal in [
            Refusal(connecting: Surprise()), Refusal(tlsWords: "handshakeFailed(NIOSSL.BoringSSLError.wantRead)"),
        ] {
            let said = "\(refusal.reason) \(refusal.detail)"
            #expect(!said.contains("Surprise") && !said.contains("/") && !said.contains("NIO"), "\(said)")
        }
        #expect(Refusal(tlsWords: stack("TLSV1_ALERT_INTERNAL_ERROR")).detail == "the server says: internal error")
    }
}
