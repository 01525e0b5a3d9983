public import FluxJSON

/// One vertex of the resource tree: so many of a type, each with children.
///
/// Source: RFC 14, "Resources".
public struct ResourceVertex: Payload, Hashable {
    /// `node`, `slot`, `core`, `gpu` or any other word.
    public var type: String
    /// A positive integer, or a range in the text or object form of RFC 45.
    public var count: JSON
    /// Whether nobody else may use it; nil when the document does not say.
    public var exclusive: Bool?
    /// Children of each.
    public var with: [ResourceVertex]
    /// Name of a slot, which tasks refer to.
    public var label: String?
    /// Further keys (`id`, `unit`), in order.
    public var other: JSON.Object

    public init(
        type: String, count: Int64, exclusive: Bool? = nil, with: [ResourceVertex] = [], label: String? = nil,
        other: JSON.Object = [:]
    ) {
        self.type = type
        self.count = .int(count)
        self.exclusive = exclusive
        self.with = with
        self.label = label
        self.other = other
    }

    public init(json: JSON) throws(PayloadError) {
        var fields = try json.requireObject()
        type = try fields.string("type")
        count = try fields.value("count")
        exclusive = fields["exclusive"]?.boolValue
        with = fields["with"] == nil ? [] : try fields.payloads("with")
        label = try fields.optionalString("label")
        for key in ["type", "count", "with", "label"] { fields[key] = nil }
        if exclusive != nil { fields["exclusive"] = nil }
        other = fields
    }

    public var json: JSON {
        var fields: JSON.Object = ["type": .string(type), "count": count]
        if let exclusive { fields["exclusive"] = .bool(exclusive) }
        if !with.isEmpty { fields["with"] = .array(with.map(\.json)) }
        if let label { fields["label"] = .string(label) }
        for (key, value) in other { fields[key] = value }
        return .object(fields)
    }
}
