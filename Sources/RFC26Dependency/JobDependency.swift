public import FluxJSON

/// One entry of a jobspec's dependencies: a scheme, a value and whatever the scheme wants to know.
///
/// Source: RFC 26; flux-core 0.88 wants `scheme` and `value` only and keeps other keys.
public struct JobDependency: Payload, Hashable, Codable {
    /// `afterok`, `singleton`, `begin-time`, …
    public var scheme: String
    /// What the scheme wants: a job id, a time, nothing.
    public var value: String
    /// Further keys, in order.
    public var other: JSON.Object

    public init(scheme: String, value: String, other: JSON.Object = [:]) {
        self.scheme = scheme
        self.value = value
        self.other = other
    }

    public init(json: JSON) throws(PayloadError) {
        var fields = try json.requireObject()
        scheme = try fields.string("scheme")
        value = try fields.string("value")
        fields["scheme"] = nil
        fields["value"] = nil
        other = fields
    }

    public var json: JSON {
        var fields: JSON.Object = ["scheme": .string(scheme), "value": .string(value)]
        for (key, value) in other { fields[key] = value }
        return .object(fields)
    }

    /// Whether a list of dependencies has the closed form of RFC 26: entries of exactly `type`, `scope`, `scheme` and
    /// `value`, at least one, no two alike.
    public static func followsRFC(_ json: JSON) -> Bool {
        guard let entries = json.arrayValue, !entries.isEmpty, Set(entries).count == entries.count else { return false }
        return entries.allSatisfy { entry in
            guard let fields = entry.objectValue, fields.count == 4 else { return false }
            return ["in", "out", "inout"].contains(fields["type"]?.stringValue)
                && ["user", "global"].contains(fields["scope"]?.stringValue)
                && fields["scheme"]?.stringValue != nil && fields["value"]?.stringValue != nil
        }
    }
}
