internal import Client
internal import CommandKit
internal import FluxJSON

let getattrCommand = Command(
    "getattr", "Print the value of a broker attribute", .builtin, usage: "NAME", operands: 1...1
) { arguments in
    try Session.run(arguments) { flux in
        let name = arguments.operands[0]
        do {
            print(try await flux.attribute(name))
        } catch let error as RPCError {
            throw CommandError("\(name): \(error)")
        }
        return 0
    }
}

let setattrCommand = Command(
    "setattr", "Change a broker attribute", .builtin, usage: "[OPTIONS] NAME VALUE", operands: 2...2,
    options: [.flag("force", "f", "Set the attribute even if it is not meant to be changed or unknown")]
) { arguments in
    try Session.run(arguments) { flux in
        let name = arguments.operands[0]
        do {
            _ = try await flux.query(
                "attr.set",
                [
                    "name": .string(name), "value": .string(arguments.operands[1]),
                    "force": .bool(arguments.has("force")),
                ])
        } catch {
            throw CommandError("\(name): \(error)")
        }
        return 0
    }
}

let lsattrCommand = Command(
    "lsattr", "List broker attributes", .builtin, options: [.flag("values", "v", "Show values too")]
) { arguments in
    try Session.run(arguments) { flux in
        let names = try await flux.query("attr.list")["names"]?.arrayValue ?? []
        for name in names.compactMap(\.stringValue).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard arguments.has("values") else {
                print(name)
                continue
            }
            let value = try? await flux.attribute(name)
            print("\(name.padded(to: 40))\(value ?? "-")")
        }
        return 0
    }
}
