public import FluxJSON
import RFC22Idset
import RFC29Hostlist

extension Constraint {
    /// How deeply constraints may be nested.
    public static let depthLimit = 500

    /// Reads a constraint object.
    ///
    /// - Throws: ``ConstraintError``; its text is the one that flux-core shows to the user.
    /// - Source: RFC 31. As in flux-core, `{}` matches everything, and a value of `hostlist` or `ranks` that is not an
    ///   array counts as an empty one.
    public init(json: JSON) throws(ConstraintError) { try self.init(json: json, depth: 0) }

    private init(json: JSON, depth: Int) throws(ConstraintError) {
        guard depth < Self.depthLimit else { throw ConstraintError(.tooDeep) }
        guard let object = json.objectValue else { throw ConstraintError(.notAnObject) }
        guard object.count <= 1 else { throw ConstraintError(.severalOperators) }
        guard let (name, values) = object.first(where: { _ in true }) else {
            self = .any
            return
        }
        switch name {
        case "properties": self = .properties(try Self.properties(values))
        case "hostlist": self = .hostlist(try Self.hostlist(values))
        case "ranks": self = .ranks(try Self.ranks(values))
        case "and": self = .and(try Self.parts(values, of: name, depth: depth))
        case "or": self = .or(try Self.parts(values, of: name, depth: depth))
        case "not": self = .not(try Self.parts(values, of: name, depth: depth))
        default: throw ConstraintError(.unknownOperator(name))
        }
    }

    /// The constraint as an object with one operator, or `{}` for ``any``.
    public var json: JSON {
        switch self {
        case .properties(let list): ["properties": .array(list.map { .string($0.text) })]
        case .hostlist(let hosts): ["hostlist": hosts.isEmpty ? [] : [.string(hosts.description)]]
        case .ranks(let ids): ["ranks": ids.isEmpty ? [] : [.string(ids.description)]]
        case .and([]): [:]
        case .and(let parts): ["and": .array(parts.map(\.json))]
        case .or(let parts): ["or": .array(parts.map(\.json))]
        case .not(let parts): ["not": .array(parts.map(\.json))]
        }
    }

    private static func parts(_ values: JSON, of name: String, depth: Int) throws(ConstraintError) -> [Constraint] {
        guard let values = values.arrayValue else { throw ConstraintError(.notAnArray(operator: name)) }
        var parts: [Constraint] = []
        parts.reserveCapacity(values.count)
        for value in values { parts.append(try Constraint(json: value, depth: depth + 1)) }
        return parts
    }

    private static func properties(_ values: JSON) throws(ConstraintError) -> [Property] {
        guard let values = values.arrayValue else { throw ConstraintError(.notAnArray(operator: "properties")) }
        var list: [Property] = []
        for value in values {
            guard let text = value.stringValue else { throw ConstraintError(.propertyNotAString) }
            if let bad = text.utf8.first(where: isForbidden) {
                throw ConstraintError(.invalidCharacter(Character(Unicode.Scalar(bad)), property: text))
            }
            list.append(Property(text))
        }
        return list
    }

    /// The characters of RFC 20 that property names must not contain, except `^`, which negates.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"),
            UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
            true
        default: false
        }
    }

    private static func ranks(_ values: JSON) throws(ConstraintError) -> Idset {
        var ids = Idset()
        for value in values.arrayValue ?? [] {
            guard let text = value.stringValue, let more = try? Idset(parsing: text) else {
                throw ConstraintError(.invalidIdset(value.stringValue ?? value.text, values: values.text))
            }
            ids.formUnion(more)
        }
        return ids
    }

    private static func hostlist(_ values: JSON) throws(ConstraintError) -> Hostlist {
        var hosts = Hostlist()
        for value in values.arrayValue ?? [] {
            guard let text = value.stringValue, let more = try? Hostlist(parsing: text) else {
                throw ConstraintError(.invalidHostlist(value.stringValue ?? value.text, values: values.text))
            }
            hosts.append(contentsOf: more)
        }
        return hosts
    }
}
