package import Client
package import Service

/// The arguments of the module, as `flux module load sched-simple` gives them.
///
/// Source: observed: flux-core 0.88.
package struct SchedulerOptions: Hashable, Sendable {
    /// How many jobs the job manager lets wait here at a time, from 1; nil for all.
    package var queueDepth: Int32? = 8
    /// The least important messages that are logged.
    package var logLevel = Severity.info
    /// Whether jobs that have given back a part of their resources are taken over.
    package var acceptsPartial = true

    package init() {}

    /// Reads `queue-depth=N|unlimited`, its old forms `mode=limited=N` and `mode=unlimited`, `log-level=NAME`,
    /// `pool-class=Rv1Pool` and `test-hello-nopartial`.
    ///
    /// - Throws: EINVAL with the argument that is wrong.
    package init(arguments: [String]) throws(ServiceError) {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch (parts[0], value) {
            case ("queue-depth", "unlimited"), ("mode", "unlimited"): queueDepth = nil
            case ("queue-depth", _): queueDepth = try Self.depth(value, argument)
            case ("mode", _) where value.hasPrefix("limited="):
                queueDepth = try Self.depth(String(value.dropFirst("limited=".count)), argument)
            case ("log-level", _):
                guard let level = Severity.allCases.first(where: { $0.name == value.lowercased() }) else {
                    let names = Severity.allCases.map(\.name).joined(separator: ", ")
                    throw ServiceError(errnum: Errno.invalid, text: "\(argument): expected one of \(names)")
                }
                logLevel = level
            case ("pool-class", "Rv1Pool"): break
            case ("pool-class", _):
                throw ServiceError(errnum: Errno.invalid, text: "\(argument): could not load pool class")
            case ("test-hello-nopartial", _) where parts.count == 1: acceptsPartial = false
            default:
                throw ServiceError(
                    errnum: Errno.invalid,
                    text: "unknown argument '\(argument)': known are queue-depth, mode, log-level, pool-class")
            }
        }
    }

    private static func depth(_ text: String, _ argument: String) throws(ServiceError) -> Int32 {
        guard let number = Int32(text), number > 0 else {
            throw ServiceError(
                errnum: Errno.invalid, text: "\(argument): expected a positive number or 'unlimited'")
        }
        return number
    }
}

/// Bits of `flux module debug sched-simple` that let a test make the scheduler refuse or explain.
struct SchedulerDebugging: OptionSet {
    let rawValue: Int64
    /// Every job is denied.
    static let denyAllocations = SchedulerDebugging(rawValue: 1)
    /// Jobs that wait are annotated with the reason instead of an estimate.
    static let explainWaiting = SchedulerDebugging(rawValue: 2)
    /// Changes of the expiration are refused.
    static let denyExpirations = SchedulerDebugging(rawValue: 4)
}
