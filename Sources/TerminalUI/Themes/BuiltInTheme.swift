extension Theme {
    /// What is used where no theme file can be: the same as `themes/dark.toml`.
    public static let fallback: Theme = {
        let colours: [(Role, [String])] = [
            (.text, ["#c8ccd4"]), (.dim, ["#7d8590"]), (.stale, ["#6b727d"]), (.value, ["#f0f3f6"]),
            (.title, ["#e6edf3"]), (.accent, ["#6cb6ff"]), (.tab, ["#8b949e"]), (.tabSelected, ["#6cb6ff"]),
            (.border, ["#3d444d"]), (.borderMemory, ["#4a7a5c"]), (.borderClients, ["#4c6a9c"]),
            (.borderTraffic, ["#3f7d80"]), (.borderAlerts, ["#8a6a4a"]), (.borderNamespaces, ["#6f5a94"]),
            (.borderSlowlog, ["#8a5a70"]), (.borderDialog, ["#6cb6ff"]), (.selection, ["#2d3f55"]), (.key, ["#e3b341"]),
            (.good, ["#57ab5a"]), (.warning, ["#e3b341"]), (.critical, ["#ff6b66"]), (.info, ["#6cb6ff"]),
            (.chartAxis, ["#6b727d"]), (.chartLimit, ["#a8763e"]), (.chartMemory, ["#3f8f5f", "#c9b458", "#e5534b"]),
            (.chartClients, ["#3f6fb5", "#8ab4f8"]), (.chartTraffic, ["#2f8f8f", "#6fdcd0"]),
            (.chartHits, ["#3f8f5f", "#8ddb8c"]), (.chartLoss, ["#b5733f", "#ff8f66"]),
            (.meter, ["#6f5aa8", "#b596f2"]), (.input, ["#f0f3f6"]),
        ]
        let entries = colours.map { Entry(key: $0.0.rawValue, values: $0.1, line: 0) }
        return (try? Theme(name: "dark", entries: entries)) ?? .plain
    }()

    /// The terminal's own colours.
    private static let plain = Theme(name: "plain", background: .default, colours: [:], isMonochrome: true)

    private init(name: String, background: Colour, colours: [Role: [Colour]], isMonochrome: Bool) {
        self.name = name
        self.background = background
        self.colours = colours
        self.isMonochrome = isMonochrome
    }
}
