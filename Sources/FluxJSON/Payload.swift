/// A value that travels as JSON: a request, a response, an event context, a stored object.
public protocol Payload: Sendable {
    /// Reads the value; unknown members are ignored unless the RFC says that the object is closed.
    init(json: JSON) throws(PayloadError)
    /// The value as it is sent.
    var json: JSON { get }
}

/// A JSON value that is not what a payload wants, and where.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, as `jq` would write it without the first dot: `tasks[0].slot`; empty for the whole payload.
    public let path: String
    /// What was wanted: `string`, `integer from 0 to 31`.
    public let expected: String
    /// What there was: a type name, `nothing` or a text of its own.
    public let found: String

    /// Creates one from its members.
    public init(path: String, expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// `path` is not `expected` but `value`.
    public init(path: String, expected: String, found value: JSON?) {
        self.init(path: path, expected: expected, found: value?.typeName ?? "nothing")
    }

    /// `tasks[0].slot: expected string, found integer`.
    public var description: String {
        (path.isEmpty ? "" : path + ": ") + "expected \(expected), found \(found)"
    }

    /// The same error seen from one level further out: `slot` inside `tasks[0]` is `tasks[0].slot`.
    public func inside(_ outer: String) -> PayloadError {
        let joined = path.isEmpty || outer.isEmpty || path.hasPrefix("[") ? outer + path : outer + "." + path
        return PayloadError(path: joined, expected: expected, found: found)
    }
}

extension JSON {
    /// The members when this is an object.
    public func requireObject() throws(PayloadError) -> Object {
        guard case .object(let object) = self else { throw PayloadError(path: "", expected: "object", found: self) }
        return object
    }
}
