import FluxJSON

extension JobspecValidator {
    func check(task: JSON) throws(JobspecError) {
        guard let fields = task.objectValue else { throw JobspecError("task must be a mapping", .wrongType) }
        try requireKeys(["command", "slot", "count"], fields, additional: true)
        guard let count = fields["count"]?.objectValue else {
            throw JobspecError("count must be a mapping", .wrongType, at: "count")
        }
        guard count.count == 1 else { throw JobspecError("count must have exactly one key set", at: "count") }
        guard count.contains("per_slot") || count.contains("per_resource") || count.contains("total") else {
            throw JobspecError("count per_slot, per_resource, or total must be set", .missing, at: "count")
        }
        for key in ["total", "per_slot"] {
            guard let value = count[key] else { continue }
            guard let number = value.looseInteger else {
                throw JobspecError("count \(key) must be an int", .wrongType, at: "count")
            }
            guard number > 0 else { throw JobspecError("count \(key) must be > 0", at: "count") }
        }
        guard case .string = fields["slot"] else { throw JobspecError("slot must be a string", .wrongType, at: "slot") }
        if let attributes = fields["attributes"], attributes.objectValue == nil {
            throw JobspecError("attributes must be a mapping", .wrongType, at: "attributes")
        }
        let command = fields["command"] ?? .null
        if command.arrayValue?.isEmpty == true || command.stringValue?.isEmpty == true {
            throw JobspecError("command array cannot have length of zero", at: "command")
        }
        guard command.arrayValue?.allSatisfy({ $0.stringValue != nil }) == true else {
            throw JobspecError("command must be a list of strings", .wrongType, at: "command")
        }
    }
}
