/// One JSON value: what every payload, eventlog context and stored object of Flux is made of.
///
/// Integers stay integers (`Int64`), reals stay reals (`Double`): `1` and `1.0` are different values, as they are
/// for the reference's JSON library. Strings are compared by their bytes, never by Unicode equivalence.
///
/// ```swift
/// let json = try JSON(parsing: #"{"id": 7, "name": "a"}"#)
/// json["id"]?.intValue        // 7
/// json.text                   // {"id":7,"name":"a"}
/// ```
/// Source: RFC 8259.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case real(Double)
    case string(String)
    case array([JSON])
    case object(Object)
}

extension JSON {
    /// The text when this is a string.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    /// The number when this is an integer; a real is not converted.
    public var intValue: Int64? { if case .int(let value) = self { value } else { nil } }
    /// The number when this is an integer or a real.
    public var numberValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .real(let value): value
        default: nil
        }
    }
    /// The truth value when this is `true` or `false`.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements when this is an array.
    public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members when this is an object.
    public var objectValue: Object? { if case .object(let value) = self { value } else { nil } }
    /// Whether this is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The member called `key`; nil when this is not an object or has no such member.
    public subscript(key: String) -> JSON? { if case .object(let value) = self { value[key] } else { nil } }

    /// The word for the type of this value in messages to people: `object`, `array`, `string`, `integer`, `real`,
    /// `boolean` or `null`.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .real: "real"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSON: Hashable {
    /// Equal type and equal content; members of objects in any order, strings byte by byte.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.real(let a), .real(let b)): a == b
        case (.string(let a), .string(let b)): sameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .real(let value): hasher.combine(value)
        case .string(let value): hasher.combine(keyHash(value))
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}

extension JSON: CustomStringConvertible {
    /// The compact text.
    public var description: String { text }
}
