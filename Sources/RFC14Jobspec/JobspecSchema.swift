public import FluxJSON

/// The JSON schemas of RFC 14 and RFC 25 as predicates.
///
/// They say what the RFCs want, which is not in every detail what flux-core accepts; see ``JobspecValidator``.
public enum JobspecSchema {
    /// Whether a document is a jobspec of RFC 14, any version.
    public static func followsRFC14(_ jobspec: JSON) -> Bool {
        guard let fields = topLevel(jobspec), fields["version"].map(isInteger) == true,
            let resources = fields["resources"]?.arrayValue, !resources.isEmpty, resources.allSatisfy(isVertex),
            isAttributes(fields["attributes"], checksLists: true),
            let tasks = fields["tasks"]?.arrayValue, tasks.allSatisfy(isTask)
        else { return false }
        return true
    }

    /// Whether a document is a jobspec of RFC 25, version 1.
    public static func followsRFC25(_ jobspec: JSON) -> Bool {
        guard let fields = topLevel(jobspec), let version = fields["version"], isInteger(version),
            version.numberValue == 1,
            let resources = fields["resources"]?.arrayValue, resources.count == 1,
            isNode(resources[0]) || isSlot(resources[0]),
            isAttributes(fields["attributes"], checksLists: false),
            let tasks = fields["tasks"]?.arrayValue, tasks.count <= 1, tasks.allSatisfy(isTaskV1)
        else { return false }
        return true
    }

    private static func topLevel(_ jobspec: JSON) -> JSON.Object? {
        guard let fields = jobspec.objectValue,
            ["version", "resources", "attributes", "tasks"].allSatisfy({ fields[$0] != nil })
        else { return nil }
        return fields
    }

    /// JSON schema calls 1.0 an integer and true none.
    static func isInteger(_ value: JSON) -> Bool {
        switch value {
        case .int: true
        case .real(let number): number.isFinite && number.rounded(.towardZero) == number
        default: false
        }
    }

    static func isPositive(_ value: JSON?) -> Bool {
        guard let value, isInteger(value), let number = value.numberValue else { return false }
        return number >= 1
    }

    static func isString(_ value: JSON?) -> Bool { value == nil || value?.stringValue != nil }

    static func has(_ fields: JSON.Object, only keys: [String]) -> Bool {
        fields.keys.allSatisfy { keys.contains($0) }
    }

    // MARK: RFC 14

    private static func isVertex(_ value: JSON) -> Bool {
        guard let fields = value.objectValue, let type = fields["type"]?.stringValue, let count = fields["count"],
            has(fields, only: ["type", "count", "exclusive", "with", "id", "unit", "label"]),
            isCount(count), fields["exclusive"] == nil || fields["exclusive"]?.boolValue != nil,
            isString(fields["id"]), isString(fields["unit"]), isString(fields["label"]),
            type != "slot" || fields["label"] != nil
        else { return false }
        guard let with = fields["with"] else { return true }
        return with.arrayValue?.allSatisfy(isVertex) == true
    }

    private static func isCount(_ count: JSON) -> Bool {
        switch count {
        // Exactly one of the two texts: a schema of alternatives refuses what is both, such as "4".
        case .string(let text): return CountPattern.isIdset(text) != CountPattern.isRange(text)
        case .object(let range):
            guard has(range, only: ["min", "max", "operator", "operand"]), isPositive(range["min"]) else {
                return false
            }
            let others = ["max", "operator", "operand"].filter { range[$0] != nil }
            guard others.isEmpty || others.count == 3 else { return false }
            return others.isEmpty
                || isPositive(range["max"]) && isPositive(range["operand"])
                    && ["+", "*", "^"].contains(range["operator"]?.stringValue)
        default: return isPositive(count)
        }
    }

    private static func isTask(_ value: JSON) -> Bool {
        guard let fields = value.objectValue, let words = fields["command"]?.arrayValue, !words.isEmpty,
            words.allSatisfy({ $0.stringValue != nil }), fields["slot"]?.stringValue != nil,
            let count = fields["count"]?.objectValue, count.count == 1,
            has(fields, only: ["command", "slot", "count", "distribution", "attributes"]),
            isString(fields["distribution"]),
            count["per_slot"] == nil || isPositive(count["per_slot"]),
            count["total"] == nil || isPositive(count["total"])
        else { return false }
        if let per = count["per_resource"] {
            guard per["type"]?.stringValue != nil, isPositive(per["count"]) else { return false }
        }
        guard let attributes = fields["attributes"] else { return true }
        return attributes.objectValue?.allSatisfy { key, value in
            key == "environment" ? value.objectValue != nil : value.stringValue != nil
        } == true
    }

    // MARK: RFC 25

    private static func isNode(_ value: JSON) -> Bool {
        guard let fields = value.objectValue, fields["type"]?.stringValue == "node", isPositive(fields["count"]),
            has(fields, only: ["type", "count", "unit", "with"]), isString(fields["unit"]),
            let with = fields["with"]?.arrayValue, with.count == 1
        else { return false }
        return isSlot(with[0])
    }

    private static func isSlot(_ value: JSON) -> Bool {
        guard let fields = value.objectValue, fields["type"]?.stringValue == "slot", isPositive(fields["count"]),
            has(fields, only: ["type", "count", "unit", "label", "exclusive", "with"]), isString(fields["unit"]),
            fields["label"]?.stringValue != nil,
            fields["exclusive"] == nil || fields["exclusive"]?.boolValue != nil,
            let with = fields["with"]?.arrayValue, (1...2).contains(with.count)
        else { return false }
        return with.allSatisfy { child in
            guard let fields = child.objectValue else { return false }
            return ["core", "gpu"].contains(fields["type"]?.stringValue) && isPositive(fields["count"])
                && has(fields, only: ["type", "count", "unit"]) && isString(fields["unit"])
        }
    }

    private static func isTaskV1(_ value: JSON) -> Bool {
        guard let fields = value.objectValue, has(fields, only: ["command", "slot", "count"]),
            let command = fields["command"], fields["slot"]?.stringValue != nil,
            let count = fields["count"]?.objectValue, count.count == 1, has(count, only: ["per_slot", "total"]),
            count["per_slot"] == nil || isPositive(count["per_slot"]) && count["per_slot"]?.numberValue == 1,
            count["total"] == nil || isPositive(count["total"])
        else { return false }
        if command.stringValue != nil { return true }
        return command.arrayValue.map { !$0.isEmpty && $0.allSatisfy { $0.stringValue != nil } } == true
    }
}
