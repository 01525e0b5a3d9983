public import FluxJSON

/// A list of events as it is kept in the KVS: one JSON object in each line, only ever appended to.
///
/// ```swift
/// let log = try Eventlog(parsing: #"{"timestamp":1.5,"name":"submit","context":{"urgency":16}}"# + "\n")
/// log.entries[0].name          // "submit"
/// log.contains("clean")        // false
/// ```
/// Source: RFC 18.
public struct Eventlog: Hashable, Sendable {
    /// The events in order.
    public var entries: [Entry]

    /// Creates a log.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Whether an event called `name` is in the log.
    public func contains(_ name: String) -> Bool { entries.contains { $0.name == name } }

    /// The last event called `name`.
    public func last(_ name: String) -> Entry? { entries.last { $0.name == name } }

    /// The log as text, every line with its newline; empty for a log without events.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The log as UTF-8.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries { entry.append(to: &bytes) }
        return bytes
    }

    /// JSON values as lines of a log, just as they are.
    ///
    /// - Throws: `PayloadError` when one is neither an object nor an array, as for the reference.
    public static func lines(_ values: [JSON]) throws(PayloadError) -> String {
        var bytes: [UInt8] = []
        for (index, value) in values.enumerated() {
            guard value.objectValue != nil || value.arrayValue != nil else {
                throw PayloadError(path: "[\(index)]", expected: "object", found: value)
            }
            value.append(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
