internal import FoundationEssentials
internal import RedisValues

/// A response as JSON: `status`, `content_type`, `headers`, `body`.
///
/// A body that is no UTF-8 stands there as base64, which `body_encoding` says.
struct ResponseRecord: Codable {
    let response: CachedResponse

    private enum Name: String, CodingKey {
        case status, headers, body
        case contentType = "content_type"
        case encoding = "body_encoding"
    }

    private static let base64 = "base64"

    init(_ response: CachedResponse) { self.response = response }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let text = try fields.decode(String.self, forKey: .body)
        var body = Array(text.utf8)
        if try fields.decodeIfPresent(String.self, forKey: .encoding) == Self.base64 {
            guard let data = Data(base64Encoded: text) else {
                throw DecodingError.dataCorruptedError(forKey: .body, in: fields, debugDescription: "not base64")
            }
            body = Array(data)
        }
        // A response without a status cannot be given to anybody.
        response = CachedResponse(
            status: try fields.decode(Int.self, forKey: .status),
            contentType: try fields.decodeIfPresent(String.self, forKey: .contentType) ?? "application/octet-stream",
            headers: try fields.decodeIfPresent([String: String].self, forKey: .headers) ?? [:], body: body)
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Name.self)
        try fields.encode(response.status, forKey: .status)
        try fields.encode(response.contentType, forKey: .contentType)
        try fields.encode(response.headers, forKey: .headers)
        if let text = String(validating: response.body, as: UTF8.self) {
            try fields.encode(text, forKey: .body)
        } else {
            try fields.encode(Data(response.body).base64EncodedString(), forKey: .body)
            try fields.encode(Self.base64, forKey: .encoding)
        }
    }
}
