import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// A tick that comes right after a poll is not drawn: nothing on any screen may be another by it.
@Suite struct ClockFaceTests {
    private func tick(_ state: inout DashboardState, after milliseconds: Int64) {
        _ = state.update(
            .ticked(
                now: WallTime(milliseconds: state.now.milliseconds + milliseconds),
                elapsed: state.elapsed + .milliseconds(milliseconds)))
    }

    @Test(arguments: Screen.allCases) func aTickWithinTheSecondChangesNothing(screen: Screen) throws {
        for snapshot in [Sample.swept, Sample.busy, Sample.unreachable, Sample.troubled] {
            var driver = Driver()
            driver.show(Sample.swept)
            driver.press(.character(Character(String(screen.rawValue))))
            var snapshot = snapshot
            // A poll that begins with the second ends a moment after it.
            snapshot.takenAt = WallTime(milliseconds: (driver.state.now.seconds + 1) * 1000 + 12)
            snapshot.elapsed = driver.state.elapsed + .milliseconds(1012)
            _ = driver.state.update(.snapshotArrived(snapshot))
            let (frame, face) = (driver.state.render(), driver.state.clockFace)
            tick(&driver.state, after: 48)
            #expect(driver.state.clockFace == face)
            #expect(driver.state.render() == frame, "\(screen): \(driver.state.render().text)\n\(frame.text)")
            tick(&driver.state, after: 1000)
            #expect(driver.state.clockFace != face)
        }
    }

    @Test func whatIsSaidEndsWithATickThatIsDrawn() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.send(.noticed("look"))
        let face = driver.state.clockFace
        driver.state.message?.until = driver.state.elapsed
        tick(&driver.state, after: 1)
        #expect(driver.state.message == nil && driver.state.clockFace != face)
    }

    @Test func whoeverCopiesAStateHasItsOwn() {
        var driver = Driver()
        driver.show(Sample.swept)
        let before = driver.state
        driver.show(Sample.unreachable, count: 30)
        #expect(before.latest?.isReachable == true && driver.state.latest?.isReachable == false)
        #expect(before.alerts.raised.count < driver.state.alerts.raised.count)
    }
}
