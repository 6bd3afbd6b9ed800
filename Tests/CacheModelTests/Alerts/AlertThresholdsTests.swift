import CacheModel
import Support
import Testing

@Suite struct AlertThresholdsTests {
    /// What is not in the list cannot be set from the settings file, and nobody would hear of it.
    @Test func everyThresholdIsNamedAfterItsProperty() {
        let properties = Properties.names(of: AlertThresholds())
        #expect(AlertThresholds.fields.map(\.name) == properties.map(Properties.snakeCase))
        for (field, property) in zip(AlertThresholds.fields, properties) {
            var thresholds = AlertThresholds()
            thresholds[keyPath: field.keyPath] = -7
            let changed = Mirror(reflecting: thresholds).children.filter { $0.value as? Double == -7 }
            #expect(changed.map(\.label) == [property])
        }
    }
}
