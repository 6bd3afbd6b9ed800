internal import CacheCore
package import CacheWire
public import CacheModel

extension KeyBrowser {
    /// Bytes of a string that are fetched at once.
    public static let stringPage = 64 << 10
    /// Elements of anything else.
    public static let elementPage = 100
    /// Of elements that are fetched at once, by their average size.
    private static let pageBytes = 1 << 20
    /// Of one element that is shown.
    private static let shownBytes = 4096
    private static let largestElement = 8 << 20

    /// Everything about one key, with a page of what it holds, or a part of what is looked for in it. Two round trips;
    /// another one for the consumers of a stream.
    ///
    /// - Throws: ``CacheError`` where the server refuses or does not answer.
    public func inspect(_ key: [UInt8], from cursor: KeyCursor = .start) async throws(CacheError) -> KeyInspection {
        let router = await router()
        var inspection = try await look(at: key, router)
        guard inspection.exists, let type = inspection.type else { return inspection }
        if type == .module {
            inspection.note =
                "A value of the module type \(inspection.typeName): its name and size are all that can be told"
            return inspection
        }
        var page = KeyPageReader(key: key, type: type, cursor: cursor, limit: Self.elementPage)
        let length = try await router.ask(KeyedCommand(key, page.lengthCommand))
        inspection.length = try? length.count
        inspection.sizeIsSampled = inspection.bytes != nil && inspection.mayHaveSampledSize
        if let note = page.fit(inspection, pageBytes: Self.pageBytes, largest: Self.largestElement) {
            inspection.note = note
            return inspection
        }
        // Beside the page, its size from more elements than the five that are looked at by default.
        let samples = inspection.samples
        let size = samples.map {
            KeyedCommand(
                key,
                Command([Array("MEMORY".utf8), Array("USAGE".utf8), key, Array("SAMPLES".utf8), Array("\($0)".utf8)]))
        }
        if page.isSearch {
            inspection.content = try await search(
                page, length: inspection.length, shown: Self.shownBytes, router)
            return inspection
        }
        let readers = type == .stream ? StreamReaders.question(key) : nil
        let replies = try await router.ask([KeyedCommand(key, page.command)] + [readers, size].compactMap { $0 })
            .replies
        if let samples, replies.count > 1, let bytes = try? replies[replies.count - 1].integer {
            inspection.bytes = Int(max(0, min(Int64(KeyFacts.largest), bytes)))
            inspection.sizeIsSampled = samples > 0
        }
        if readers != nil, replies.count > 1 {
            inspection.groups = try await StreamReaders.withMembers(
                StreamReaders.groups(replies[1]), of: key, router)
        }
        let reply = replies[0]
        if let error = reply.cacheError {
            inspection.note = error.description
            return inspection
        }
        do throws(RESPShapeError) {
            inspection.content = try page.read(reply, length: inspection.length, shown: Self.shownBytes)
        } catch { throw .protocolError(error.description) }
        return inspection
    }

    private func look(at key: [UInt8], _ router: Router) async throws(CacheError) -> KeyInspection {
        func command(_ words: String...) -> KeyedCommand {
            KeyedCommand(key, Command(words.map { Array($0.utf8) } + [key]))
        }
        let replies = try await router.ask([
            command("TYPE"), command("PTTL"), command("MEMORY", "USAGE"), command("OBJECT", "ENCODING"),
            command("OBJECT", "IDLETIME"), command("OBJECT", "FREQ"),
        ]).replies
        var inspection = try Self.inspection(of: key, replies)
        inspection.askedAt = .now
        return inspection
    }

    /// - Parameter replies: to `TYPE`, `PTTL`, `MEMORY USAGE`, `OBJECT ENCODING`, `IDLETIME` and `FREQ`.
    static func inspection(of key: [UInt8], _ replies: [RESPValue]) throws(CacheError) -> KeyInspection {
        let name = try replies[0].reading { reply throws(RESPShapeError) in try reply.bytes }
        var inspection = KeyInspection(key: key, typeName: Printable.escape(name, limit: 40))
        guard name != Array("none".utf8) else {
            inspection.exists = false
            inspection.note = "There is no such key (any more)"
            return inspection
        }
        inspection.type = KeyType.exact(name)
        if let lifetime = try? replies[1].integer {
            inspection.lifetime = lifetime == -1 ? .never : lifetime >= 0 ? .milliseconds(Int(lifetime)) : nil
        }
        inspection.bytes = (try? replies[2].integer).map { Int(max(0, min(Int64(KeyFacts.largest), $0))) }
        inspection.encoding = try? replies[3].text
        inspection.sizeIsSampled = inspection.bytes != nil && inspection.mayHaveSampledSize
        inspection.idle = try? replies[4].count
        inspection.frequency = try? replies[5].count
        return inspection
    }
}

extension KeyInspection {
    /// So many elements are looked at for the size at most: a millisecond of the server's time.
    private static let most = 10_000
    /// What `MEMORY USAGE` looks at where nothing is said.
    private static let byDefault = 5
    /// Encodings in one piece, whose size is known without a look at elements.
    private static let compact: Set = ["int", "embstr", "raw", "listpack", "ziplist", "intset"]

    /// Whether elements beyond the first five may make its size another one.
    fileprivate var mayHaveSampledSize: Bool {
        type != .string && !Self.compact.contains(encoding ?? "") && length ?? .max > Self.byDefault
    }

    /// `SAMPLES` of a better look at its size, 0 for all elements; nil where none is needed.
    fileprivate var samples: Int? {
        guard sizeIsSampled, type != .module, let length, mayHaveSampledSize else { return nil }
        return length <= Self.most ? 0 : Self.most
    }
}

