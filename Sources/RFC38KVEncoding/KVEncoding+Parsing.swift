extension KVEncoding {
    /// Why bytes are not an encoding, and where.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// More bytes than ``KVEncoding/sizeLimit``.
            case tooLong
            /// The last entry does not end with NUL, or a key has no value.
            case truncated
            /// A key of no bytes.
            case emptyKey
            /// A key or a text is not UTF-8.
            case invalidUTF8
            /// The byte behind the key is not a type.
            case unknownType
            /// The text is not a value of its type.
            case badValue
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in bytes of the key, the type or the text.
        public let offset: Int

        public var description: String {
            let what =
                switch reason {
                case .tooLong: "too long"
                case .truncated: "truncated entry"
                case .emptyKey: "empty key"
                case .invalidUTF8: "invalid UTF-8"
                case .unknownType: "unknown type"
                case .badValue: "text is not a value of its type"
                }
            return "key value encoding: \(what) at byte \(offset)"
        }
    }

    /// Reads an encoding. Of a key that occurs twice the last one counts.
    ///
    /// Texts are checked against their types, as RFC 38 wants; doubles in any decimal form are accepted.
    ///
    /// - Throws: ``ParseError`` with the offset of the first problem.
    public init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
        self.init()
        let bytes = Array(bytes)
        guard bytes.count <= Self.sizeLimit else { throw ParseError(reason: .tooLong, offset: Self.sizeLimit) }
        var parsed: [Entry] = []
        var places: [String: Int] = [:]
        var start = 0
        while start < bytes.count {
            guard let keyEnd = bytes[start...].firstIndex(of: 0),
                let end = bytes[(keyEnd + 1)...].firstIndex(of: 0)
            else { throw ParseError(reason: .truncated, offset: start) }
            guard keyEnd > start else { throw ParseError(reason: .emptyKey, offset: start) }
            guard end > keyEnd + 1, let type = ValueType(rawValue: bytes[keyEnd + 1]) else {
                throw ParseError(reason: .unknownType, offset: keyEnd + 1)
            }
            guard let key = String(validating: bytes[start..<keyEnd], as: UTF8.self),
                let text = String(validating: bytes[(keyEnd + 2)..<end], as: UTF8.self)
            else { throw ParseError(reason: .invalidUTF8, offset: start) }
            guard let value = Value(type, text: text) else {
                throw ParseError(reason: .badValue, offset: keyEnd + 2)
            }
            let entry = Entry(key: key, value: value, text: text)
            if let place = places[key] {
                parsed[place] = entry
            } else {
                places[key] = parsed.count
                parsed.append(entry)
            }
            start = end + 1
        }
        entries = parsed
    }
}
