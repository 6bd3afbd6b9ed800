/// A product as the platform's API gives it: 0.4 to 6 kB of JSON.
package struct Product: Codable, Equatable, Sendable {
    package struct Image: Codable, Equatable, Sendable {
        var url: String
        var alt: String
        var position: Int
    }

    package struct Variant: Codable, Equatable, Sendable {
        var sku: String
        var options: [String: String]
        var price: String
        var inventory_quantity: Int
    }

    package var id: String
    package var sku: String
    package var name: String
    var slug: String
    var description: String
    package var price: String
    var currency: String
    package var stock: Int
    var is_active: Bool
    var images: [Image]
    var attributes: [String: String]
    var variants: [Variant]
    var tags: [String]
    var updated_at: Int64

    /// Of the catalogue.
    package static let count = 20_000

    private static let kind: UInt64 = 1

    /// What its key ends with.
    package static func id(_ number: Int) -> String {
        var random = ShopRandom(number, kind)
        return ShopRandom.hexadecimal(random.next(), 8)
    }

    /// - Parameters:
    ///   - number: its rank in how often it is asked for, from 0.
    ///   - now: Unix seconds; it was changed within the last ninety days.
    package init(_ number: Int, at now: Int64 = 1_790_000_000) {
        var random = ShopRandom(number, Self.kind)
        id = ShopRandom.hexadecimal(random.next(), 8)
        let (colour, material) = (random.pick(Self.colours), random.pick(Self.materials))
        let thing = random.pick(Self.things)
        name = "\(random.pick(Self.lines)) \(thing), \(material), \(colour)"
        sku = "\(thing.prefix(3).uppercased())-\(random.number(10_000...99_999))"
        slug = name.lowercased().split { !$0.isLetter }.joined(separator: "-")
        // Most are short, few are long.
        let wealth = random.share() * random.share()
        func upTo(_ most: Int) -> Int { Int(wealth * Double(most) + 0.5) }
        description = (0...upTo(11)).map { _ in random.pick(Self.sentences) }.joined(separator: " ")
        let cents = random.number(490...24_990)
        price = Self.euros(cents)
        currency = "EUR"
        is_active = true
        let (slug, sku) = (slug, sku)
        images = (0...upTo(6)).map { position in
            Image(
                url: "https://cdn.example.shop/products/\(slug)-\(position + 1)@2x.webp",
                alt: "\(thing) in \(colour), view \(position + 1)", position: position)
        }
        let sizes = ["XS", "S", "M", "L", "XL", "XXL"]
        variants = (0..<upTo(20)).map { index in
            Variant(
                sku: "\(sku)-\(index + 1)",
                options: ["size": sizes[index % sizes.count], "colour": Self.colours[index % Self.colours.count]],
                price: Self.euros(cents + index * 50), inventory_quantity: random.number(0...80))
        }
        stock = variants.isEmpty ? random.number(0...240) : variants.reduce(0) { $0 + $1.inventory_quantity }
        attributes = [
            "material": material, "colour": colour, "weight_g": String(random.number(40...2400)),
            "care": random.pick(["machine wash 30", "hand wash", "wipe clean"]), "origin": random.pick(Self.origins),
        ]
        tags = Array(Set((0..<3).map { _ in random.pick(Self.tags) })).sorted()
        updated_at = now - Int64(random.number(0...90 * 86_400))
    }

    static func euros(_ cents: Int) -> String { "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)" }

    private static let lines = [
        "Nordhavn", "Alma", "Field & Stone", "Kestrel", "Juniper", "Atelier 9", "Loire", "Harbour",
    ]
    private static let colours = ["sand", "ink blue", "moss", "terracotta", "ecru", "charcoal", "rust", "sky", "plum"]
    private static let materials = ["linen", "organic cotton", "merino", "oak", "stoneware", "recycled nylon", "cork"]
    private static let things = [
        "Shirt", "Overshirt", "Backpack", "Desk lamp", "Mug", "Blanket", "Apron", "Notebook", "Chair", "Beanie",
        "Raincoat", "Carafe", "Tote", "Cushion", "Serving bowl",
    ]
    private static let origins = ["Portugal", "Denmark", "Japan", "Italy", "Latvia", "Wales"]
    private static let tags = ["new", "gift", "bestseller", "outdoor", "kitchen", "studio", "travel", "sale", "refill"]
    private static let sentences = [
        "Cut generously and finished by hand, it becomes softer with each wash.",
        "The seams are double stitched where it matters, and repairs are free for ten years.",
        "Made in small batches from certified fibres, with natural dyes that age well.",
        "It packs flat, dries overnight and shrugs off rain.",
        "A quiet everyday piece that goes with everything that you own already.",
        "Weighted at the base, so that it stands where it is put.",
        "Each one differs a little in grain and glaze: yours is the only one.",
        "Pockets on both sides, one of them with a zip for keys and cards.",
        "Designed with people who use it for ten hours a day.",
    ]
}

/// A list of products, as the API answers it.
package struct ProductPage: Codable, Equatable, Sendable {
    package struct Item: Codable, Equatable, Sendable {
        var id: String
        var name: String
        var price: String
        var in_stock: Bool
    }

    var page: Int
    var per_page: Int
    var total: Int
    var items: [Item]

    /// Of the catalogue in pages of twelve.
    package static let count = 700

    package init(_ page: Int) {
        (self.page, per_page, total) = (page, 12, Product.count)
        items = (0..<12).map { place in
            let product = Product((page * 12 + place) % Product.count)
            return Item(id: product.id, name: product.name, price: product.price, in_stock: product.stock > 0)
        }
    }
}
