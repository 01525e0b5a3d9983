public import FluxJSON
import RFC22Idset

extension ResourceCount: Payload, Codable {
    /// Reads the `count` of a jobspec: an integer, a text, or an object with `min`, `max`, `operand` and `operator`.
    ///
    /// - Throws: `PayloadError`; other members than these four are refused, as RFC 14 closes the object.
    public init(json: JSON) throws(PayloadError) {
        switch json {
        case .int(let value):
            self = .integer(try Self.positive(value, path: ""))
        case .string(let text):
            do throws(ParseError) { try self.init(parsing: text) } catch {
                throw PayloadError(path: "", expected: "count", found: "\"\(text)\" (\(error))")
            }
        case .object(let object):
            self = .range(try Self.range(object))
        default:
            throw PayloadError(path: "", expected: "integer, string or object", found: json)
        }
    }

    /// The form of RFC 14: a number, a text for an idset, an object for a range.
    public var json: JSON {
        switch self {
        case .integer(let value): return .int(Int64(value))
        case .idset: return .string(description)
        case .range(let range):
            var object: JSON.Object = ["min": .int(Int64(range.minimum))]
            if let maximum = range.maximum { object["max"] = .int(Int64(maximum)) }
            if range.maximum != nil || !range.isPlain {
                object["operand"] = .int(Int64(range.operand))
                object["operator"] = .string(range.operator.rawValue)
            }
            return .object(object)
        }
    }

    private static func range(_ object: JSON.Object) throws(PayloadError) -> SteppedRange {
        for key in object.keys where !["min", "max", "operand", "operator"].contains(key) {
            throw PayloadError(path: key, expected: "min, max, operand or operator", found: "another member")
        }
        let minimum = try positive(object.int("min"), path: "min")
        let maximum = try object.optionalInt("max").map { value throws(PayloadError) in
            try positive(value, path: "max")
        }
        let operand = try positive(object.optionalInt("operand") ?? 1, path: "operand")
        let name = try object.optionalString("operator") ?? "+"
        guard let `operator` = SteppedRange.Operator(rawValue: name) else {
            throw PayloadError(path: "operator", expected: "\"+\", \"*\" or \"^\"", found: "\"\(name)\"")
        }
        guard maximum ?? .max >= minimum else {
            throw PayloadError(path: "max", expected: "integer of at least min", found: "\(maximum ?? 0)")
        }
        guard `operator` == .add || operand >= 2 else {
            throw PayloadError(path: "operand", expected: "at least 2 for this operator", found: "1")
        }
        guard `operator` != .power || minimum >= 2,
            let range = SteppedRange(minimum: minimum, maximum: maximum, operand: operand, operator: `operator`)
        else { throw PayloadError(path: "min", expected: "at least 2 for this operator", found: "1") }
        return range
    }

    private static func positive(_ value: Int64, path: String) throws(PayloadError) -> UInt32 {
        guard let number = UInt32(exactly: value), number >= 1 else {
            throw PayloadError(path: path, expected: "integer from 1 to \(UInt32.max)", found: "\(value)")
        }
        return number
    }
}
