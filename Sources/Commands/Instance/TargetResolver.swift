internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID
internal import Reactor

/// Instances by what people call them: a URI, a job, a path of jobs, a process.
enum TargetResolver {
    /// Why there is no URI, in the words of `flux uri`.
    struct Failure: Error { let text: String }

    /// The URI, or the error of a command that was given a target.
    static func uri(of target: String, failure: String) throws -> String {
        do { return try resolve(target) } catch let error as Failure {
            printError("flux-uri: ERROR: \(error.text)")
            throw CommandError(failure)
        }
    }

    /// - Throws: ``Failure``, and ``Client/OpenError`` when there is no instance to ask.
    static func resolve(_ target: String) throws -> String {
        var path = target
        if let colon = target.firstIndex(of: ":") {
            switch target[..<colon] {
            case "local", "ssh", "fd": return target
            case "pid": return try uri(ofProcess: String(target[target.index(after: colon)...]))
            case "jobid": path = String(target[target.index(after: colon)...])
            default: throw Failure(text: "No plugin for URI scheme \(target[..<colon])")
            }
        }
        if let question = path.lastIndex(of: "?") { path = String(path[..<question]) }
        let reactor = try Reactor()
        let steps = path
        return try reactor.run { try await walk(steps, on: reactor) }
    }

    private static func walk(_ path: String, on reactor: Reactor) async throws -> String {
        var uri = Environment["FLUX_URI"] ?? Handle.systemURI
        if path.hasPrefix("/") {
            while let parent = try await attribute("parent-uri", of: uri, on: reactor) { uri = parent }
        }
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                guard let parent = try await attribute("parent-uri", of: uri, on: reactor) else {
                    throw Failure(text: "\(path): no parent instance")
                }
                uri = parent
            default: uri = try await self.uri(ofJob: String(part), below: uri, on: reactor)
            }
            uri = localized(uri)
        }
        return uri
    }

    private static func attribute(_ name: String, of uri: String, on reactor: Reactor) async throws -> String? {
        let flux = try Handle.open(localized(uri), on: reactor)
        defer { flux.close() }
        if name == "parent-uri", try await flux.attribute("instance-level") == "0" { return nil }
        return try? await flux.attribute(name)
    }

    private static func uri(ofJob text: String, below uri: String, on reactor: Reactor) async throws -> String {
        guard let id = JobID(text) else { throw Failure(text: "\(text) is not a valid Flux jobid") }
        let flux = try Handle.open(uri, on: reactor)
        defer { flux.close() }
        let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "attrs": ["state", "annotations"]]
        let answer: JSON
        do { answer = try await flux.query("job-list.list-id", request) } catch {
            throw Failure(text: error.errnum == Errno.noEntry ? "jobid \(text) not found" : "\(error)")
        }
        guard answer["job"]?["state"]?.intValue == 16 else { throw Failure(text: "jobid \(text) is not running") }
        guard let found = answer["job"]?["annotations"]?["user"]?["uri"]?.stringValue else {
            throw Failure(text: "URI not found for job \(text)")
        }
        return found
    }

    private static func uri(ofProcess text: String) throws -> String {
        let bytes: [UInt8]
        do { bytes = try Files.bytes("/proc/\(text)/environ") } catch {
            let code = access("/proc/\(text)", F_OK) == 0 ? EACCES : ENOENT
            throw Failure(text: "\(SystemText.of(code)): '/proc/\(text)/environ'")
        }
        for entry in bytes.split(separator: 0) {
            let line = String(decoding: entry, as: UTF8.self)
            if line.hasPrefix("FLUX_URI=") { return String(line.dropFirst("FLUX_URI=".count)) }
        }
        throw Failure(text: "PID \(text) doesn't seem to have a FLUX_URI")
    }

    private static var hostname: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The local form of a URI of this host, or of any host when `FLUX_URI_RESOLVE_LOCAL` is set.
    static func localized(_ uri: String, always: Bool = false) -> String {
        guard uri.hasPrefix("ssh://") else { return uri }
        let rest = uri.dropFirst("ssh://".count)
        guard let slash = rest.firstIndex(of: "/") else { return uri }
        var host = rest[..<slash]
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if let colon = host.firstIndex(of: ":") { host = host[..<colon] }
        let isHere = always || host == hostname[...] || Environment["FLUX_URI_RESOLVE_LOCAL"] != nil
        return isHere ? "local://\(rest[slash...])" : uri
    }

    /// The form that works from other hosts.
    static func remote(_ uri: String) -> String {
        uri.hasPrefix("local://") ? "ssh://\(hostname)\(uri.dropFirst("local://".count))" : uri
    }
}

let uriCommand = Command(
    "uri", "Print the URI of an instance", .python, usage: "[OPTIONS] TARGET", operands: 1...1,
    options: [
        .flag("remote", nil, "The form for other hosts"), .flag("local", nil, "The form for this host"),
        .flag("wait", nil, "Wait until the instance has one"),
    ]
) { arguments in
    let uri: String
    do { uri = try TargetResolver.resolve(arguments.operands[0]) } catch let error as TargetResolver.Failure {
        throw CommandError(error.text)
    }
    if arguments.has("remote") {
        print(TargetResolver.remote(uri))
    } else {
        print(TargetResolver.localized(uri, always: arguments.has("local")))
    }
    return 0
}

let proxyCommand = Command(
    "proxy", "Run a command or a shell that talks to another instance", .builtin, usage: "[OPTIONS] TARGET [COMMAND...]",
    operands: 1...Int.max, stopsAtOperand: true,
    options: [
        .flag("force", "f", "Also when the versions differ"), .flag("nohup", "n", "Let the command live on"),
        .flag("reconnect", nil, "Connect again when the connection is lost"),
    ]
) { arguments in
    let target = arguments.operands[0]
    let uri = TargetResolver.localized(
        try TargetResolver.uri(of: target, failure: "Unable to resolve \(target) to a URI"))
    guard uri.hasPrefix("local://") else {
        throw CommandError("\(uri): instances of other hosts cannot be reached yet")
    }
    do {
        let reactor = try Reactor()
        try reactor.run { try Handle.open(uri, on: reactor).close() }
    } catch let error as OpenError {
        throw CommandError("\(uri): \(error)")
    }
    FluxEnvironment.apply()
    Environment["FLUX_URI"] = uri
    let shell = Environment["SHELL"] ?? "/bin/sh"
    let words = arguments.operands.dropFirst()
    throw Program.replace(with: words.isEmpty ? [shell] : [shell, "-c", words.joined(separator: " ")])
}
