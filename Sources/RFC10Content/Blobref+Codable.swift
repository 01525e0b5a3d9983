/// Encoded as its text.
extension Blobref: LosslessStringConvertible, Codable {
    /// Reads a name, or gives nil.
    public init?(_ description: String) {
        guard let ref = try? Blobref(parsing: description) else { return nil }
        self = ref
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(ParseError) { self = try Blobref(parsing: text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
