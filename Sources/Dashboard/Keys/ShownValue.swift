internal import CacheModel
internal import TerminalUI

/// The value that is shown, worked out when it is another one, or is shown in another way.
extension DashboardState {
    var keysLayout: KeysLayout { KeysLayout(body: Layout(size).body, isOpen: keys.isOpen) }

    /// nil where no value is shown.
    var valueKey: ValueText.Key? {
        guard keys.shown != nil else { return nil }
        return ValueText.Key(
            version: keys.valueVersion, view: keys.view, columns: keysLayout.valueArea.columns, isOpen: keys.isOpen)
    }

    /// Of the key that is shown; nil where there is none.
    var shownValue: ValueText? {
        guard let wanted = valueKey else { return nil }
        return keptValue?.key == wanted ? keptValue : valueAnew
    }

    var valueAnew: ValueText? {
        guard let key = valueKey, let inspection = keys.shown else { return nil }
        var text = ValueText(key: key)
        if let keptValue, keptValue.key.version == key.version { text.decoded = keptValue.decoded }
        if key.isOpen { text.lines = KeyHead(inspection: inspection, state: self).whole(columns: key.columns) }
        ValueLines(
            inspection: inspection, view: key.view, columns: key.columns, charset: charset, clock: options.clock,
            isOpen: key.isOpen
        ).write(to: &text)
        return text
    }
}
