import FluxJSON
import RFC26Dependency

extension JobspecSchema {
    /// Attributes: nothing but `system` and `user`, or null.
    ///
    /// - Parameter checksLists: RFC 14 looks into dependencies and constraints, RFC 25 does not.
    static func isAttributes(_ value: JSON?, checksLists: Bool) -> Bool {
        guard let value else { return false }
        if value.isNull { return true }
        guard let fields = value.objectValue, has(fields, only: ["system", "user"]),
            fields["user"] == nil || fields["user"]?.objectValue != nil
        else { return false }
        guard let system = fields["system"] else { return true }
        guard let members = system.objectValue, isString(members["cwd"]),
            members["environment"] == nil || members["environment"]?.objectValue != nil
        else { return false }
        if let duration = members["duration"] {
            guard let seconds = duration.numberValue, seconds >= 0 else { return false }
        }
        guard checksLists else { return true }
        if let dependencies = members["dependencies"], !JobDependency.followsRFC(dependencies) { return false }
        return members["constraints"] == nil || members["constraints"]?.objectValue != nil
    }
}

/// The two patterns that RFC 14's schema has for counts in text form.
enum CountPattern {
    /// Numbers and ranges between commas, in brackets or not. An empty text matches, and so does a comma in front.
    static func isIdset(_ text: String) -> Bool {
        guard var body = unbracketed(text) else { return false }
        if body.isEmpty { return text.isEmpty }
        if body.first == ",", text.first == "," { body.removeFirst() }
        return body.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
            let ends = item.split(separator: "-", omittingEmptySubsequences: false)
            return ends.count <= 2 && ends.allSatisfy(isNumber)
        }
    }

    /// `min`, `min+` or `min-max`, then `:operand`, then `:operator`.
    static func isRange(_ text: String) -> Bool {
        guard let body = unbracketed(text) else { return false }
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return false }
        if parts.count > 1, !isNumber(parts[1]) { return false }
        if parts.count > 2, !["+", "*", "^"].contains(parts[2]) { return false }
        if parts[0].last == "+" { return isNumber(parts[0].dropLast()) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        return ends.count <= 2 && ends.allSatisfy(isNumber)
    }

    private static func unbracketed(_ text: String) -> Substring? {
        let isBracketed = text.first == "[" && text.last == "]" && text.utf8.count > 1
        let body = isBracketed ? text.dropFirst().dropLast() : text[...]
        return body.contains { $0 == "[" || $0 == "]" } ? nil : body
    }

    private static func isNumber(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first != 0x30 else { return false }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
