package import Client
internal import RFC23FSD

extension AttributeTable {
    /// What an attribute's value has to look like.
    private enum Form {
        /// A severity up to 7; a negative number lets nothing through.
        case level
        case flag
        case size
        case number
        case positive
        /// 0 for no limit, or at least 2.
        case waterMark
        /// A span of time or `none`.
        case timeout
        case oneOf([String])
        case nonEmpty
    }

    private static let forms: [String: Form] = [
        "log-level": .level, "log-stderr-level": .level, "log-forward-level": .level, "log-critical-level": .level,
        "log-syslog-level": .level, "log-syslog-enable": .flag, "log-ring-size": .size,
        "log-stderr-mode": .oneOf(["leader", "local"]), "log-filename": .nonEmpty,
        "tbon.zmqdebug": .number, "tbon.zmq_io_threads": .positive, "tbon.child_rcvhwm": .waterMark,
        "tbon.prefertcp": .number,
        "tbon.tcp_user_timeout": .timeout, "tbon.connect_timeout": .timeout, "tbon.torpid_min": .timeout,
        "tbon.torpid_max": .timeout,
        "broker.quorum-warn": .timeout, "broker.shutdown-warn": .timeout, "broker.shutdown-timeout": .timeout,
        "broker.sd-stop-timeout": .timeout, "broker.cleanup-timeout": .timeout,
        "broker.unload-builtins-timeout": .timeout,
    ]

    /// Checks the values of the command line and of the boot before a broker starts with them.
    ///
    /// - Parameter size: the number of brokers.
    /// - Source: broker-protocol 4.5 (observed: flux-core 0.88).
    package func check(size: UInt32) throws(Refusal) {
        for name in names {
            guard let form = Self.forms[name], let value = self[name] else { continue }
            guard !Self.admits(value, form) else { continue }
            let text: String
            switch form {
            case .flag where Self.number(value) != nil: text = "\(name): value must be 0 or 1"
            case .number, .positive, .waterMark:
                text =
                    Self.number(value) == nil ? "\(name): value must be an integer" : "\(name): value is out of range"
            case .timeout: text = "Error parsing \(name) attribute"
            default: text = "\(name): Invalid argument"
            }
            throw Refusal(errnum: Errno.invalid, description: text)
        }
        _ = try quorum(size: size)
    }

    /// How many brokers have to be online before the instance runs.
    ///
    /// Old configurations name ranks: `0` is one broker and `0-N` with the last rank is all of them.
    ///
    /// - Returns: the number, and whether it was written in the old way.
    package func quorum(size: UInt32) throws(Refusal) -> (count: Int, isOldForm: Bool) {
        guard let text = self["broker.quorum"] else { return (Int(size), false) }
        if text == "0-\(Int(size) - 1)" { return (Int(size), true) }
        if text == "0" { return (1, true) }
        guard let count = Self.number(text), (1...Int(max(1, size))).contains(count) else {
            throw Refusal(errnum: Errno.invalid, description: "Error parsing broker.quorum attribute")
        }
        return (count, false)
    }

    /// A span of time in seconds; nil for `none` and for an attribute without value.
    package func seconds(_ name: String) -> Double? {
        guard let text = self[name], text != "none" else { return nil }
        return (try? FluxDuration(parsing: text))?.seconds
    }

    /// Writes the time limits of connections the way they are shown: `0` is `0s`.
    package mutating func normalizeTimeouts() {
        for name in ["tbon.connect_timeout", "tbon.tcp_user_timeout", "tbon.torpid_min", "tbon.torpid_max"] {
            guard let text = self[name], let duration = try? FluxDuration(parsing: text) else { continue }
            put(name, "\(duration)")
        }
    }

    private static func admits(_ value: String, _ form: Form) -> Bool {
        switch form {
        case .level: number(value).map { $0 <= 7 } ?? false
        case .flag: value == "0" || value == "1"
        case .size: number(value).map { $0 >= 0 } ?? false
        case .number: number(value) != nil
        case .positive: number(value).map { $0 > 0 } ?? false
        case .waterMark: number(value).map { $0 == 0 || $0 >= 2 } ?? false
        case .timeout: value == "none" || (try? FluxDuration(parsing: value)) != nil
        case .oneOf(let words): words.contains(value)
        case .nonEmpty: !value.isEmpty
        }
    }

    private static func number(_ text: String) -> Int? { Int(text) }
}
