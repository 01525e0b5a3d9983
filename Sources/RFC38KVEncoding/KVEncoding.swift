/// Keys with typed values in the form that security-sensitive places use instead of JSON.
///
///     key NUL type text NUL   key NUL type text NUL   …
///
/// ```swift
/// var header = KVEncoding()
/// try header.put("version", .int(1))
/// try header.put("mechanism", .string("none"))
/// header.bytes                          // "version\0i1\0mechanism\0snone\0"
/// ```
/// Source: RFC 38.
public struct KVEncoding: Hashable, Sendable {
    /// A value with its type; there are no conversions between types.
    public enum Value: Hashable, Sendable {
        /// Text without NUL.
        case string(String)
        case int(Int64)
        /// Printed with six decimals, so not every value reads back as it was.
        case double(Double)
        case bool(Bool)
        /// Seconds since 1970-01-01 UTC, from 0 to the end of the year 9999.
        case timestamp(Int64)

        /// The type on the wire.
        public var type: ValueType {
            switch self {
            case .string: .string
            case .int: .int
            case .double: .double
            case .bool: .bool
            case .timestamp: .timestamp
            }
        }
    }

    /// The byte that tells a type.
    public enum ValueType: UInt8, Hashable, Sendable {
        case string = 0x73  // s
        case int = 0x69  // i
        case double = 0x64  // d
        case bool = 0x62  // b
        case timestamp = 0x74  // t
    }

    /// One key with its value.
    public struct Entry: Hashable, Sendable {
        /// Name, not empty and without NUL.
        public let key: String
        /// The value.
        public let value: Value
        /// The text of the value as it was read or will be written.
        public let text: String
    }

    /// Largest encoding that is read, in bytes.
    public static let sizeLimit = 4 << 20

    /// The entries in order; each key occurs once.
    public internal(set) var entries: [Entry] = []

    /// Creates an encoding without entries.
    public init() {}

    /// The value of `key`; nil when there is none.
    public subscript(key: String) -> Value? { entries.first { $0.key == key }?.value }

    /// The text called `key`; nil when there is none or it has another type.
    public func string(_ key: String) -> String? { if case .string(let value)? = self[key] { value } else { nil } }

    /// The integer called `key`; nil when there is none or it has another type.
    public func int(_ key: String) -> Int64? { if case .int(let value)? = self[key] { value } else { nil } }

    /// Puts an entry at the end; an older one with the same key goes away.
    ///
    /// - Throws: ``Failure`` when the key or the value cannot be written.
    public mutating func put(_ key: String, _ value: Value) throws(Failure) {
        try put(Entry(key: key, value: value, text: try value.text()))
    }

    /// Removes the entry of `key`.
    ///
    /// - Throws: ``Failure/noSuchKey`` when there is none.
    public mutating func remove(_ key: String) throws(Failure) {
        guard let position = entries.firstIndex(where: { $0.key == key }) else { throw .noSuchKey }
        entries.remove(at: position)
    }

    /// Puts the entries of another encoding at the end, their keys with `prefix` before them.
    public mutating func join(_ other: KVEncoding, prefix: String = "") throws(Failure) {
        for entry in other.entries {
            try put(Entry(key: prefix + entry.key, value: entry.value, text: entry.text))
        }
    }

    /// The entries whose keys begin with `prefix`, without it.
    public func split(prefix: String) -> KVEncoding {
        var part = KVEncoding()
        for entry in entries where entry.key.utf8.starts(with: prefix.utf8) && entry.key.utf8.count != prefix.utf8.count
        {
            let key = String(decoding: entry.key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            part.entries.append(Entry(key: key, value: entry.value, text: entry.text))
        }
        return part
    }

    mutating func put(_ entry: Entry) throws(Failure) {
        guard !entry.key.isEmpty, !entry.key.utf8.contains(0) else { throw .badKey }
        entries.removeAll { $0.key == entry.key }
        entries.append(entry)
    }

    /// Why an entry cannot be written or removed.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The key is empty or contains NUL.
        case badKey
        /// The text contains NUL or the time is outside of the years 1970 to 9999.
        case badValue
        /// There is no such key.
        case noSuchKey

        public var description: String {
            switch self {
            case .badKey: "key is empty or contains NUL"
            case .badValue: "value cannot be encoded"
            case .noSuchKey: "no such key"
            }
        }
    }
}
