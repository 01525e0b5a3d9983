public import FluxJSON
public import RFC22Idset

extension ResourceSet {
    /// Gives nodes a property.
    ///
    /// - Throws: ``ResourceError`` when a rank is not in the set or the name has a forbidden character.
    public mutating func setProperty(_ name: String, ranks: Idset) throws(ResourceError) {
        try Self.check(property: name)
        let unknown = ranks.subtracting(self.ranks)
        guard unknown.isEmpty else { throw ResourceError(.unknownRanks(unknown)) }
        if !ranks.isEmpty { properties[name, default: Idset()].formUnion(ranks) }
    }

    /// Takes a property from nodes; nodes without it are ignored.
    public mutating func removeProperty(_ name: String, ranks: Idset) {
        guard let old = properties[name] else { return }
        let left = old.subtracting(ranks)
        properties[name] = left.isEmpty ? nil : left
    }

    /// Gives nodes the properties of an object: names, each with an idset of ranks.
    ///
    /// - Throws: ``ResourceError``; the set is unchanged then.
    public mutating func assign(properties json: JSON) throws(ResourceError) {
        guard let object = json.objectValue else { throw ResourceError(.propertiesNotAnObject) }
        var result = self
        for (name, value) in object {
            guard let text = value.stringValue else { throw ResourceError(.propertyNotAString(value.text)) }
            try Self.check(property: name)
            guard let ranks = try? Idset(parsing: text) else {
                throw ResourceError(.idset(text, path: "property \"\(name)\""))
            }
            try result.setProperty(name, ranks: ranks)
        }
        self = result
    }

    /// Whether a name may be that of a property.
    ///
    /// - Source: RFC 20. `!` is accepted, as flux-core does, although the RFC forbids it.
    static func check(property name: String) throws(ResourceError) {
        if let bad = forbiddenCharacter(in: name) { throw ResourceError(.invalidCharacter(bad, property: name)) }
    }

    /// The first character of a property name that is not allowed.
    static func forbiddenCharacter(in name: String) -> Character? {
        let bad = name.utf8.first { byte in
            switch byte {
            case UInt8(ascii: "^"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"),
                UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
                true
            default: false
            }
        }
        return bad.map { Character(Unicode.Scalar($0)) }
    }
}
