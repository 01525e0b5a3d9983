package import Client

/// The attributes of a broker: names, texts, and what may be done to each.
///
/// Source: broker-protocol 4.5 (observed: flux-core 0.88).
package struct AttributeTable: Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Never changes once it is set; clients may remember it.
        package static let immutable = Flags(rawValue: 1)
        /// Not for the command line.
        package static let readOnly = Flags(rawValue: 2)
        /// Users may change it while the broker runs.
        package static let runtime = Flags(rawValue: 4)
        /// Overrides the same key of the configuration.
        package static let config = Flags(rawValue: 8)
    }

    /// A refusal to set an attribute.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let errnum: Int32
        package let description: String
    }

    private var values: [String: String?] = [:]

    package init() {}

    /// What is known of a name; nil for an unknown one. A pattern `test.*` covers all names that begin so.
    package static func flags(of name: String) -> Flags? {
        if let flags = known[name] { return flags }
        return patterns.first { name.hasPrefix($0.prefix) }?.flags
    }

    package subscript(name: String) -> String? { values[name] ?? nil }

    /// All names, also those that exist without a value.
    package var names: [String] { values.keys.sorted() }

    package func exists(_ name: String) -> Bool { values.keys.contains(name) }

    /// The attributes that never change, for a module's welcome.
    package var immutable: [String: String] {
        values.filter { Self.flags(of: $0.key)?.contains(.immutable) == true }.compactMapValues { $0 }
    }

    /// Sets a value from inside the broker; nil makes the attribute exist without a value.
    package mutating func put(_ name: String, _ value: String?) { values[name] = .some(value) }

    /// Sets a value unless one was given before, on the command line for instance.
    package mutating func putDefault(_ name: String, _ value: String?) {
        if values[name] == nil { values[name] = .some(value) }
    }

    /// Sets a value as `-S NAME=VALUE` does.
    package mutating func setFromCommandLine(_ name: String, _ value: String) throws(Refusal) {
        guard let flags = Self.flags(of: name) else {
            throw Refusal(errnum: Errno.noEntry, description: "\(name): unknown attribute")
        }
        guard !flags.contains(.readOnly) else {
            throw Refusal(
                errnum: Errno.invalid, description: "\(name): attribute may not be set on the command line")
        }
        values[name] = .some(value)
    }

    /// Checks what a client's `attr.set` asks for.
    package func checkUpdate(_ name: String, isForced: Bool) throws(Refusal) {
        guard let flags = Self.flags(of: name) else {
            throw Refusal(errnum: Errno.noEntry, description: "unknown attribute")
        }
        if exists(name) && flags.contains(.immutable) {
            throw Refusal(errnum: Errno.perm, description: SystemText.notPermitted)
        }
        if exists(name) && !flags.contains(.runtime) && !isForced {
            throw Refusal(errnum: Errno.invalid, description: "attribute may not be updated")
        }
    }

    package mutating func remove(_ name: String) throws(Refusal) {
        guard exists(name) else { return }
        if Self.flags(of: name)?.contains(.immutable) == true {
            throw Refusal(errnum: Errno.perm, description: SystemText.notPermitted)
        }
        values[name] = nil
    }
}

enum SystemText {
    static let notPermitted = RPCError(errnum: Errno.perm).description
}
