public import FluxJSON

/// What limit rules make of the caller's resource limits.
///
/// Source: observed: flux-core 0.88 (`--rlimit`).
public struct LimitRules: Hashable, Sendable {
    /// Every limit there is, in the order in which they are written.
    public static let names = [
        "cpu", "fsize", "data", "stack", "core", "nofile", "ofile", "as", "rss", "nproc", "memlock", "msgqueue", "nice",
        "rtprio", "rttime", "sigpending",
    ]
    /// Limits that are not propagated unless a rule asks for them.
    private static let unwanted: Set<String> = [
        "memlock", "ofile", "msgqueue", "nice", "rtprio", "rttime", "sigpending",
    ]

    /// Limits by name; -1 is unlimited.
    public private(set) var limits: [String: Int64]

    /// Applies rules in order.
    ///
    /// - Parameters:
    ///   - rules: `-PATTERN`, `NAME=VALUE` or `PATTERN`; several in one text between commas.
    ///   - current: soft limits of the caller.
    public init(_ rules: [String], current: [String: Int64]) throws(SubmissionError) {
        limits = current.filter { !Self.unwanted.contains($0.key) }
        for rule in rules.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            try apply(String(rule), current)
        }
    }

    private mutating func apply(_ rule: String, _ current: [String: Int64]) throws(SubmissionError) {
        if rule.hasPrefix("-") {
            let pattern = Glob(rule.dropFirst().lowercased())
            for name in pattern.matches(among: limits.keys) { limits[name] = nil }
            return
        }
        guard let equal = rule.firstIndex(of: "=") else {
            let pattern = rule.lowercased()
            let found = pattern.hasPrefix("/") ? [] : Glob(pattern).matches(among: current.keys)
            guard !found.isEmpty else { throw .failure("No corresponding rlimit matching \"\(pattern)\"") }
            for name in found { limits[name] = current[name] }
            return
        }
        let name = rule[..<equal].lowercased()
        let value = String(rule[rule.index(after: equal)...])
        guard Self.names.contains(name) else { throw .failure("Invalid rlimit \"\(rule[..<equal])\"") }
        if ["unlimited", "infinity", "inf"].contains(value) {
            limits[name] = -1
        } else {
            guard let number = LooseInteger.parse(value) else { throw .failure("Invalid value in \(rule)") }
            limits[name] = number
        }
    }

    /// Shell option `rlimit`.
    public var json: JSON {
        let known = Self.names.filter { limits[$0] != nil }
        return .object(JSON.Object(known.map { ($0, .int(limits[$0] ?? -1)) }))
    }
}
