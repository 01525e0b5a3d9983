import FluxJSON

extension Mutator {
    /// The value changed in one place.
    mutating func mutate(_ json: JSON, depth: Int = 0) -> JSON {
        let goesDeeper = Int.random(in: 0..<4, using: &random) > 0
        switch json {
        case .object(let object) where goesDeeper && !object.isEmpty: return .object(mutateMember(of: object, depth))
        case .array(var array) where goesDeeper && !array.isEmpty:
            let index = Int.random(in: 0..<array.count, using: &random)
            array[index] = mutate(array[index], depth: depth + 1)
            return .array(array)
        case .string(let text) where goesDeeper:
            return .string(String(decoding: mutate(Array(text.utf8), other: []), as: UTF8.self))
        default: return replacement(for: json)
        }
    }

    private mutating func mutateMember(of original: JSON.Object, _ depth: Int) -> JSON.Object {
        var object = original
        guard let member = Array(object).randomElement(using: &random) else { return object }
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where depth > 0: object.removeValue(forKey: member.key)
        case 1 where depth > 0:
            object.removeValue(forKey: member.key)
            object[String(decoding: mutate(Array(member.key.utf8), other: []), as: UTF8.self)] = member.value
        case 2: object["x"] = member.value
        default: object[member.key] = mutate(member.value, depth: depth + 1)
        }
        return object
    }

    private mutating func replacement(for json: JSON) -> JSON {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: .null
        case 1: .bool(true)
        case 2: .int(.max)
        case 3: .int(.min)
        case 4: .int(-1)
        case 5: .int(0)
        case 6: .int(Int64(UInt32.max) + Int64.random(in: -2...1, using: &random))
        case 7: .int(Int64(Int32.max) + Int64.random(in: -1...1, using: &random))
        case 8: .real(1e300)
        case 9: .real(-0.5)
        case 10: .string("")
        case 11: .array([])
        case 12: [:]
        case 13: .array([json, json, json])
        case 14: (0..<100).reduce(json) { nested, _ in .array([nested]) }
        default: .string(json.text)
        }
    }
}
