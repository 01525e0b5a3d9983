package import Client
package import FluxJSON
package import RFC23FSD

/// How long a broker may be silent: it speaks after the minimum, and counts as torpid after the maximum.
///
/// Source: attributes `tbon.torpid_min` and `tbon.torpid_max` (observed: flux-core 0.88).
package struct TorpidLimits: Hashable, Sendable {
    package let minimum: FluxDuration
    /// 0 means that silence does not matter.
    package let maximum: FluxDuration

    /// - Throws: EINVAL when one is no duration, the minimum is 0, or the maximum is not larger.
    package init(minimum: String, maximum: String) throws(RPCError) {
        self.minimum = try Self.duration(minimum, "tbon.torpid_min")
        self.maximum = try Self.duration(maximum, "tbon.torpid_max")
        guard self.minimum.seconds > 0 else {
            throw RPCError(errnum: Errno.invalid, text: "tbon.torpid_min must be greater than 0")
        }
        guard self.maximum.seconds == 0 || self.maximum.seconds > self.minimum.seconds else {
            throw RPCError(errnum: Errno.invalid, text: "tbon.torpid_max must be greater than tbon.torpid_min")
        }
    }

    /// The limits of a new configuration; what it does not say stays as the attributes have it.
    package init(configuration: JSON, attributes: AttributeTable) throws(RPCError) {
        func text(_ key: String, _ fallback: String) throws(RPCError) -> String {
            guard let value = configuration["tbon"]?[key] else { return attributes["tbon.\(key)"] ?? fallback }
            guard let text = value.stringValue else {
                throw RPCError(errnum: Errno.invalid, text: "tbon.\(key): expected string, found \(value.typeName)")
            }
            return text
        }
        try self.init(minimum: text("torpid_min", "5s"), maximum: text("torpid_max", "30s"))
    }

    private static func duration(_ text: String, _ name: String) throws(RPCError) -> FluxDuration {
        do {
            return try FluxDuration(parsing: text)
        } catch {
            throw RPCError(errnum: Errno.invalid, text: "\(name): \(text): not a duration")
        }
    }
}
