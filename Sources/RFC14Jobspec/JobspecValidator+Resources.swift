import FluxJSON
import RFC22Idset

extension JobspecValidator {
    func check(resources: [JSON]) throws(JobspecError) {
        for (index, resource) in resources.enumerated() {
            do throws(JobspecError) { try check(resource: resource) } catch { throw error.inside("[\(index)]") }
        }
    }

    private func check(resource: JSON) throws(JobspecError) {
        guard case .object(let fields) = resource else { throw JobspecError("resource must be a mapping", .wrongType) }
        let members = Members(fields)
        try check(members)
        switch members.with {
        case nil: break
        case .array(let children):
            do throws(JobspecError) { try check(resources: children) } catch { throw error.inside("with") }
        case .string(let text) where text.isEmpty: break
        case .object(let members) where members.isEmpty: break
        default: throw JobspecError("resource must be a mapping", .wrongType, at: "with")
        }
    }

    /// What a resource may have, found in one pass.
    private struct Members {
        var type, count, with, id, unit, label, exclusive: JSON?

        init(_ fields: JSON.Object) {
            for (key, value) in fields {
                switch key {
                case "type": type = value
                case "count": count = value
                case "with": with = value
                case "id": id = value
                case "unit": unit = value
                case "label": label = value
                case "exclusive": exclusive = value
                default: break
                }
            }
        }
    }

    private func check(_ members: Members) throws(JobspecError) {
        guard let type = members.type else {
            throw JobspecError("type is a required key for resources", .missing, at: "type")
        }
        guard let name = type.stringValue else { throw JobspecError("type must be a string", .wrongType, at: "type") }
        guard let count = members.count else {
            throw JobspecError("count is a required key for resources", .missing, at: "count")
        }
        switch count {
        case .object(let range):
            do throws(JobspecError) { try check(range: range) } catch { throw error.inside("count") }
        case .string(let text):
            do throws(JobspecError) { try check(countText: text) } catch { throw error.inside("count") }
        default:
            guard let number = count.looseInteger else {
                throw JobspecError("count must be an int or mapping", .wrongType, at: "count")
            }
            if number < 1, name == "node" || name == "slot" || name == "core" {
                throw JobspecError("node, slot, or core count must be > 0")
            }
            guard number >= 0 else { throw JobspecError("count must be >= 0", at: "count") }
        }
        try requireText(members.id, "id")
        try requireText(members.unit, "unit")
        try requireText(members.label, "label")
        if let exclusive = members.exclusive, exclusive.boolValue == nil,
            exclusive.numberValue != 0, exclusive.numberValue != 1
        {
            throw JobspecError("exclusive must be a boolean", .wrongType, at: "exclusive")
        }
        if name == "slot", members.label == nil { throw JobspecError("slots must have labels", .missing, at: "label") }
    }

    private func requireText(_ value: JSON?, _ key: String) throws(JobspecError) {
        if let value, value.stringValue == nil { throw JobspecError("\(key) must be a string", .wrongType) }
    }

    private func check(range: JSON.Object) throws(JobspecError) {
        guard range["min"] != nil else { throw JobspecError("min must be in range", .missing, at: "min") }
        try requireKeys(["min", "max", "operand", "operator"], range, optional: true)
        for key in ["min", "max", "operand"] {
            guard let value = range[key] else { continue }
            guard let number = value.looseInteger else {
                throw JobspecError("\(key) must be an int", .wrongType, at: key)
            }
            guard number >= 1 else { throw JobspecError("\(key) must be > 0") }
        }
        let minimum = range["min"]?.looseInteger ?? 0
        let operand = range["operand"]?.looseInteger ?? 0
        if let maximum = range["max"]?.looseInteger, maximum < minimum {
            throw JobspecError("max must be >= min", at: "max")
        }
        guard (range["operand"] == nil) == (range["operator"] == nil) else {
            throw JobspecError("operand and operator must both be in range if either is", .missing)
        }
        guard let step = range["operator"] else { return }
        guard let symbol = step.stringValue, symbol.unicodeScalars.count == 1 else {
            throw JobspecError("operator must be a single character str", .wrongType, at: "operator")
        }
        guard ["+", "*", "^"].contains(symbol) else {
            throw JobspecError("operator must be one of ['+', '*', '^']", at: "operator")
        }
        if symbol != "+", operand < 2 { throw JobspecError("operand must be > 1 for '*' or '^' operator") }
        if symbol == "^", minimum < 2 { throw JobspecError("min must be > 1 for '^' operator", at: "min") }
    }

    /// The text of an idset or of a range, `2-32:2:*`.
    private func check(countText text: String) throws(JobspecError) {
        if (try? Idset(parsing: text)) != nil { return }
        let values = text.split(separator: ":", omittingEmptySubsequences: false)
        let first = values.first ?? ""
        guard values.count <= 3, first.contains("-") || first.contains("+") else {
            throw JobspecError("count string must be a valid idset or range")
        }
        func number(_ text: Substring) throws(JobspecError) -> JSON {
            guard let value = Int64(text) else {
                throw JobspecError("invalid literal for int() with base 10: '\(text)'")
            }
            return .int(value)
        }
        var range = JSON.Object()
        if let dash = first.firstIndex(of: "-") {
            range["max"] = try number(first[first.index(after: dash)...])
            range["min"] = try number(first[..<dash])
        } else {
            let end = first.lastIndex { $0 != "+" }.map { first.index(after: $0) } ?? first.startIndex
            range["min"] = try number(first[..<end])
        }
        if values.count > 1 {
            range["operand"] = try number(values[1])
            range["operator"] = values.count > 2 ? .string(String(values[2])) : "+"
        }
        try check(range: range)
    }
}
