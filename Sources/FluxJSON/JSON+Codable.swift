/// For values of other formats that hold JSON, and payloads inside values of other formats.
///
/// Which numbers are integers is up to the decoder: Foundation's reads `1.0` as 1.
extension JSON: Codable {
    /// Reads whatever comes next.
    public init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Key.self) {
            var object = Object()
            for key in members.allKeys { object[key.stringValue] = try members.decode(JSON.self, forKey: key) }
            self = .object(object)
        } else if var elements = try? decoder.unkeyedContainer() {
            var array: [JSON] = []
            while !elements.isAtEnd { array.append(try elements.decode(JSON.self)) }
            self = .array(array)
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let bool = try? value.decode(Bool.self) {
                self = .bool(bool)
            } else if let int = try? value.decode(Int64.self) {
                self = .int(int)
            } else if let real = try? value.decode(Double.self) {
                self = .real(real)
            } else {
                self = .string(try value.decode(String.self))
            }
        }
    }

    /// Writes the value as the encoder writes such values.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let object):
            var members = encoder.container(keyedBy: Key.self)
            for (key, value) in object { try members.encode(value, forKey: Key(stringValue: key)) }
        case .array(let array):
            var elements = encoder.unkeyedContainer()
            for element in array { try elements.encode(element) }
        default:
            var value = encoder.singleValueContainer()
            switch self {
            case .bool(let bool): try value.encode(bool)
            case .int(let int): try value.encode(int)
            case .real(let real): try value.encode(real)
            case .string(let text): try value.encode(text)
            default: try value.encodeNil()
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension Decodable where Self: Payload {
    /// Reads the JSON of the payload.
    public init(from decoder: any Decoder) throws {
        let json = try JSON(from: decoder)
        do throws(PayloadError) { try self.init(json: json) } catch {
            let place = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(error)")
            throw DecodingError.dataCorrupted(place)
        }
    }
}

extension Encodable where Self: Payload {
    /// Writes the JSON of the payload.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
