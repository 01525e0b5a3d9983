import FluxJSON
import RFC22Idset
import RFC45Range

/// Operations of the vectors in `rfc45-range`.
enum RFC45Operations: Operations {
    static let folder = "rfc45-range"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode": facts(try ResourceCount(parsing: input.text()))
        case "from-json": facts(try ResourceCount(json: input.value("count")))
        default: nil
        }
    }

    private static func facts(_ count: ResourceCount) -> JSON {
        let values = Array(count.values.prefix(11))
        var result: JSON.Object = [
            "long": .string(count.formatted(.long)), "short": .string(count.formatted(.short)),
            "brackets": .string(count.formatted(.long.bracketed)),
            "short_brackets": .string(count.formatted(.short.bracketed)),
            "first_values": .array(values.prefix(10).map { .int(Int64($0)) }), "exhausted": .bool(values.count < 11),
        ]
        switch count {
        case .integer: result["kind"] = "integer"
        case .idset: result["kind"] = "idset"
        case .range(let range):
            result["kind"] = "range"
            let maximum = range.maximum.flatMap { $0 <= SteppedRange.largestValue ? JSON.int(Int64($0)) : nil }
            result["range"] = [
                "min": .int(Int64(range.minimum)), "max": maximum ?? .null,
                "operand": .int(Int64(range.operand)), "operator": .string(range.operator.rawValue),
            ]
        }
        return .object(result)
    }
}
