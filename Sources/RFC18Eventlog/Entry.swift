public import FluxJSON

extension Eventlog {
    /// One event of a log: when, what, and what more there is to say.
    ///
    /// ```swift
    /// Eventlog.Entry(timestamp: 1552593348.073, name: "submit", context: ["userid": 5588]).text
    /// ```
    public struct Entry: Hashable, Sendable {
        /// Seconds since 1970-01-01 UTC, greater than 0.
        public var timestamp: Double
        /// Name of the event.
        public var name: String
        /// What the event is about; nil when the name says it all.
        public var context: JSON.Object?
        /// Members that RFC 18 does not know, kept and printed at the end.
        public var other: JSON.Object

        /// Creates an entry.
        public init(timestamp: Double, name: String, context: JSON.Object? = nil, other: JSON.Object = [:]) {
            self.timestamp = timestamp
            self.name = name
            self.context = context
            self.other = other
        }

        /// Creates an entry from parts that someone else provides.
        ///
        /// - Throws: `PayloadError` when the time stamp is negative or not finite, the name empty or the context not
        ///   an object.
        public init(checking timestamp: Double, name: String, context: JSON?) throws(PayloadError) {
            guard timestamp >= 0, timestamp.isFinite else {
                throw PayloadError(path: "timestamp", expected: "seconds since 1970", found: "\(timestamp)")
            }
            guard !name.isEmpty else {
                throw PayloadError(path: "name", expected: "name of an event", found: "empty string")
            }
            do throws(PayloadError) {
                self.init(timestamp: timestamp, name: name, context: try context?.requireObject())
            } catch {
                throw error.inside("context")
            }
        }
    }
}

extension Eventlog.Entry: Payload, Codable {
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        timestamp = try object.number("timestamp")
        name = try object.string("name")
        context = try object.optionalObject("context")
        other = [:]
        guard object.count > (context == nil ? 2 : 3) else { return }
        for (key, value) in object where key != "timestamp" && key != "name" && key != "context" {
            other[key] = value
        }
    }

    public var json: JSON {
        var object: JSON.Object = ["timestamp": .real(timestamp), "name": .string(name)]
        if let context { object["context"] = .object(context) }
        for (key, value) in other { object[key] = value }
        return .object(object)
    }
}

extension Eventlog.Entry {
    /// The line of the entry in a log, newline included.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The line of the entry in a log as UTF-8, newline included.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the line of the entry as UTF-8, newline included.
    public func append(to bytes: inout [UInt8]) {
        if other.isEmpty {
            bytes.append(contentsOf: #"{"timestamp":"#.utf8)
            JSON.real(timestamp).append(to: &bytes)
            bytes.append(contentsOf: #","name":"#.utf8)
            JSON.append(quoted: name, to: &bytes)
            if let context {
                bytes.append(contentsOf: #","context":"#.utf8)
                JSON.object(context).append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        } else {
            json.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
