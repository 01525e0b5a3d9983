internal import CommandKit
internal import Client

let versionCommand = Command("version", "Show the versions of the commands and of the broker", .builtin) { arguments in
    print("commands:    \t\t\(Installation.version)")
    print("libflux-core:\t\t\(Installation.version)")
    if let uri = Environment["FLUX_URI"] {
        let code = try Session.run(arguments) { flux in
            print("broker:  \t\t\(try await flux.attribute("version"))")
            print("FLUX_URI:\t\t\(uri)")
            return 0
        }
        if code != 0 { return code }
    }
    print("build-options:\t\t+swift")
    return 0
}
