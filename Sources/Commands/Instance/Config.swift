internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC23FSD

let configCommand = Command(
    "config", "Manage configuration", .builtin,
    subcommands: [
        configGet,
        Command(
            "set", "Change a value of the configuration", .builtin, usage: "[OPTIONS] NAME VALUE", operands: 2...2,
            options: [.value("type", "t", "TYPE", "Type of the value (string, integer, real, boolean, object, array, fsd)")]
        ) { arguments in
            try Session.run(arguments) { flux in
                let name = arguments.operands[0]
                var config = try await fetchConfig(flux)
                let type = try arguments.value("type") ?? knownType(of: config[path: name])
                config[path: name] = try ConfigValue.parse(arguments.operands[1], as: type)
                try await loadConfig(config, flux)
                return 0
            }
        },
        Command(
            "unset", "Remove a value from the configuration", .builtin, usage: "NAME", operands: 1...1
        ) { arguments in
            try Session.run(arguments) { flux in
                var config = try await fetchConfig(flux)
                config[path: arguments.operands[0]] = nil
                try await loadConfig(config, flux)
                return 0
            }
        },
        Command(
            "load", "Replace the configuration by TOML or JSON from standard input, a file or a folder", .builtin,
            usage: "[PATH]", operands: 0...1
        ) { arguments in
            let config = try newConfig(arguments.operands.first)
            return try Session.run(arguments) { flux in
                do { try await flux.rpc("config.load", config) } catch { throw CommandError("load: \(error)") }
                return 0
            }
        },
        Command(
            "reload", "Make the broker read its configuration files again", .builtin,
            options: [.flag("follower-noop", nil, "Do nothing on other ranks than 0")]
        ) { arguments in
            try Session.run(arguments) { flux in
                if arguments.has("follower-noop"), try await flux.rank() != 0 { return 0 }
                do { try await flux.rpc("config.reload") } catch { throw CommandError("reload: \(error)") }
                return 0
            }
        },
        Command(
            "builtin", "Print a value that was fixed when Flux was built", .builtin, usage: "[OPTIONS] NAME",
            operands: 1...1,
            options: [
                .flag("intree", nil, "The value for use inside the source tree"),
                .flag("installed", nil, "The value of the installation"),
            ]
        ) { arguments in
            let name = arguments.operands[0]
            guard let value = BuiltinConfig.value(of: name) else { throw CommandError("\(name) is invalid") }
            print(value)
            return 0
        },
    ])

private let configGet = Command(
    "get", "Query broker configuration values", .builtin, usage: "[OPTIONS] [NAME]", operands: 0...1,
    options: [
        .value("config-path", "c", "PATH", "Read a file or folder instead of asking the broker"),
        .value(
            "type", "t", "TYPE",
            "Expected type (any, string, integer, real, boolean, object, array, fsd, fsd-integer, fsd-real)"),
        .flag("quiet", "q", "Do not complain about a value that is not set"),
        .value("default", "d", "VAL", "Print this for a value that is not set"),
    ]
) { arguments in
    let type = arguments.value("type") ?? "any"
    guard ConfigValue.types.contains(type) else { throw CommandError("Unknown type: \(type)") }
    @Sendable func show(_ config: JSON) throws -> Int32 {
        let name = arguments.operands.first ?? "."
        guard let value = name == "." ? config : config[path: name] else {
            if let fallback = arguments.value("default") {
                print(fallback)
                return 0
            }
            if arguments.has("quiet") { return 1 }
            throw CommandError("\(name) is not set")
        }
        guard let text = ConfigValue.text(of: value, as: type) else {
            throw CommandError("\(name) does not have the requested type")
        }
        print(text)
        return 0
    }
    if let path = arguments.value("config-path") {
        let isKnown = ["system", "security", "imp"].contains(path)
        let place = isKnown ? "\(Installation.prefix)/etc/flux/\(path)/conf.d" : path
        return try show(try ConfigurationFile.read(place))
    }
    return try Session.run(arguments) { flux in try show(try await fetchConfig(flux)) }
}

/// What `flux config load` was given.
private func newConfig(_ path: String?) throws(CommandError) -> JSON {
    if let path {
        do { return try ConfigurationFile.read(path) } catch { throw CommandError("Error parsing config: \(error)") }
    }
    let text = try Files.standardInput()
    if let json = try? JSON(parsing: text), json.objectValue != nil { return json }
    do { return try ConfigurationFile.parse(toml: text) } catch { throw CommandError("TOML parse error: \(error)") }
}

private func fetchConfig(_ flux: Handle) async throws(CommandError) -> JSON {
    do { return try await flux.query("config.get") } catch {
        throw CommandError("Error fetching config object: \(error)")
    }
}

private func loadConfig(_ config: JSON, _ flux: Handle) async throws(CommandError) {
    do { try await flux.rpc("config.load", config) } catch {
        throw CommandError("Error updating config object: \(error)")
    }
}

private func knownType(of value: JSON?) throws(CommandError) -> String {
    switch value {
    case .string: "string"
    case .int: "integer"
    case .real: "real"
    case .bool: "boolean"
    case .object: "object"
    case .array: "array"
    case .null, nil: throw CommandError("Type is unknown, please specify --type")
    }
}
