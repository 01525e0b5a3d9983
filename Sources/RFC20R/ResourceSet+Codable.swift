import FluxJSON

/// Encoded as *R*.
extension ResourceSet: Codable {
    /// Reads *R*.
    public init(from decoder: any Decoder) throws {
        let json = try JSON(from: decoder)
        do throws(ResourceError) { try self.init(json: json) } catch {
            let place = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(error)")
            throw DecodingError.dataCorrupted(place)
        }
    }

    /// Writes *R*.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
