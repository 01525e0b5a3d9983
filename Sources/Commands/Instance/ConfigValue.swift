internal import CommandKit
internal import FluxJSON
internal import RFC23FSD

/// Values of the configuration on the command line.
enum ConfigValue {
    static let types = [
        "any", "string", "integer", "real", "boolean", "object", "array", "fsd", "fsd-integer", "fsd-real",
    ]

    /// What `flux config get` prints, or nil when the value has another type.
    static func text(of value: JSON, as type: String) -> String? {
        switch (type, value) {
        case ("any", .string(let text)), ("string", .string(let text)): return text
        case ("any", _), ("integer", .int), ("real", .real), ("boolean", .bool), ("object", .object), ("array", .array):
            return value.text
        case ("fsd", _), ("fsd-integer", _), ("fsd-real", _):
            guard let text = value.stringValue, let duration = try? FluxDuration(parsing: text) else { return nil }
            if type == "fsd" { return text }
            guard !duration.isInfinite else { return type == "fsd-real" ? "inf" : "-1" }
            return type == "fsd-real" ? Format.fixed(duration.seconds, 6) : "\(Int64(duration.seconds))"
        default: return nil
        }
    }

    /// Reads a value typed for `flux config set`.
    static func parse(_ text: String, as type: String) throws(CommandError) -> JSON {
        switch type {
        case "string":
            guard text.hasPrefix("\"") else { return .string(text) }
            guard let value = try? JSON(parsing: text), value.stringValue != nil else {
                throw CommandError("Error parsing string")
            }
            return value
        case "integer":
            guard let number = Int64(text) else { throw CommandError("Error parsing integer value") }
            return .int(number)
        case "real":
            guard let number = Double(text), number.isFinite else { throw CommandError("Error parsing real value") }
            return .real(number)
        case "boolean":
            return .bool(!(text.isEmpty || "0fF".contains(text[text.startIndex])))
        case "object":
            guard let value = try? JSON(parsing: text), value.objectValue != nil else {
                throw CommandError("Error parsing json object")
            }
            return value
        case "array":
            guard let value = try? JSON(parsing: text), value.arrayValue != nil else {
                throw CommandError("Error parsing json array")
            }
            return value
        case "fsd":
            guard (try? FluxDuration(parsing: text)) != nil else {
                throw CommandError("Error parsing Flux Standard Duration")
            }
            return .string(text)
        case "any", "fsd-integer", "fsd-real": throw CommandError("Invalid type for the set subcommand: \(type)")
        default: throw CommandError("Unknown type: \(type)")
        }
    }
}

/// What `flux config builtin` knows.
enum BuiltinConfig {
    static func value(of name: String) -> String? {
        let prefix = Installation.prefix
        return switch name {
        case "rc1_path": "flux modprobe rc1"
        case "rc3_path": "flux modprobe rc3"
        case "shell_path": Installation.companion("flux-shell")
        case "shell_pluginpath": "\(prefix)/lib/flux/shell/plugins"
        case "shell_initrc": "\(prefix)/etc/flux/shell/initrc.lua"
        case "jobtap_pluginpath": "\(prefix)/lib/flux/job-manager/plugins"
        case "rundir": "/run/flux"
        case "confdir": "\(prefix)/etc/flux"
        case "libexecdir": "\(prefix)/libexec/flux"
        case "exec_path": Installation.commandFolder
        case "connector_path": "\(prefix)/lib/flux/connectors"
        case "module_path": "\(prefix)/lib/flux/modules"
        case "man_path": "\(prefix)/share/man"
        case "cmdhelp_pattern": "\(prefix)/etc/flux/help.d/*.json"
        case "pmi_library_path": "\(prefix)/lib/flux/libpmi.so"
        default: nil
        }
    }
}
