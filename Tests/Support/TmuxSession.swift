import Foundation
public import Testing

/// A program in a terminal of its own, for tests that press keys and read the screen.
public final class TmuxSession: Sendable {
    private let socket: String
    private let folder: TemporaryFolder

    /// - Parameter command: a shell's line; what is left on the screen after its end stays there.
    public init(_ command: String, columns: Int = 120, rows: Int = 36, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        socket = folder.path + "/tmux"
        let configuration = try folder.write(
            "set -g status off\nset -g escape-time 10\nset -g remain-on-exit on\n", to: "tmux.conf")
        let variables = ["XDG_STATE_HOME": folder.path + "/state"].merging(environment) { $1 }.map { "\($0)='\($1)'" }
            .sorted().joined(separator: " ")
        _ = try Program.run(
            [
                "tmux", "-S", socket, "-f", configuration, "new-session", "-d", "-x", String(columns), "-y",
                String(rows), "\(variables) exec sh -c '\(command)'",
            ],
            environment: ["LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "SWIFT_BACKTRACE": "enable=no"])
    }

    deinit { _ = try? Program.run(["tmux", "-S", socket, "kill-server"]) }

    /// As when the line to the operator is cut.
    public func drop() { _ = try? Program.run(["tmux", "-S", socket, "kill-server"]) }

    /// With what has scrolled off: the line that tells of the end pushes others out.
    public var screen: String { (try? tmux("capture-pane", "-p", "-S", "-100")) ?? "" }

    /// The program's process.
    public var pid: Int32 {
        (try? tmux("list-panes", "-F", "#{pane_pid}")).flatMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        } ?? -1
    }

    public var hasEnded: Bool { ((try? tmux("list-panes", "-F", "#{pane_dead}")) ?? "1").hasPrefix("1") }

    /// Keys as tmux names them, when those before have been read, as far as can be seen. An Enter waits as a finger does.
    public func press(_ keys: String...) throws {
        if keys.first == "Enter" {
            TypingPause.wait(terminal: terminal)
        } else {
            TypingPause.settle(terminal: terminal)
        }
        _ = try tmux(["send-keys"] + keys)
    }

    /// Letter for letter, when what was typed before has been read.
    public func type(_ text: String) throws {
        TypingPause.settle(terminal: terminal)
        _ = try tmux(["send-keys", "-l", text])
    }

    /// The side that the program reads.
    private var terminal: String {
        ((try? tmux("list-panes", "-F", "#{pane_tty}")) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public func resize(columns: Int, rows: Int) throws {
        _ = try tmux("resize-window", "-x", String(columns), "-y", String(rows))
    }

    @discardableResult
    public func waitFor(_ text: String, patience: Double = 180, sourceLocation: SourceLocation = #_sourceLocation)
        -> Bool
    {
        eventually("\"\(text)\" on the screen:\n\(screen)", patience: patience, sourceLocation: sourceLocation) {
            screen.contains(text)
        }
    }

    /// Whether the dashboard's header says how the server is, however that may be: a server answers.
    public var hasVerdict: Bool {
        screen.contains(#/[●*▲!✖X?] (healthy|degraded|critical|unknown)\b/#)
    }

    public func waitForVerdict(patience: Double = 180, sourceLocation: SourceLocation = #_sourceLocation) {
        eventually("a verdict on the screen:\n\(screen)", patience: patience, sourceLocation: sourceLocation) {
            hasVerdict
        }
    }

    private func tmux(_ words: String...) throws -> String { try tmux(words) }
    private func tmux(_ words: [String]) throws -> String { try Program.run(["tmux", "-S", socket] + words).output }
}
