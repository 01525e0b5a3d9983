internal import CSystemShims
internal import FluxJSON
internal import Glibc

/// The option `rlimit`: soft limits that the submitter had.
enum ResourceLimits {
    /// The number of a limit by its name in the option.
    static func resource(_ name: String) -> Int32? {
        switch name {
        case "cpu": 0
        case "fsize": 1
        case "data": 2
        case "stack": 3
        case "core": 4
        case "rss": 5
        case "nproc": 6
        case "nofile", "ofile": 7
        case "memlock": 8
        case "as": 9
        case "sigpending": 11
        case "msgqueue": 12
        case "nice": 13
        case "rtprio": 14
        case "rttime": 15
        default: nil
        }
    }

    /// Limits by number; a value below 0 means none.
    ///
    /// - Returns: the limits, and what is wrong with the option.
    static func parse(
        _ option: JSON?
    ) -> (limits: [(name: String, resource: Int32, soft: UInt64)], problems: [String]) {
        var limits: [(name: String, resource: Int32, soft: UInt64)] = []
        var problems: [String] = []
        for (name, value) in option?.objectValue ?? [:] {
            guard let resource = resource(name), let number = value.intValue else {
                problems.append("invalid shell option rlimit.\(name)=\(value.text)")
                continue
            }
            limits.append((name, resource, number < 0 ? .max : UInt64(number)))
        }
        return (limits, problems)
    }

    /// Sets the limits of this process, which its children inherit. A limit above the hard one becomes that one.
    ///
    /// - Returns: what could not be done as asked.
    static func apply(_ limits: [(name: String, resource: Int32, soft: UInt64)]) -> [String] {
        var warnings: [String] = []
        for (name, resource, soft) in limits {
            var current: UInt64 = 0
            var hard: UInt64 = 0
            guard flux_get_limit(resource, &current, &hard) == 0 else { continue }
            if hard != .max, soft > hard {
                warnings.append("\(name) exceeds current max, raising value to hard limit")
            }
            guard current != min(soft, hard) else { continue }
            if flux_set_soft_limit(resource, soft) != 0 { warnings.append("setrlimit \(name) failed") }
        }
        return warnings
    }
}
