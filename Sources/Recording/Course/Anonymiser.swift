internal import CacheModel
internal import RedisValues

/// Puts hashes in the place of ids in keys, of addresses, and of names: the same for the same one within a recording, and
/// another one in every other.
///
/// Namespaces and prefixes stay, and so do ports, commands, and what groups of clients a name belongs to.
struct Anonymiser: Sendable {
    private let salt: [UInt8]
    var classifier: KeyClassifier
    /// What was met, in whatever texts it stands.
    private var known = KnownWords()

    init(salt: [UInt8], classifier: KeyClassifier) { (self.salt, self.classifier) = (salt, classifier) }

    // MARK: parts

    /// What was put in the place of a text before.
    func hashed(_ text: String) -> String? { known.look(text) }

    /// Eight hexadecimal digits, which pass for an id.
    func id(_ text: some StringProtocol) -> String { digest(text).prefix(4).hexadecimal }

    /// Eight letters, which pass for a name.
    private func letters(_ text: some StringProtocol) -> String {
        let alphabet = Array("ghjkmnpqrstvwxyz".utf8)
        let nibbles = digest(text).prefix(4).flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
        return String(decoding: nibbles, as: UTF8.self)
    }

    private func digest(_ text: some StringProtocol) -> [UInt8] { SHA256.digest(of: salt + Array(text.utf8)) }

    private mutating func keep(_ text: String, _ hash: String) -> String {
        known.put(text, hash)
        return hash
    }

    /// What stands in a text of ours between the places where one of its words ends and the next begins.
    static func isAwkward(_ name: String) -> Bool {
        // What is nothing but signs stands in every sentence.
        name.contains { $0.isLetter || $0.isNumber }
            && (name.contains(where: ends) || name.last.map { trails.contains($0) } ?? false)
    }

    /// Of a client, a service or a user.
    mutating func name(_ name: String) -> String {
        guard !name.isEmpty, name != SlowlogEntry.ownName, name != "default" else { return name }
        if let hash = known.take(name) { return hash }
        var client = ClientEntry(id: 0, address: "")
        client.name = name
        let family = ClientGrouping.name.label(of: client)
        guard family != name else { return keep(name, letters(name)) }
        _ = keep(family, letters(family) + "-*")
        return keep(name, "\(letters(family))-\(digest(name).prefix(2).reduce(0) { $0 * 256 + Int($1) })")
    }

    /// Of a group of clients, as ``ClientGrouping/name`` calls it.
    mutating func group(_ group: String) -> String {
        if let hash = known.take(group) { return hash }
        if isAddress(group) { return address(group) }
        return group.hasSuffix("*") ? keep(group, letters(group) + "-*") : name(group)
    }

    /// `host:port`, without its host.
    mutating func address(_ address: String) -> String {
        guard !address.isEmpty else { return address }
        if let hash = known.take(address) { return hash }
        var client = ClientEntry(id: 0, address: address)
        client.name = ""
        let host = client.host
        let port = host == address ? "" : address[(address.lastIndex(of: ":") ?? address.startIndex)...]
        // Each client has one, and they are found wherever they stand.
        if isAddress(address), isAddress(host) { return letters(host) + port }
        return keep(address, self.host(host) + port)
    }

    mutating func host(_ host: String) -> String { known.take(host) ?? keep(host, letters(host)) }

    mutating func target(_ target: String) -> String {
        known.take(target) ?? keep(target, "redis://\(letters(target))")
    }

    /// What stands behind its prefix is hashed.
    func key(_ key: String) -> String {
        let bytes = Array(key.utf8)
        let length = classifier.classify(bytes)?.length ?? DiscoveredPrefix.length(of: bytes.span)
        let rest = bytes[min(length, bytes.count)...]
        // A pattern of all of them, or the prefix itself, names nobody.
        if rest.allSatisfy({ $0 == UInt8(ascii: "*") }) { return key }
        return String(decoding: bytes.prefix(length), as: UTF8.self) + id(String(decoding: rest, as: UTF8.self))
    }

    /// Whether it is the name of a namespace, which stays.
    func classifies(_ name: String) -> Bool { classifier.rules.contains { $0.name == name } }

    // MARK: texts

    private static func ends(_ character: Character) -> Bool {
        character.isWhitespace || "(),;\"'=".contains(character)
    }

    private static let trails: Set<Character> = [".", ":", "!", "?"]

    /// A text of ours with somebody else's words in it.
    mutating func text(_ text: String) -> String {
        if let hash = known.take(text) { return hash }
        var changed = ""
        var word = ""
        for character in known.replacingAwkward(in: text) {
            if Self.ends(character) {
                changed += self.word(word)
                changed.append(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        return changed + self.word(word)
    }

    private mutating func word(_ word: String) -> String {
        let end = word.reversed().prefix { Self.trails.contains($0) }.count
        let (core, tail) = (String(word.dropLast(end)), word.suffix(end))
        // A figure is no name.
        guard core.utf8.count > 1 || core.first?.isLetter == true else { return word }
        if let hash = known.take(core) { return hash + tail }
        guard core.utf8.count > 1 else { return word }
        if core.contains("://") { return "***" + tail }
        if isAddress(core) { return address(core) + tail }
        let bytes = Array(core.utf8)
        let isKey = classifier.classify(bytes) != nil || DiscoveredPrefix.length(of: bytes.span) > 0
        return (isKey ? key(core) : core) + tail
    }

    /// An IPv4 address or one in brackets, with a port or without.
    private func isAddress(_ word: String) -> Bool {
        if word.hasPrefix("["), word.contains("]") { return word.contains(":") }
        let host = word.prefix { $0 != ":" }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    mutating func texts(_ texts: [String]) -> [String] { texts.map { text($0) } }

    /// An argument of a command: options and keys are told, values and ids are not.
    func argument(_ word: String) -> String {
        CommandWords.isOption(word) || word == SlowlogEntry.value ? word : key(word)
    }
}

/// Texts that were met, with what stands in their place: those that were met last, many of them.
private struct KnownWords: Sendable {
    /// The young ones, and those that were young before them.
    private var (young, old): ([String: String], [String: String]) = ([:], [:])
    /// Those that no word of a sentence is, the oldest first.
    private var awkward: [String] = []

    private static let most = 10_000
    private static let mostAwkward = 1000

    func look(_ text: String) -> String? { young[text] ?? old[text] }

    /// The same, and it stays known for longer.
    mutating func take(_ text: String) -> String? {
        if let hash = young[text] { return hash }
        guard let hash = old[text] else { return nil }
        put(text, hash)
        return hash
    }

    mutating func put(_ text: String, _ hash: String) {
        if young.count >= Self.most { (old, young) = (young, [:]) }
        young[text] = hash
        guard Anonymiser.isAwkward(text), !awkward.contains(text) else { return }
        if awkward.count >= Self.mostAwkward { awkward.removeFirst() }
        awkward.append(text)
    }

    /// The longest first: one may be a part of another.
    mutating func replacingAwkward(in text: String) -> String {
        var changed = text
        let found = awkward.filter { text.contains($0) }.sorted { $1.utf8.count < $0.utf8.count }
        for name in found { if let hash = take(name) { changed = changed.replacing(name, with: hash) } }
        return changed
    }
}
