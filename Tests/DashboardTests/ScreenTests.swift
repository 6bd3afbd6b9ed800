import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct ScreenTests {
    private func driver(
        _ snapshot: Snapshot, _ columns: Int = 120, _ rows: Int = 36, charset: Charset = .unicode, polls: Int = 60
    ) -> Driver {
        var driver = Driver(columns: columns, rows: rows, charset: charset)
        driver.show(snapshot, count: polls)
        return driver
    }

    @Test(arguments: [(120, 36), (80, 24), (60, 16), (44, 10), (20, 5), (18, 3)]) func overview(columns: Int, rows: Int)
    {
        expectGolden(driver(Sample.full, columns, rows).screen, named: "overview-\(columns)x\(rows)")
    }

    @Test func overviewInASCII() {
        let screen = driver(Sample.full, charset: .ascii).screen
        expectGolden(screen, named: "overview-ascii")
        #expect(screen.unicodeScalars.allSatisfy { $0.isASCII })
    }

    @Test(arguments: Screen.allCases) func screen(screen: Screen) {
        var driver = driver(Sample.busy)
        driver.press(.character(Character(String(screen.rawValue))))
        expectGolden(driver.screen, named: "screen-\(screen.rawValue)-\(screen.title.lowercased())")
    }

    @Test func lostServerLeavesOldFiguresWithTheirAge() {
        var driver = driver(Sample.busy)
        driver.show(Sample.unreachable, after: 6, count: 2)
        let frame = driver.state.render()
        expectGolden(frame.text + "\n", named: "overview-lost")
        #expect(frame.text.contains("12 s ago"))
        #expect(frame.text.contains("connection refused"))
        let values = frame.cells.filter { $0.style.role == .value }
        #expect(values.isEmpty, "nothing old may look current")
    }

    @Test func withoutAnyFiguresTheReasonAndTheRemedyAreShown() {
        var driver = Driver()
        #expect(driver.screen.contains("Connecting to redis://cache-1:6379/0"))
        driver.show(Sample.unreachable)
        #expect(driver.screen.contains("Connection refused"))
        #expect(driver.screen.contains("Check Redis is running and URL is correct."))
    }

    @Test func deniedPanelSaysWhatIsMissing() {
        var driver = driver(Sample.denied)
        #expect(driver.screen.contains("NOPERM: needs +slowlog|get"))
        driver.press(.character("4"))
        #expect(driver.screen.contains("ACL SETUSER"))
    }

    @Test func unknownFiguresAreADashAndNeverZero() {
        var node = NodeSnapshot(address: "a:1")
        node.info = ServerInfo()
        let snapshot = Snapshot(takenAt: Sample.takenAt, elapsed: Sample.elapsed, target: "t", nodes: [node])
        let screen = driver(snapshot).screen
        #expect(screen.contains("– /s"))
        #expect(!screen.contains("0 B"))
    }

    @Test func everyScreenCanBeDrawnAtEverySize() async {
        await sideBySide([
            Sample.full, Sample.hostile, Sample.hostileCluster, Sample.hostileSentinels, Sample.unreachable,
        ]) { snapshot in
            var driver = Driver()
            driver.show(snapshot, count: 3)
            for columns in stride(from: 1, through: 140, by: 7) {
                for rows in stride(from: 1, through: 44, by: 3) {
                    driver.send(.terminal(.resize(Size(columns: columns, rows: rows))))
                    for screen in Screen.allCases {
                        driver.state.screen = screen
                        let frame = driver.state.render()
                        #expect(frame.size == Size(columns: columns, rows: rows))
                    }
                    for dialog in ["?", "T", ":"] {
                        driver.type(dialog)
                        _ = driver.state.render()
                        driver.press(.escape)
                    }
                }
            }
        }
    }

    @Test(arguments: [Sample.hostile, Sample.hostileCluster, Sample.hostileSentinels])
    func hostileBytesNeverReachTheTerminal(_ snapshot: Snapshot) {
        var driver = driver(snapshot)
        for screen in Screen.allCases {
            driver.state.screen = screen
            let scalars = driver.state.render().cells.lazy.filter { $0.glyph != Cell.continuation }.flatMap(
                \.glyph.unicodeScalars)
            #expect(
                scalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && !(0x202a...0x202e).contains($0.value)
                })
        }
    }
}
