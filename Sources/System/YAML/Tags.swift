internal import FluxJSON

/// Which JSON value the tag of a sequence or mapping asks for.
enum CollectionTag {
    case sequence, mapping, pairs

    /// - Throws: when the tag is of a scalar, of a type that JSON has not, or unknown.
    init(_ tag: String?, _ place: Event.Place, default: CollectionTag = .sequence) throws(YAML.ParseError) {
        switch tag {
        case nil, "!": self = `default`
        case "tag:yaml.org,2002:seq": self = .sequence
        case "tag:yaml.org,2002:map": self = .mapping
        case "tag:yaml.org,2002:omap", "tag:yaml.org,2002:pairs": self = .pairs
        case "tag:yaml.org,2002:set": throw place.error(.notRepresentable("set"))
        case .some(let tag):
            let isScalarTag = ScalarTag(rawValue: tag) != nil
            throw place.error(isScalarTag ? .wrongCollection(tag: tag) : .unknownTag(tag))
        }
    }
}

/// The tags of scalars.
enum ScalarTag: String {
    case string = "tag:yaml.org,2002:str"
    case integer = "tag:yaml.org,2002:int"
    case real = "tag:yaml.org,2002:float"
    case boolean = "tag:yaml.org,2002:bool"
    case null = "tag:yaml.org,2002:null"
    case timestamp = "tag:yaml.org,2002:timestamp"
    case binary = "tag:yaml.org,2002:binary"
}

extension Composer {
    /// The value of a scalar, by its tag or by its text.
    func json(of scalar: Event.Scalar, _ place: Event.Place) throws(YAML.ParseError) -> JSON {
        if let tag = scalar.tag {
            guard let known = ScalarTag(rawValue: tag) else { throw place.error(.unknownTag(tag)) }
            return try json(of: scalar.value, known, place)
        }
        guard scalar.isImplicit else { return .string(scalar.value) }
        switch ScalarType(of: scalar.value) {
        case .tagged(let tag): return try json(of: scalar.value, tag, place)
        case .merge, .defaultValue: throw place.error(.invalidScalar(scalar.value, type: "value"))
        }
    }

    private func json(of text: String, _ tag: ScalarTag, _ place: Event.Place) throws(YAML.ParseError) -> JSON {
        switch tag {
        case .string: return .string(text)
        case .null: return .null
        case .boolean:
            guard let value = ScalarType.boolean(text) else { throw place.error(.invalidScalar(text, type: "bool")) }
            return .bool(value)
        case .integer:
            guard let value = Int64(yaml: text) else { throw place.error(.invalidScalar(text, type: "64-bit int")) }
            return .int(value)
        case .real:
            guard let value = Double(yaml: text) else { throw place.error(.invalidScalar(text, type: "float")) }
            guard value.isFinite else { throw place.error(.notRepresentable("infinity or NaN")) }
            return .real(value)
        case .timestamp: throw place.error(.notRepresentable("timestamp"))
        case .binary: throw place.error(.notRepresentable("binary"))
        }
    }
}
