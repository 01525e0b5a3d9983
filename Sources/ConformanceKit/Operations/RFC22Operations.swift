import FluxJSON
import RFC22Idset

/// Operations of the vectors in `rfc22-idset`.
enum RFC22Operations: Operations {
    static let folder = "rfc22-idset"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode":
            let set = try Idset(parsing: input.text())
            var result = facts(set)
            if set.count <= 64 { result["ids"] = .array(set.map { .int(Int64($0)) }) }
            return .object(result)
        case "decode-info":
            let summary = try Idset.summary(of: input.text())
            return ["count": .int(Int64(summary.count)), "maxid": number(summary.maximum)]
        case "decode-empty":
            return .bool((try? Idset.summary(of: input.text()).count == 0) ?? false)
        case "decode-ex":
            return try decodeBounded(input)
        case "encode":
            return try encode(input)
        case "alloc-sequence":
            return try allocate(input)
        default:
            return try setOperation(op, input) ?? edit(op, input)
        }
    }

    private static func setOperation(_ op: String, _ input: JSON.Object) throws -> JSON? {
        guard let first = try input.optionalString("a"), let second = try input.optionalString("b") else { return nil }
        let a = try Idset(parsing: first)
        let b = try Idset(parsing: second)
        switch op {
        case "union": return .object(facts(a.union(b)))
        case "difference": return .object(facts(a.subtracting(b)))
        case "intersect": return .object(facts(a.intersection(b)))
        case "equal": return .bool(a == b)
        case "has-intersection": return .bool(!a.isDisjoint(with: b))
        default: return nil
        }
    }

    private static func edit(_ op: String, _ input: JSON.Object) throws -> JSON? {
        guard let text = try input.optionalString("set") else { return nil }
        var set = try BoundedIdset(parsing: text, options: .autogrow)
        switch op {
        case "set": try set.insert(id(input, "id"))
        case "clear": try set.remove(id(input, "id"))
        case "range-set": try set.insert(range(input))
        case "range-clear": try set.remove(range(input))
        case "test": return .bool(set.members.contains(try id(input, "id")))
        case "next": return number(set.members.next(after: try id(input, "id")))
        case "prev": return number(set.members.previous(before: try id(input, "id")))
        default: return nil
        }
        return .object(facts(set.members))
    }

    private static func decodeBounded(_ input: JSON.Object) throws -> JSON {
        let text = try input.text()
        let length = try input.int("len")
        let size = try input.int("size")
        let part = length < 0 ? text : String(decoding: text.utf8.prefix(Int(length)), as: UTF8.self)
        let options = try options(input)
        let set =
            size < 0
            ? try BoundedIdset(fitting: part, options: options)
            : try BoundedIdset(parsing: part, size: size == 0 ? BoundedIdset.defaultSize : Int(size), options: options)
        var result = facts(set.members)
        result["universe"] = .int(Int64(set.size))
        return .object(result)
    }

    private static func encode(_ input: JSON.Object) throws -> JSON {
        var set = try BoundedIdset(options: .autogrow)
        for id in try input.array("ids") {
            guard let id = id.intValue.flatMap({ UInt32(exactly: $0) }) else { throw Refused.invalidID }
            try set.insert(id)
        }
        let flags = try input.array("flags").compactMap(\.stringValue)
        guard flags.allSatisfy({ $0 == "RANGE" || $0 == "BRACKETS" }) else { throw Refused.unknownFlag }
        let format: Idset.Format = flags.contains("RANGE") ? .ranges : .list
        return .string(set.members.formatted(flags.contains("BRACKETS") ? format.bracketed : format))
    }

    private static func allocate(_ input: JSON.Object) throws -> JSON {
        let size = Int(try input.int("size"))
        var set = try BoundedIdset(size: size == 0 ? BoundedIdset.defaultSize : size, options: options(input))
        var results: [JSON] = []
        for step in try input.array("steps") {
            do throws(BoundedIdset.Failure) {
                if let id = step["free"]?.intValue {
                    try set.free(UInt32(clamping: id))
                    results.append(.null)
                } else {
                    results.append(.int(Int64(try set.allocate())))
                }
            } catch {
                results.append(.string(errorName(error)))
            }
        }
        return ["results": .array(results), "final": .object(facts(set.members))]
    }

    private static func errorName(_ failure: BoundedIdset.Failure) -> String {
        switch failure {
        case .tooLarge: "ERANGE"
        case .alreadyFree: "EEXIST"
        default: "EINVAL"
        }
    }

    private static func options(_ input: JSON.Object) throws -> BoundedIdset.Options {
        var options: BoundedIdset.Options = []
        for flag in try input.array("flags") {
            switch flag.stringValue {
            case "AUTOGROW": options.insert(.autogrow)
            case "INITFULL": options.insert(.initFull)
            case "ALLOC_RR": options.insert(.roundRobin)
            case "COUNT_LAZY", "BRACKETS", "RANGE": break
            default: throw Refused.unknownFlag
            }
        }
        return options
    }

    private static func facts(_ set: Idset) -> JSON.Object {
        [
            "canonical": .string(set.description), "count": .int(Int64(set.count)),
            "first": number(set.first), "last": number(set.last),
        ]
    }

    private static func range(_ input: JSON.Object) throws -> ClosedRange<UInt32> {
        let low = try id(input, "lo")
        let high = try id(input, "hi")
        return min(low, high)...max(low, high)
    }

    private static func id(_ input: JSON.Object, _ key: String) throws -> UInt32 {
        guard let id = UInt32(exactly: try input.int(key)) else { throw Refused.invalidID }
        return id
    }

    private static func number(_ id: UInt32?) -> JSON { id.map { .int(Int64($0)) } ?? .null }

    private enum Refused: Error { case invalidID, unknownFlag }
}
