internal import CommandKit

let uriCommand = Command(
    "uri", "Print the URI of an instance", .python, usage: "[OPTIONS] TARGET", operands: 1...1, epilog: uriSchemes,
    options: [
        .flag("remote", nil, "The form for other hosts"), .flag("local", nil, "The form for this host"),
        .flag("wait", nil, "Wait until the instance has one"),
    ]
) { arguments in
    let target = arguments.operands[0] + (arguments.has("wait") ? "?wait" : "")
    let uri: String
    do { uri = try TargetResolver.resolve(target) } catch let error as TargetResolver.Failure {
        throw CommandError(error.text)
    }
    if arguments.has("remote") {
        print(TargetResolver.remote(uri))
    } else {
        let isLocal = arguments.has("local") || Environment["FLUX_URI_RESOLVE_LOCAL"] != nil
        print(isLocal ? TargetResolver.localized(uri, always: true) : uri)
    }
    return 0
}

private let uriSchemes =
    "Supported resolver schemes:\n" + TargetResolver.schemes.map { "  \($0.padded(to: 7)) \($1)" }.joined(separator: "\n")
