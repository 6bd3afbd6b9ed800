import Foundation

/// Tries one seed after the other, for so many seconds: `replies SECONDS [SEED]`. Whatever ends it tells the seed, which
/// does the same again.
@main enum Campaign {
    nonisolated(unsafe) private static var seed: UInt64 = 0
    /// Of the whole process, in KiB.
    private static let mostMemory = 512 << 10
    private static let slowest = Duration.seconds(10)

    static func main() {
        let words = CommandLine.arguments.dropFirst().map { UInt64($0) }
        let seconds = Int((words.first ?? nil) ?? 60)
        seed = (words.count > 1 ? words[1] : nil) ?? UInt64.random(in: 1...1 << 40)
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGALRM] {
            Foundation.signal(signal) { number in
                Campaign.tell()
                _exit(128 + number)
            }
        }
        let server = HonestServer()
        let (start, first) = (ContinuousClock.now, seed)
        print("from seed \(first)")
        fflush(nil)
        repeat {
            // What hangs is told, too.
            alarm(UInt32(slowest / .seconds(1)))
            var replies = Replies(seed: seed, server: server)
            replies.run()
            let memory = peakMemory
            if memory > mostMemory { fatalError("\(memory) KiB of memory") }
            seed += 1
        } while ContinuousClock.now - start < .seconds(seconds)
        print("\(seed - first) seeds in \(seconds) s, none found anything; at most \(peakMemory / 1024) MiB of memory")
    }

    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }

    /// Without allocating: it is called from a signal's handler.
    private static func tell() {
        var digits = [UInt8](repeating: 0x0a, count: 32)
        var (rest, place) = (seed, 30)
        while rest > 0, place > 6 {
            digits[place] = UInt8(0x30 + rest % 10)
            rest /= 10
            place -= 1
        }
        for (index, byte) in "seed ".utf8.enumerated() { digits[place - 4 + index] = byte }
        _ = digits.withUnsafeBytes { write(2, $0.baseAddress! + place - 4, 32 - place + 4) }
    }
}
