public import TerminalUI

/// A terminal at the other end of a line, in virtual time: what is sent comes in parts, with pauses between them.
public struct SlowLine {
    private var decoder: InputDecoder
    public private(set) var now = Duration.seconds(10)
    /// What the terminal has told of, and nobody has taken yet.
    private var events: [TerminalEvent] = []

    public init(
        _ sequences: KeySequences = KeySequences(), letters: LetterEncoding = .utf8,
        openers: Set<Unicode.Scalar> = [":", "/"]
    ) { decoder = InputDecoder(sequences, letters: letters, openers: openers) }

    public mutating func send(_ bytes: some Collection<UInt8>) { events += decoder.take(bytes, at: now) }

    public mutating func send(_ text: String) { send(Array(text.utf8)) }

    /// Nothing comes for so long; the decoder is woken when it wants to be.
    public mutating func pause(_ duration: Duration) {
        let end = now + duration
        while let wake = decoder.wakeAt, wake <= end {
            now = max(now, wake)
            let woken = decoder.wake(at: now)
            precondition(decoder.wakeAt.map { $0 > now } ?? true, "it would be woken for ever")
            events += woken
        }
        now = end
    }

    public mutating func pause(milliseconds: Int) { pause(.milliseconds(milliseconds)) }

    /// - Parameter size: how many bytes the next part has.
    /// - Parameter gap: milliseconds after it.
    public mutating func send(_ bytes: [UInt8], size: () -> Int, gap: () -> Int) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(max(1, size()))
            send(part)
            rest = rest.dropFirst(part.count)
            if !rest.isEmpty { pause(milliseconds: gap()) }
        }
    }

    public mutating func take() -> [TerminalEvent] {
        defer { events = [] }
        return events
    }

    /// What has been told of when nothing comes any more.
    public mutating func settle() -> [TerminalEvent] {
        pause(.seconds(2))
        return take()
    }
}
