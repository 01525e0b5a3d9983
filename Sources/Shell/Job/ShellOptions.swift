internal import FluxJSON
internal import RFC23FSD

/// The shell options of a job: `attributes.system.shell.options`.
struct ShellOptions {
    private let values: JSON.Object

    init(_ values: JSON.Object) { self.values = values }

    /// An option by its path: `options["output", "stdout", "label"]`.
    subscript(_ path: String...) -> JSON? {
        var value: JSON? = .object(values)
        for key in path { value = value?[key] }
        return value
    }

    /// Whether an option is there and neither 0 nor false.
    func isSet(_ name: String) -> Bool {
        switch values[name] {
        case nil, .some(.null), .some(.bool(false)), .some(.int(0)): false
        default: true
        }
    }

    func int(_ name: String) throws(ShellExit) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = value.intValue else {
            throw ShellExit(1, "shell option \(name): expected integer, found \(value.typeName)")
        }
        return Int(number)
    }

    /// Seconds, from a number or a Flux Standard Duration; nil when the value is neither.
    static func seconds(_ value: JSON) -> Double? {
        if let text = value.stringValue { return (try? FluxDuration(parsing: text))?.seconds }
        guard let number = value.numberValue, number >= 0 else { return nil }
        return number
    }
}
