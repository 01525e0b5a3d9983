public import FluxJSON

/// What to start in the slots.
///
/// Source: RFC 14, "Tasks".
public struct JobspecTask: Payload, Hashable {
    /// How many tasks.
    public enum Count: Hashable, Sendable {
        case perSlot(Int64)
        case total(Int64)
        case perResource(type: String, count: Int64)
    }

    /// Program and arguments.
    public var command: [String]
    /// Label of the slot.
    public var slot: String
    /// How many of it.
    public var count: Count
    /// Further keys, in order.
    public var other: JSON.Object

    public init(command: [String], slot: String = "task", count: Count, other: JSON.Object = [:]) {
        self.command = command
        self.slot = slot
        self.count = count
        self.other = other
    }

    public init(json: JSON) throws(PayloadError) {
        var fields = try json.requireObject()
        command = if let word = fields["command"]?.stringValue { [word] } else { try fields.strings("command") }
        slot = try fields.string("slot")
        let counts = try fields.object("count")
        if let value = counts["per_slot"]?.intValue {
            count = .perSlot(value)
        } else if let value = counts["total"]?.intValue {
            count = .total(value)
        } else if let value = counts["per_resource"]?.objectValue {
            count = .perResource(type: try value.string("type"), count: try value.int("count"))
        } else {
            throw PayloadError(path: "count", expected: "per_slot, per_resource or total", found: fields["count"])
        }
        for key in ["command", "slot", "count"] { fields[key] = nil }
        other = fields
    }

    public var json: JSON {
        var fields: JSON.Object = [
            "command": .array(command.map { .string($0) }), "slot": .string(slot), "count": count.json,
        ]
        for (key, value) in other { fields[key] = value }
        return .object(fields)
    }
}

extension JobspecTask.Count {
    /// `{"per_slot":1}` and its relatives.
    public var json: JSON {
        switch self {
        case .perSlot(let count): ["per_slot": .int(count)]
        case .total(let count): ["total": .int(count)]
        case .perResource(let type, let count):
            ["per_resource": ["type": .string(type), "count": .int(count)]]
        }
    }
}
