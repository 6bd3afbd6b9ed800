internal import CacheModel
internal import Glibc

/// Runs a program of the operator's own for one alert, and waits for it.
struct AlertProgram {
    /// Its path and arguments, as they are: no shell sees them.
    let words: [String]
    /// As ``ChildProgram`` takes it.
    let environment: [String]
    /// How long it may take.
    let deadline: Duration

    /// What holds a secret of ours, and is nobody else's business.
    static let secrets = SecretFilter.passwordVariables.union(["REDIS_URL"])

    init(_ words: [String], environment: [String: String], deadline: Duration) {
        self.words = words
        self.deadline = deadline
        self.environment = environment.filter { !Self.secrets.contains($0.key) }.map { "\($0.key)=\($0.value)" }
    }

    /// What would keep it from being started now; nil where nothing is known that would.
    var obstacle: NoticeOutcome? {
        var status = stat()
        guard stat(words[0], &status) == 0 else { return .notStarted(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .notStarted("it is not a file") }
        return access(words[0], X_OK) == 0 ? nil : .notStarted(String(cString: strerror(errno)))
    }

    /// - Parameters:
    ///   - document: on its standard input.
    ///   - isCut: asked while it runs; it is then ended with all that it has started.
    /// - Returns: nil where it was cut off.
    func run(_ document: String, isCut: () -> Bool) -> NoticeOutcome? {
        if let obstacle { return obstacle }
        guard let input = Pipe(), let errors = Pipe() else { return .notStarted(String(cString: strerror(errno))) }
        switch ChildProgram.start(
            words, input: input.reading, errors: errors.writing, isAlone: true, environment: environment)
        {
        case .refused(let code):
            let hint = code == ENOEXEC ? "; does it begin with #! ?" : ""
            return .notStarted(String(cString: strerror(code)) + hint)
        case .started(let child):
            input.closeReading()
            errors.closeWriting()
            return wait(child, document, input, errors, isCut)
        }
    }

    private func wait(
        _ child: pid_t, _ document: String, _ input: Pipe, _ errors: Pipe, _ isCut: () -> Bool
    ) -> NoticeOutcome? {
        let end = ContinuousClock.now + deadline
        var rest = Array(document.utf8)[...]
        var complaints: [UInt8] = []
        while true {
            // It may read nothing, or as slowly as it likes.
            if !rest.isEmpty { rest = rest.dropFirst(input.write(rest)) }
            if rest.isEmpty { input.closeWriting() }
            var status: Int32 = 0
            let ended = waitpid(child, &status, WNOHANG)
            errors.read(to: &complaints, most: Self.mostComplaints)
            if ended == child { return Self.outcome(status, complaints) }
            // Somebody else has waited for it: what has become of it nobody knows.
            if ended < 0, errno != EINTR { return .told }
            let isCut = isCut()
            if isCut || ContinuousClock.now >= end {
                kill(-child, SIGKILL)
                kill(child, SIGKILL)
                while waitpid(child, &status, 0) < 0 && errno == EINTR {}
                return isCut ? nil : .tooSlow(deadline)
            }
            poll(nil, 0, 5)
        }
    }

    private static let mostComplaints = 4096

    private static func outcome(_ status: Int32, _ complaints: [UInt8]) -> NoticeOutcome {
        let signal = status & 0x7f
        if signal != 0 { return .killed(signal: signal) }
        let code = status >> 8 & 0xff
        guard code != 0 else { return .told }
        let lines = complaints.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d })
        return .failed(status: code, lines.last.map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
}

/// Both ends of a pipe; what is this program's own neither waits nor is inherited.
private final class Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() {
        if reading >= 0 { close(reading) }
        reading = -1
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// - Returns: how many were taken; all where nobody reads any more.
    func write(_ bytes: ArraySlice<UInt8>) -> Int {
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        let count = bytes.withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : bytes.count
    }

    /// What is there, and no more of it is kept than that.
    func read(to bytes: inout [UInt8], most: Int) {
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 1024)
        for _ in 0..<16 {
            let count = Glibc.read(reading, &buffer, buffer.count)
            guard count > 0 else { return }
            bytes += buffer.prefix(count)
            if bytes.count > most { bytes.removeFirst(bytes.count - most) }
        }
    }
}