extension KeyType {
    /// By the whole name, unlike ``init(name:)``: what is none of Redis' own is a module's.
    static func exact(_ name: [UInt8]) -> KeyType {
        let text = String(decoding: name, as: UTF8.self)
        return allCases.first { $0 != .module && $0.name == text } ?? .module
    }
}

/// How a page of a value is asked for and read, by type.
struct KeyPageReader {
    let key: [UInt8]
    let type: KeyType
    var cursor: KeyCursor
    var limit: Int

    /// Where scans begin.
    static let beginning = [UInt8(ascii: "0")]

    /// True where elements are looked for that match a pattern.
    var isSearch: Bool { if case .matching = cursor, type.isSearchable { true } else { false } }

    private func command(_ name: String, _ arguments: String...) -> Command {
        Command([Array(name.utf8), key] + arguments.map { Array($0.utf8) })
    }

    var lengthCommand: Command {
        switch type {
        case .string, .module: command("STRLEN")
        case .hash: command("HLEN")
        case .list: command("LLEN")
        case .set: command("SCARD")
        case .zset: command("ZCARD")
        case .stream: command("XLEN")
        }
    }

    /// Asks for fewer elements where they are large.
    ///
    /// - Returns: why nothing can be shown; nil where something can.
    mutating func fit(_ inspection: KeyInspection, pageBytes: Int, largest: Int) -> String? {
        guard type != .string, let bytes = inspection.bytes, let length = inspection.length, length > 0 else {
            return nil
        }
        let mean = bytes / length
        if mean > largest {
            return "Its elements have about \(Format.bytes(ByteCount(mean))) each: too much to fetch"
        }
        limit = max(1, min(limit, pageBytes / max(1, mean)))
        return nil
    }

    private var offset: Int {
        if case .position(let offset) = cursor { max(0, offset) } else { 0 }
    }

    var command: Command {
        if isSearch { return scanCommand }
        switch type {
        case .string, .module: return command("GETRANGE", "\(offset)", "\(offset +| (KeyBrowser.stringPage - 1))")
        case .hash, .set: return scanCommand
        case .list: return command("LRANGE", "\(offset)", "\(offset +| (limit - 1))")
        case .zset: return command("ZRANGE", "\(offset)", "\(offset +| (limit - 1))", "WITHSCORES")
        case .stream:
            // The newest first.
            let first = if case .after(let id) = cursor { Array("(".utf8) + id } else { Array("+".utf8) }
            return Command([
                Array("XREVRANGE".utf8), key, first, Array("-".utf8), Array("COUNT".utf8), Array("\(limit)".utf8),
            ])
        }
    }

    private var scanCommand: Command {
        let name = type == .hash ? "HSCAN" : type == .set ? "SSCAN" : "ZSCAN"
        var words = [Array(name.utf8), key]
        switch cursor {
        case .scan(let position): words.append(position)
        case .matching(let pattern, let position): words += [position, Array("MATCH".utf8), pattern]
        case .start, .position, .after: words.append(Self.beginning)
        }
        return Command(words + [Array("COUNT".utf8), Array("\(limit)".utf8)])
    }

    /// Where a scan goes on; nil at its end.
    private func next(_ position: [UInt8]) -> KeyCursor? {
        if position == Self.beginning { return nil }
        return if case .matching(let pattern, _) = cursor { .matching(pattern, from: position) } else {
            .scan(position)
        }
    }

    /// - Parameter shown: bytes of an element that are kept.
    func read(_ reply: RESPValue, length: Int?, shown: Int) throws(RESPShapeError) -> KeyContent {
        var content = KeyContent()
        content.offset = offset
        func element(_ label: [UInt8]?, _ value: [UInt8]) -> KeyContent.Element {
            KeyContent.Element(
                label: label.map { Array($0.prefix(shown)) }, value: Array(value.prefix(shown)),
                isCut: value.count > shown)
        }
        func end(_ count: Int) -> KeyCursor? {
            let end = offset + count
            return count > 0 && end < length ?? 0 ? .position(end) : nil
        }
        if isSearch || type == .hash || type == .set {
            let parts = try reply.array
            guard parts.count == 2 else {
                throw RESPShapeError(expected: "a cursor and elements", found: "something else")
            }
            content.next = next(try parts[0].bytes)
            let values = try parts[1].array
            if type == .set {
                for value in values { content.elements.append(element(nil, try value.bytes)) }
            } else {
                for index in stride(from: 0, to: values.count - 1, by: 2) {
                    let (first, second) = (try values[index].bytes, try values[index + 1].bytes)
                    content.elements.append(type == .zset ? element(second, first) : element(first, second))
                }
            }
            return content
        }
        switch type {
        case .string, .module:
            let bytes = try reply.bytes
            content.elements = [KeyContent.Element(value: bytes)]
            content.next = end(bytes.count)
        case .list:
            let values = try reply.array
            for (index, value) in values.enumerated() {
                content.elements.append(element(Array("\(offset + index)".utf8), try value.bytes))
            }
            content.next = end(values.count)
        case .zset:
            let values = try reply.array
            for index in stride(from: 0, to: values.count - 1, by: 2) {
                content.elements.append(element(try values[index + 1].bytes, try values[index].bytes))
            }
            content.next = end(values.count / 2)
        case .hash, .set: break
        case .stream:
            for entry in try reply.array {
                let parts = try entry.array
                guard parts.count == 2 else { continue }
                let id = try parts[0].bytes
                var text: [UInt8] = []
                for field in try parts[1].array {
                    if !text.isEmpty { text.append(UInt8(ascii: " ")) }
                    text += try field.bytes
                }
                content.elements.append(element(id, text))
                content.next = .after(id)
            }
            if content.elements.count < limit { content.next = nil }
        }
        return content
    }
}
