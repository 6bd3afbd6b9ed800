import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// The dialog about a key's time to live.
@Suite struct LifetimeDialogTests {
    private let key = Array("session:0".utf8)

    private func driver() -> Driver {
        var driver = Driver(columns: 120, rows: 36)
        driver.show(Sample.busy)
        driver.type(":keys session")
        driver.press(.enter)
        driver.send(.keys(.page(Sample.keyPage(.namespace("session"), from: 0, count: 5, pages: 1), ticket: 1)))
        var inspection = Sample.inspection(key)
        inspection.askedAt = driver.now
        driver.send(.keys(.inspected(inspection)))
        _ = driver.takeEffects()
        return driver
    }

    @Test func itSaysWhatIsAndWhatMayBe() {
        var driver = driver()
        driver.press(.character("t"))
        let screen = driver.screen
        #expect(screen.contains("now: expires in 58 min, at 2026-11-22 15:30"))
        #expect(screen.contains("contract: session: expires, at most 2 h"))
        #expect(screen.contains("formats: 90s, 10m, 2h or 7d"))
        #expect(driver.takeEffects().isEmpty, "it was asked a moment ago")
        driver.press(.escape)
        driver.wait(60)
        driver.press(.character("t"))
        #expect(driver.screen.contains("now: expires in 57 min, at 2026-11-22 15:30"))
        #expect(driver.takeEffects() == [.inspect(key, from: .start)], "as it is now")
        var inspection = Sample.inspection(key)
        (inspection.askedAt, inspection.lifetime) = (driver.now, .never)
        driver.send(.keys(.inspected(inspection)))
        #expect(driver.screen.contains("now: never expires"))
    }

    @Test func whatIsNotATimeToLiveIsObjectedToAtTheFirstLetter() {
        var driver = driver()
        driver.press(.character("t"))
        driver.type("b")
        #expect(driver.screen.contains("It is not a time to live") && driver.screen.contains("formats: 90s, 10m"))
        driver.press(.backspace)
        driver.type("1")
        #expect(!driver.screen.contains("It is not"))
        driver.type("0m")
        #expect(driver.screen.contains("expires at 2026-11-22 14:42"))
        driver.press(.control("u"))
        driver.type("10x")
        #expect(driver.screen.contains(#""x" is not a unit"#))
    }

    @Test func whatBreaksTheContractIsSaid() {
        var driver = driver()
        driver.press(.character("t"))
        driver.type("3h")
        #expect(driver.screen.contains("; its contract is at most 2 h"))
        driver.press(.control("u"))
        driver.type("never")
        #expect(driver.screen.contains("never expires; its contract is that it expires"))
    }

    /// A deletion is called so, and nothing else.
    @Test func whatEndsTheKeyAtOnceIsNotSaidToExpire() {
        var driver = driver()
        driver.press(.character("t"))
        driver.type("5")
        #expect(driver.screen.contains("it is deleted now") && !driver.screen.contains("expires at"))
        driver.type("m")
        #expect(driver.screen.contains("expires at") && !driver.screen.contains("it is deleted now"))
    }

    @Test func theListShowsTheNewOne() {
        var driver = driver()
        driver.press(.character("o"), .character("o"), .character("o"))
        driver.press(.home)
        driver.press(.character("t"))
        driver.type("90m")
        driver.press(.enter)
        let act = Act.setLifetime(key, .seconds(5400), readmits: false)
        #expect(driver.effects.last == .act(act))
        driver.operate(.keyChanged(key, "session:0 expires in 1 h 30 min"))
        let row = driver.state.keyRows.first { $0.name == key }
        #expect(row?.facts?.lifetime == .milliseconds(5_400_000) && row?.facts?.type == .string)
        #expect(driver.state.keyRows.last?.name == key, "by TTL it is the last one now")
        #expect(driver.screen.contains("1 h 30 min"))
    }

    @Test func aKeyOfNoNamespaceHasNoContract() {
        var driver = Driver(columns: 80, rows: 24)
        driver.show(Sample.busy)
        driver.press(.character("3"))
        driver.send(.keys(.page(Sample.keyPage(.namespace("stray"), from: 0, count: 1, pages: 1), ticket: 0)))
        driver.press(.character("t"))
        #expect(driver.screen.contains("contract: none, it is in no namespace with rules"))
        #expect(driver.screen.contains("now: expires in 1 min, when it was listed"))
    }
}
