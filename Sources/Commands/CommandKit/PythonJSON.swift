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
}
