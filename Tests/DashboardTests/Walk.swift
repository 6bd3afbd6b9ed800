import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// An operator who acts on what the screen says, and a world that changes it meanwhile: pages, polls, looks, answers that
/// are late, foreign or doubled, fail-overs and windows that change their size. All is drawn from a seed.
struct Walk {
    private(set) var state: DashboardState
    /// As it was drawn last: what the operator has seen.
    private(set) var seen: DashboardState
    private(set) var steps = 0
    /// Acts that were sent, by kind.
    private(set) var sent: [String: Int] = [:]
    private(set) var faults: [String] = []
    private var generator: SeededGenerator
    private var world: WalkWorld
    /// Acts and pages that are to be answered.
    private var owed: [Effect] = []
    private var answered: [Action] = []
    private var elapsed = Sample.elapsed
    /// What the row under the cursor, or the open value, was called when a dialog was asked for.
    private var meant: String?
    /// What was drawn last, and how often something was.
    private var frame = Frame(size: Size(columns: 0, rows: 0))
    private var frames = 0
    /// True while nothing has happened since then.
    private var isFresh = false
    /// Results that were told.
    private(set) var told = 0
    private(set) var clicks = 0

    static let most = 8

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        world = WalkWorld()
        state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark", "light"], estimateEvery: .seconds(60),
                journals: "/j"), interval: .seconds(1), theme: "dark", now: Sample.takenAt)
        seen = state
        take(.terminal(.resize(Size(columns: 90, rows: 24))))
        poll()
        draw()
    }

    mutating func run(steps most: Int) {
        while steps < most, faults.count < Self.most { pursue() }
    }

    // MARK: the dice

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }
    private mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &generator) }
    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    // MARK: the screen

    private mutating func draw() {
        // What was drawn stays as it is while nothing happens.
        if isFresh { return }
        isFresh = true
        let before = onScreen
        // Under a dialog nothing is clicked, and drawing it all is slow.
        let isLookedAt = state.dialog == nil || !before.isEmpty
        frame = isLookedAt ? state.render() : Frame(size: state.size)
        frames += 1
        state.noteDrawn(frame, at: elapsed)
        check(told: before.subtracting(onScreen))
        seen = state
    }

    /// Results that the next frame may tell.
    private var onScreen: Set<Ticket> {
        guard let message = state.message, message.isUntold, let ticket = message.ticket else { return state.unseen }
        return state.unseen.union([ticket])
    }

    /// What counts as told was on the screen.
    private mutating func check(told tickets: Set<Ticket>) {
        for ticket in tickets {
            told += 1
            if let message = state.message, message.ticket == ticket {
                if !frame.text.contains(message.text.prefix(10)) {
                    faults.append(fault("\(message.text) was not drawn:\n\(frame.text)"))
                }
            } else if dialogText(state).isEmpty || !self.tickets(state).contains(ticket) {
                faults.append(fault("the result of \(ticket.number) was not drawn"))
            }
        }
    }

    private func fault(_ words: String) -> String { "step \(steps): \(words)" }

    /// A key, before which something may have happened that the operator has not seen.
    private mutating func press(_ key: Key) {
        while chance(0.25) { happen() }
        take(.terminal(.key(key)))
        if chance(0.9) { draw() }
    }

    private mutating func type(_ text: String) {
        if chance(0.5) {
            take(.terminal(.paste(text)))
            draw()
        } else {
            for character in text { press(.character(character)) }
        }
    }

    /// Everything passes here.
    private mutating func take(_ action: Action) {
        steps += 1
        isFresh = false
        let foreign = foreignDialog(action)
        let own = tickets(state)
        let untold = steps % 10 == 0 ? state.untold : []
        let effects = state.update(action)
        if !untold.isSubset(of: state.untold) { faults.append(fault("\(action) loses a result")) }
        if let foreign, case .operation(let dialog) = state.dialog, "\(dialog.box(in: state).lines)" != foreign {
            faults.append(fault("\(action) changed the dialog of another act"))
        }
        for effect in effects { note(effect, own) }
        if steps % 5 == 0 {
            var copy = state
            if copy.update(.terminal(.key(.control("c")))).first != .quit { faults.append(fault("deaf to Ctrl-C")) }
        }
        if steps % 40 == 0 { checkQuit() }
    }

    /// Esc leads out of everything, and then `q` is heard.
    private mutating func checkQuit() {
        var copy = state
        for _ in 0..<8 { _ = copy.update(.terminal(.key(.escape))) }
        if !copy.update(.terminal(.key(.character("q")))).contains(.quit) { faults.append(fault("deaf to q")) }
    }

    /// The lines of an open dialog that an answer is none of; nil where it is its own.
    private func foreignDialog(_ action: Action) -> String? {
        guard case .operation(_, let ticket) = action, case .operation(let dialog) = state.dialog,
            !dialog.bond.tickets.contains(ticket)
        else { return nil }
        return "\(dialog.box(in: state).lines)"
    }

    // MARK: what is sent

    private func tickets(_ state: DashboardState) -> [Ticket] {
        if case .operation(let dialog) = state.dialog { dialog.bond.tickets } else { [] }
    }

    /// - Parameter own: what the dialog that was open had sent.
    private mutating func note(_ effect: Effect, _ own: [Ticket]) {
        switch effect {
        case .act(let act, let ticket, let place):
            if owed.contains(where: { if case .act(_, ticket, _) = $0 { true } else { false } }) {
                faults.append(fault("ticket \(ticket.number) is given twice"))
            }
            if let place, place != state.place {
                faults.append(fault("\(act) is sent to other servers than were shown"))
            }
            check(act)
            owed.append(effect)
        case .browse, .inspect, .estimate: owed.append(effect)
        case .stop(let ticket), .hurry(let ticket), .drop(let ticket):
            if !own.contains(ticket) { faults.append(fault("\(effect) is not of the dialog that was open")) }
        // A receipt may have come in front of the list.
        case .copy(let text): if meant != nil, !text.hasPrefix("cachewatch undo") { checkCopy(text) }
        default: break
        }
    }

    private mutating func check(_ act: Act) {
        let names: [String]
        let kind: String
        switch act {
        case .flush(let plan, _, _, _): (kind, names) = ("flush", [plan.scope.name])
        case .repair(let plan, _, _): (kind, names) = ("repair", [plan.scope.name])
        case .undo(let path, isDryRun: false, _): (kind, names) = ("undo", [path])
        case .revoke(let request): (kind, names) = ("revoke", request.tokens.map(\.id))
        case .cutOff(let request, _): (kind, names) = ("cutOff", [request.user])
        case .unrevokeUser(let user, _): (kind, names) = ("unrevokeUser", [user])
        case .unrevoke(let id, _, _): (kind, names) = ("unrevoke", [id])
        case .setLifetime(let key, _, _): (kind, names) = ("setLifetime", [Printable.escape(key)])
        case .deleteKey(let key, _, _): (kind, names) = ("deleteKey", [Printable.escape(key)])
        case .rewriteLost:
            sent["rewriteLost", default: 0] += 1
            if !seen.hasLostRevocations { faults.append(fault("nothing was shown as lost")) }
            return
        case .planFlush(let scope, _), .planRepair(let scope, _, _):
            if let meant, !Self.fits(scope.name, meant) {
                faults.append(fault("\(scope.name) is planned, \(meant) was under the cursor"))
            }
            return
        case .kill(let plan, _): (kind, names) = ("kill", [plan.selection.name])
        case .planKill(let selection):
            if let meant, !Self.fits(selection.name, meant) {
                faults.append(fault("\(selection.name) is looked at, \(meant) was under the cursor"))
            }
            return
        case .findAccess, .undo, .findLayout, .listRevoked, .searchRevoked, .listJournals: return
        }
        sent[kind, default: 0] += 1
        let screen = Self.flat(dialogText(seen))
        for name in names where !screen.contains(Self.flat(name)) {
            faults.append(fault("\(kind) of \(name), which the dialog did not show:\n\(dialogText(seen))"))
        }
        if let meant, kind == "setLifetime" || kind == "deleteKey", !Self.fits(names[0], meant) {
            faults.append(fault("\(kind) of \(names[0]), \(meant) was under the cursor"))
        }
    }

    private mutating func checkCopy(_ text: String) {
        sent["copy", default: 0] += 1
        if !Self.fits(text, meant) { faults.append(fault("\(text) is copied, \(meant ?? "") was under the cursor")) }
    }

    /// Whether something is called so, where there may have been no room for the whole name.
    private static func fits(_ name: String, _ shown: String?) -> Bool {
        guard let shown else { return false }
        return shown.hasSuffix("…") ? name.hasPrefix(shown.dropLast()) : name == shown
    }

    /// The dialog as it was drawn, without what is beside it.
    private func dialogText(_ state: DashboardState) -> String {
        guard case .operation(let dialog) = state.dialog, Detail(state.size) != .line else { return "" }
        var frame = Frame(size: state.size)
        dialog.box(in: state).render(into: &frame)
        return frame.text
    }

    /// What is broken over lines is one word again.
    private static func flat(_ text: String) -> String { text.filter { !"│╭╰╮╯─ \n\"".contains($0) } }

    /// What the marked row, or the title of the open value, or the last line says.
    private func marked(_ state: DashboardState) -> String? {
        let frame = state.render()
        if state.screen == .keys, state.keys.isOpen {
            let row = state.keysLayout.value.row
            let title = String((state.keysLayout.value.column..<frame.size.columns).map { frame[$0, row].glyph })
            return title.split(separator: " ").dropFirst().first.map(String.init)
        }
        for row in 0..<frame.size.rows {
            let line = (0..<frame.size.columns).filter { frame[$0, row].style.role == .selection }
            guard line.count > 4 else { continue }
            return String(line.map { frame[$0, row].glyph }).split(separator: " ").first.map(String.init)
        }
        // It comes back with what it was on: the last line names that.
        return state.goneWords.flatMap { $0.split(separator: " ").first.map(String.init) }
    }

    // MARK: what happens meanwhile

    private mutating func happen() {
        switch number(0...19) {
        case 0...7: answer()
        case 8 where chance(0.4): poll()
        case 9:
            elapsed += .seconds(number(1...7))
            take(.ticked(now: now, elapsed: elapsed))
        case 10:
            var report = world.report(number(0...3))
            (report.elapsed, report.takenAt) = (elapsed, now)
            take(.namespaces(chance(0.5) ? .estimated(report) : .swept(report)))
        case 11: if let again = pick(answered) { take(again) }
        case 12:
            if let kind = pick(WalkWorld.foreign) { take(.operation(kind, Ticket(1_000_000 + number(0...9)))) }
        case 13 where chance(0.15): world.failOver()
        case 14 where chance(0.15): world.changeNodes(number(0...7))
        case 15 where chance(0.3):
            take(.terminal(.resize(world.size(number(0...5)))))
            // Whoever changes the window sees it before a key is pressed.
            draw()
        case 16: world.changeKeys(number(0...WalkWorld.all.count - 1))
        case 17 where chance(0.3): take(.retryScheduled(in: .seconds(2), attempt: 1))
        default: if let owed = owed.last, case .inspect = owed { answer() }
        }
    }

    private var now: WallTime {
        WallTime(milliseconds: Sample.takenAt.milliseconds + Int64((elapsed - Sample.elapsed) / .milliseconds(1)))
    }

    private mutating func poll() {
        elapsed += .seconds(1)
        var snapshot = world.snapshot
        (snapshot.elapsed, snapshot.takenAt) = (elapsed, now)
        take(.snapshotArrived(snapshot))
    }

    /// One of the questions that are open, not the oldest one first.
    private mutating func answer() {
        guard !owed.isEmpty else { return }
        let effect = owed.remove(at: number(0...owed.count - 1))
        // Some acts are never answered; a page and a value always come, if only to say that they do not.
        if case .act = effect, chance(0.05) { return }
        guard let action = world.answer(to: effect, number(0...9)) else { return }
        if case .keys(.names) = action { owed.append(effect) }
        take(action)
        answered = Array((answered + [action]).suffix(6))
    }

    /// Lets the answers come that the operator waits for.
    private mutating func wait(until isThere: (DashboardState) -> Bool) -> Bool {
        for _ in 0..<30 {
            if isThere(state) {
                draw()
                return true
            }
            happen()
            answer()
        }
        draw()
        return isThere(state)
    }

    // MARK: what the operator wants

    private mutating func pursue() {
        meant = nil
        for _ in 0..<4 where state.dialog != nil { press(.escape) }
        draw()
        if Detail(state.size) == .line, chance(0.9) { take(.terminal(.resize(world.size(0)))) }
        switch number(0...20) {
        case 0...3: actOnKey("d")
        case 4...7: actOnKey("t")
        case 8...9: actOnNamespace("F")
        case 10...11: actOnNamespace("m")
        case 12, 20: undo()
        case 13: revoke()
        case 14: unrevoke()
        case 15:
            world.losesRevocations = true
            poll()
            while !state.hasLostRevocations, chance(0.9) { poll() }
            draw()
            press(.character("w"))
            if chance(0.5) { world.losesRevocations = false }
        case 16...17: copyOrChoose()
        case 18: pointAtRow()
        default: wander()
        }
    }

    private mutating func wander() {
        for _ in 0..<number(4...20) {
            meant = nil
            guard let key = pick(WalkWorld.keys) else { return }
            if key == .character("q") || key == .control("c") { continue }
            press(key)
        }
    }

    private mutating func moveAbout() {
        for _ in 0..<number(0...6) {
            switch number(0...9) {
            case 0...4: press(.down)
            case 5: press(.up)
            case 6: press(.character("o"))
            case 7: press(.character("p"))
            case 8 where chance(0.4):
                press(.character("/"))
                if let text = pick(["a", "1", "session", "zz"]) { type(text) }
                press(chance(0.5) ? .enter : .escape)
            default: press(pick([.home, .end, .pageDown, .escape]) ?? .home)
            }
        }
    }

    private mutating func actOnKey(_ letter: Character) {
        press(.character("3"))
        if state.keyRows.isEmpty || chance(0.1) {
            type(":keys")
            press(.enter)
        }
        guard wait(until: { !$0.keyRows.isEmpty || $0.screen != .keys }) else { return }
        moveAbout()
        // A filter has the server list anew: nothing is meant before something is there.
        guard wait(until: { !$0.keyRows.isEmpty || $0.screen != .keys }) else { return }
        if chance(0.25) { press(.enter) }
        guard state.screen == .keys, state.dialog == nil else { return }
        draw()
        meant = marked(seen)
        press(.character(letter))
        draw()
        guard case .operation(let dialog) = state.dialog, let dialog = dialog as? KeyDialog else { return }
        let name = Printable.escape(dialog.key)
        guard Self.fits(name, meant) else {
            return faults.append(fault("\(letter) is about \(name), \(meant ?? "nothing") was under the cursor"))
        }
        meant = name
        let ends = letter == "d" || chance(0.3)
        if letter == "t" {
            type(ends ? pick(["1s", "5ms", "30s"]) ?? "" : pick(["10m", "never", "2h"]) ?? "")
            press(.enter)
        }
        if ends {
            type(chance(0.1) ? "delete" : name)
            press(.enter)
        }
        if dialog.isProtected {
            type(FlushPlan.readmission)
            press(.enter)
        }
        linger()
    }

    private mutating func actOnNamespace(_ letter: Character) {
        press(.character("2"))
        guard wait(until: { $0.screen != .namespaces || !$0.namespaceRows.isEmpty }) else { return }
        moveAbout()
        if chance(0.2) { press(.enter) }
        guard state.screen == .namespaces, state.dialog == nil else { return }
        draw()
        meant = state.namespaces.opened?.name ?? marked(seen)
        press(.character(letter))
        draw()
        // Not the receipt of an earlier one, which may come at any time.
        guard case .operation(let dialog) = state.dialog, let opened = dialog as? NamespaceDialog,
            case .counting = opened.phase
        else { return }
        let name = opened.scope.name
        guard Self.fits(name, meant) else {
            return faults.append(fault("\(letter) is about \(name), \(meant ?? "nothing") was under the cursor"))
        }
        _ = wait { state in
            if case .operation(let dialog) = state.dialog, let open = dialog as? NamespaceDialog,
                case .counting = open.phase
            {
                false
            } else {
                true
            }
        }
        type(chance(0.1) ? "session" : name)
        press(.enter)
        if name == "token:blacklist" {
            type(FlushPlan.readmission)
            press(.enter)
        }
        linger()
    }

    private mutating func undo() {
        type(":undo \(chance(0.5) ? "/j/a.journal" : "/j/b.journal")")
        press(.enter)
        _ = wait { state in
            if case .operation(let dialog) = state.dialog, let open = dialog as? UndoDialog, case .checking = open.phase
            {
                false
            } else {
                true
            }
        }
        press(.enter)
        linger()
    }

    private mutating func revoke() {
        press(.character("1"))
        press(.character("R"))
        if chance(0.5) { return cutOff() }
        type("tok-\(number(0...9))")
        for _ in 0..<4 { press(.tab) }
        draw()
        press(.enter)
        linger()
    }

    /// A user without a token is cut off as a whole.
    private mutating func cutOff() {
        let user = "user-\(number(0...9))"
        press(.tab)
        type(user)
        for _ in 0..<3 { press(.tab) }
        press(.enter)
        draw()
        type(user)
        press(.enter)
        linger()
    }

    private mutating func unrevoke() {
        let id: String
        if chance(0.5) {
            id = "tok-\(number(0...9))"
            type(":unrevoke \(id)")
            press(.enter)
        } else {
            type(":revoked")
            press(.enter)
            _ = wait { !"\($0.dialog.map { "\($0)" } ?? "")".contains("looking") }
            id = "token-\(number(0...29))"
            type(id)
            press(.enter)
        }
        type(id)
        press(.enter)
        linger()
    }

    private mutating func copyOrChoose() {
        press(pick([.character("2"), .character("3"), .character("6"), .character("7")]) ?? .character("7"))
        moveAbout()
        guard state.dialog == nil, [.namespaces, .keys, .commands, .nodes].contains(state.screen) else { return }
        draw()
        let isNodes = state.screen == .nodes
        let name = state.screen == .namespaces ? state.namespaces.opened?.name ?? marked(seen) : marked(seen)
        meant = state.screen == .commands ? name?.lowercased() : name
        if isNodes {
            let before = state.chosenNode
            take(.terminal(.key(.enter)))
            let chosen = state.chosenNode
            if chosen != before, let chosen, !Self.fits(chosen, meant) {
                faults.append(fault("\(chosen) is chosen at \(state.size), \(meant ?? "nothing") was under the cursor"))
            }
        } else {
            while chance(0.5) { happen() }
            take(.terminal(.key(.character("y"))))
        }
        draw()
    }

    /// A click on a row as it was drawn, in whatever place it stands by now.
    private mutating func pointAtRow() {
        press(pick([.character("2"), .character("3"), .character("7")]) ?? .character("7"))
        moveAbout()
        guard state.dialog == nil, [.namespaces, .keys, .nodes].contains(state.screen) else { return }
        draw()
        guard let region = pick(frame.regions.filter { $0.id.hasPrefix("row:") }) else { return }
        let cells = (region.rect.column..<region.rect.endColumn).map { frame[$0, region.rect.row].glyph }
        let name = String(cells).split(separator: " ").first { $0 != "└" && $0 != "├" }.map(String.init)
        let shown = frames
        while chance(0.6) { happen() }
        guard frames == shown, state.screen == seen.screen, state.dialog == nil else { return }
        let before = state.cursors[state.screen]?.subject
        take(.terminal(.click(Point(column: region.rect.column, row: region.rect.row))))
        clicks += 1
        if let after = state.cursors[state.screen]?.subject, after != before, !Self.fits(after.name, name) {
            faults.append(fault("the click on \(name ?? "nothing") marks \(after.name)"))
        }
        draw()
    }

    /// Some wait for what comes, some close the dialog while it is under way.
    private mutating func linger() {
        meant = nil
        for _ in 0..<number(0...3) {
            chance(0.5) ? happen() : press(pick([.escape, .enter, .character("x")]) ?? .escape)
        }
        draw()
    }
}
