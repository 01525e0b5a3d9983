import FluxJSON

extension JobDependency {
    /// A text that is no dependency; the description is flux-core's.
    public struct URIError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The text with the colon it may have lacked.
        public let uri: String
        public var description: String { "Invalid dependency URI \"\(uri)\"" }
    }

    /// Reads `SCHEME:VALUE?KEY=VALUE&…`, the form of `--dependency`.
    ///
    /// - `SCHEME` alone is a scheme with an empty value; schemes are lower case.
    /// - Query values that look like numbers become numbers; a key that occurs twice becomes a list; empty values are
    ///   dropped; `%41` and `+` are decoded.
    /// - A fragment (`#…`) is dropped, and so are tabs and line ends.
    public init(uri: String) throws(URIError) {
        let complete = uri.contains(":") ? uri : uri + ":"
        let text = String(
            String.UnicodeScalarView(
                complete.unicodeScalars.drop { $0.value <= 0x20 }.filter { !["\t", "\r", "\n"].contains($0) }))
        guard let colon = text.firstIndex(of: ":"), let scheme = Self.scheme(text[..<colon]) else {
            throw URIError(uri: complete)
        }
        let rest = text[text.index(after: colon)...].prefix { $0 != "#" }
        let path = rest.prefix { $0 != "?" }
        self.init(scheme: scheme, value: String(path))
        if path.endIndex < rest.endIndex {
            for (key, value) in Self.query(rest[rest.index(after: path.endIndex)...]) {
                switch key {
                case "scheme": self.scheme = value.stringValue ?? value.text
                case "value": self.value = value.stringValue ?? value.text
                default: other[key] = value
                }
            }
        }
    }

    private static func scheme(_ text: Substring) -> String? {
        guard let first = text.utf8.first, isLetter(first) else { return nil }
        let isValid = text.utf8.allSatisfy {
            isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e
        }
        return isValid ? text.lowercased() : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    private static func query(_ text: Substring) -> JSON.Object {
        var fields = JSON.Object()
        // What a key has had so far: kept apart, because a list in `fields` would be copied for each value.
        var values: [String: [JSON]] = [:]
        for pair in text.split(separator: "&") {
            guard let equal = pair.firstIndex(of: "=") else { continue }
            let raw = pair[pair.index(after: equal)...]
            guard !raw.isEmpty else { continue }
            let key = decoded(pair[..<equal])
            if !fields.contains(key) { fields[key] = .null }
            values[key, default: []].append(LooseNumber.json(decoded(raw)))
        }
        for (key, list) in values { fields[key] = list.count == 1 ? list[0] : .array(list) }
        return fields
    }

    /// Undoes `%41` and `+`; a broken escape stays as it is.
    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16),
                bytes[index + 1] != UInt8(ascii: "+")
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
