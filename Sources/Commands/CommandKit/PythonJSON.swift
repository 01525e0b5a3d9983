public import FluxJSON

/// JSON with a blank after commas and colons, as flux-core's commands in Python print it.
public enum PythonJSON {
    public static func text(of value: JSON) -> String {
        switch value {
        case .array(let items): "[\(items.map(text).joined(separator: ", "))]"
        case .object(let object):
            "{\(object.map { "\(JSON.string($0.key).text): \(text(of: $0.value))" }.joined(separator: ", "))}"
        default: value.text
        }
    }

    /// The same with everything outside ASCII escaped.
    public static func asciiText(of value: JSON) -> String {
        var result = ""
        for unit in text(of: value).utf16 {
            if unit < 0x80 {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }
}

extension JSON {
    /// The object with one member changed or added.
    public func setting(_ key: String, to value: JSON) -> JSON {
        guard var object = objectValue else { return self }
        object[key] = value
        return .object(object)
    }
}
