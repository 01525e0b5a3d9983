extension JSON.Object {
    /// The value of `key`, of whatever type.
    public func value(_ key: String) throws(PayloadError) -> JSON {
        guard let value = self[key] else { throw PayloadError(path: key, expected: "value", found: nil) }
        return value
    }

    /// The string called `key`.
    public func string(_ key: String) throws(PayloadError) -> String {
        guard let value = self[key]?.stringValue else { throw wrong(key, "string") }
        return value
    }

    /// The integer called `key`.
    public func int(_ key: String) throws(PayloadError) -> Int64 {
        guard let value = self[key]?.intValue else { throw wrong(key, "integer") }
        return value
    }

    /// The integer or real called `key`.
    public func number(_ key: String) throws(PayloadError) -> Double {
        guard let value = self[key]?.numberValue else { throw wrong(key, "number") }
        return value
    }

    /// The boolean called `key`.
    public func bool(_ key: String) throws(PayloadError) -> Bool {
        guard let value = self[key]?.boolValue else { throw wrong(key, "boolean") }
        return value
    }

    /// The array called `key`.
    public func array(_ key: String) throws(PayloadError) -> [JSON] {
        guard let value = self[key]?.arrayValue else { throw wrong(key, "array") }
        return value
    }

    /// The object called `key`.
    public func object(_ key: String) throws(PayloadError) -> JSON.Object {
        guard let value = self[key]?.objectValue else { throw wrong(key, "object") }
        return value
    }

    /// The integer called `key`, which has to be representable as `Integer`.
    public func int<Integer: FixedWidthInteger>(_ key: String, as type: Integer.Type) throws(PayloadError) -> Integer {
        let value = try int(key)
        guard let narrow = Integer(exactly: value) else {
            throw PayloadError(
                path: key, expected: "integer from \(Integer.min) to \(Integer.max)", found: "\(value)")
        }
        return narrow
    }

    /// The string called `key`, nil when absent.
    public func optionalString(_ key: String) throws(PayloadError) -> String? {
        self[key] == nil ? nil : try string(key)
    }

    /// The integer called `key`, nil when absent.
    public func optionalInt(_ key: String) throws(PayloadError) -> Int64? {
        self[key] == nil ? nil : try int(key)
    }

    /// The integer called `key`, nil when absent, which has to be representable as `Integer`.
    public func optionalInt<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type
    ) throws(PayloadError) -> Integer? {
        self[key] == nil ? nil : try int(key, as: type)
    }

    /// The integer or real called `key`, nil when absent.
    public func optionalNumber(_ key: String) throws(PayloadError) -> Double? {
        self[key] == nil ? nil : try number(key)
    }

    /// The boolean called `key`, nil when absent.
    public func optionalBool(_ key: String) throws(PayloadError) -> Bool? {
        self[key] == nil ? nil : try bool(key)
    }

    /// The array called `key`, nil when absent.
    public func optionalArray(_ key: String) throws(PayloadError) -> [JSON]? {
        self[key] == nil ? nil : try array(key)
    }

    /// The object called `key`, nil when absent.
    public func optionalObject(_ key: String) throws(PayloadError) -> JSON.Object? {
        self[key] == nil ? nil : try object(key)
    }

    /// The payload called `key`; errors inside it name the whole path.
    public func payload<Value: Payload>(_ key: String, as type: Value.Type = Value.self) throws(PayloadError) -> Value {
        let value = try value(key)
        do throws(PayloadError) { return try Value(json: value) } catch { throw error.inside(key) }
    }

    /// The payloads in the array called `key`.
    public func payloads<Value: Payload>(
        _ key: String, as type: Value.Type = Value.self
    ) throws(PayloadError) -> [Value] {
        var values: [Value] = []
        for (index, element) in try array(key).enumerated() {
            do throws(PayloadError) { values.append(try Value(json: element)) } catch {
                throw error.inside("\(key)[\(index)]")
            }
        }
        return values
    }

    /// The strings in the array called `key`.
    public func strings(_ key: String) throws(PayloadError) -> [String] {
        var values: [String] = []
        for (index, element) in try array(key).enumerated() {
            guard let text = element.stringValue else {
                throw PayloadError(path: "\(key)[\(index)]", expected: "string", found: element)
            }
            values.append(text)
        }
        return values
    }

    private func wrong(_ key: String, _ expected: String) -> PayloadError {
        PayloadError(path: key, expected: expected, found: self[key])
    }
}
