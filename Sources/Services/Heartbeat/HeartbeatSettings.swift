package import FluxJSON
internal import RFC23FSD

/// The `[heartbeat]` table and the module arguments.
package struct HeartbeatSettings: Hashable, Sendable {
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Seconds between pulses.
    package var period = 2.0
    /// Seconds without a pulse after which a follower leaves its parent; infinity for never.
    package var timeout = 300.0
    /// Periods without a pulse after which a follower warns.
    package var warnThreshold: Int64 = 3

    package init() {}

    package init(configuration: JSON, arguments: [String]) throws(Refusal) {
        for (key, value) in configuration["heartbeat"]?.objectValue ?? [:] {
            switch key {
            case "period": period = try Self.seconds(value.stringValue, key)
            case "timeout": timeout = try Self.seconds(value.stringValue, key)
            case "warn_thresh":
                guard let count = value.intValue, count > 0 else {
                    throw Refusal(description: "heartbeat.warn_thresh must be a positive integer")
                }
                warnThreshold = count
            default: throw Refusal(description: "[heartbeat]: unknown key \(key)")
            }
        }
        for argument in arguments {
            guard argument.hasPrefix("period=") else {
                throw Refusal(description: "heartbeat: unknown option \(argument)")
            }
            period = try Self.seconds(String(argument.dropFirst("period=".count)), "period")
        }
        guard period > 0 else { throw Refusal(description: "heartbeat.period must be positive") }
        if timeout == 0 { timeout = .infinity }
        guard timeout >= 2 * period else {
            throw Refusal(description: "heartbeat.timeout must be >= 2*heartbeat.period")
        }
    }

    private static func seconds(_ text: String?, _ key: String) throws(Refusal) -> Double {
        guard let text else { throw Refusal(description: "heartbeat.\(key) must be a string") }
        do {
            return try FluxDuration(parsing: text).seconds
        } catch {
            throw Refusal(description: "heartbeat.\(key): \(error)")
        }
    }
}
