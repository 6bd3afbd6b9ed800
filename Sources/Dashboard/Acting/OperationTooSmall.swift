internal import TerminalUI

/// Instead of a dialog that the screen has no room for.
struct OperationTooSmall {
    let state: DashboardState

    func render(in line: Rect, into frame: inout Frame) {
        guard Detail(state.size) == .line else { return }
        frame.fill(line)
        frame.write("too small to act; Esc closes", in: line, Style(.warning), ellipsis: state.charset.ellipsis)
    }
}
