public import FluxJSON
import RFC22Idset

extension ResourceSet {
    /// How strictly the resources of a node are compared with what was expected.
    public struct VerifyConfig: Hashable, Sendable {
        /// How one resource type, or the host name, is compared.
        public enum Mode: String, Hashable, Sendable, CaseIterable {
            /// Nothing may be missing or extra.
            case strict
            /// There may be more than expected.
            case allowExtra = "allow-extra"
            /// There may be less than expected.
            case allowMissing = "allow-missing"
            /// Not compared.
            case ignore
        }

        /// The mode of types that have none of their own.
        public var defaultMode: Mode
        /// Modes of `hostname`, `core` and `gpu`.
        public var modes: [String: Mode] = [:]

        /// A mode for everything, strict unless another is given.
        public init(_ defaultMode: Mode = .strict) { self.defaultMode = defaultMode }

        /// The mode of `hostname`, `core` or `gpu`.
        public func mode(of type: String) -> Mode { modes[type] ?? defaultMode }

        /// Applies the configuration key `resource.verify`: a boolean (strict or ignore) or a table of modes.
        ///
        /// - Throws: ``ResourceError`` with the text that flux-core shows.
        public mutating func update(_ json: JSON) throws(ResourceError) {
            if let isStrict = json.boolValue {
                self = VerifyConfig(isStrict ? .strict : .ignore)
                return
            }
            guard let table = json.objectValue else {
                throw ResourceError(.configuration("verify must be a table or boolean"))
            }
            for (type, value) in table {
                guard let text = value.stringValue else {
                    throw ResourceError(.configuration("verify.\(type) mode must be a string"))
                }
                guard let mode = Mode(rawValue: text) else {
                    throw ResourceError(.configuration("verify.\(type): unknown verify mode '\(text)'"))
                }
                switch type {
                case "default": defaultMode = mode
                case "hostname", "core", "gpu": modes[type] = mode
                default: throw ResourceError(.configuration("verify: unsupported resource type: \(type)"))
                }
            }
        }
    }

    /// What a comparison with the expected resources found.
    public enum Verification: Hashable, Sendable {
        /// Everything is as expected.
        case matches
        /// There is more than expected; the text says what.
        case hasExtra(String)
        /// Something is missing or wrong; the text says what.
        case fails(String)
    }

    /// Compares the only node of this set, what was found, with the node of the same rank in `expected`.
    ///
    /// - Source: the modes and texts are those of flux-core's `rlist_verify_ex`.
    public func verify(against expected: ResourceSet, _ config: VerifyConfig = VerifyConfig()) -> Verification {
        guard nodeCount == 1 else { return .fails("Verification supported on single rank only") }
        let node = node(at: 0)
        guard let wanted = expected.node(rank: node.rank) else {
            return .fails("rank \(node.rank) not found in expected ranks")
        }
        let host = node.hostname ?? "unknown"
        if config.mode(of: "hostname") == .strict, let name = node.hostname, let wantedName = wanted.hostname,
            name != wantedName
        {
            return .fails("rank \(node.rank) got hostname '\(name)', expected '\(wantedName)'")
        }
        var missing = wanted.children.subtracting(node.children)
        var extra = node.children.subtracting(wanted.children)
        for type in ["core", "gpu"] {
            let mode = config.mode(of: type)
            if mode == .ignore || mode == .allowMissing { missing[type] = Idset() }
            if mode == .ignore || mode == .allowExtra { extra[type] = Idset() }
        }
        if !missing.isEmpty { return .fails("rank \(node.rank) (\(host)) missing resources: \(missing.shortForm)") }
        if !extra.isEmpty { return .hasExtra("rank \(node.rank) (\(host)) has extra resources: \(extra.shortForm)") }
        return .matches
    }

    /// What RFC 20 requires of *R* and this set lacks; empty for a set that conforms.
    public var violations: [String] {
        var list: [String] = []
        if isEmpty { list.append("R_lite has no entries") }
        if !isEmpty, hostnames == nil { list.append("nodelist is missing") }
        if kinds.contains(where: { catalog[$0].cores.isEmpty }) { list.append("a node has no cores") }
        if starttime > 0, expiration > 0, expiration <= starttime {
            list.append("expiration is not greater than starttime")
        }
        if let scheduling, scheduling.objectValue == nil { list.append("scheduling is not an object") }
        return list
    }
}
