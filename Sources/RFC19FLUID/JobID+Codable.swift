/// Encoded as F58 text, as RFC 19 recommends for JSON; numbers are read, too.
extension JobID: Codable {
    /// Reads a text in any encoding, or a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(UInt64.self) {
            self.init(value)
            return
        }
        let text = try container.decode(String.self)
        do throws(ParseError) {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes the F58 text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(f58)
    }
}
