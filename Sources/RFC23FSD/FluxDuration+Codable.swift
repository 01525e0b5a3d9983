/// Encoded as a text that keeps every digit; numbers are read as seconds.
extension FluxDuration: Codable {
    /// Reads a duration text, or a number of seconds.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            guard let duration = FluxDuration(seconds: seconds) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "duration: number is negative")
            }
            self = duration
            return
        }
        let text = try container.decode(String.self)
        do throws(ParseError) {
            self = try FluxDuration(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes ``exactText``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(exactText)
    }
}
