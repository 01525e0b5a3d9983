internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID
internal import Reactor

/// Instances by what people call them: a URI, a job, a path of jobs, a process, a job of Slurm or LSF.
enum TargetResolver {
    /// Why there is no URI, in the words of `flux uri`.
    struct Failure: Error { let text: String }

    /// The schemes with what they mean, for help.
    static let schemes = [
        ("jobid", "Get URI for a given Flux JOBID"), ("lsf", "Get URI for an instance launched under LSF"),
        ("pid", "Get FLUX_URI for a given local PID"), ("slurm", "Get URI for an instance launched under Slurm"),
    ]

    /// The URI, or the error of a command that was given a target.
    static func uri(of target: String, failure: String) throws -> String {
        do { return try resolve(target) } catch let error as Failure {
            printError("flux-uri: ERROR: \(error.text)")
            throw CommandError(failure)
        }
    }

    /// - Throws: ``Failure``, and ``Client/OpenError`` when there is no instance to ask.
    static func resolve(_ target: String) throws -> String {
        var (scheme, path) = ("jobid", target)
        if let colon = target.firstIndex(of: ":") {
            scheme = String(target[..<colon])
            path = String(target[target.index(after: colon)...])
        }
        if ["local", "ssh", "fd"].contains(scheme) { return target }
        var questions: [Substring] = []
        if let mark = path.firstIndex(of: "?") {
            questions = path[path.index(after: mark)...].split { $0 == "?" || $0 == "&" }
            path = String(path[..<mark])
        }
        if questions.contains("local"), questions.contains("remote") {
            throw Failure(text: "Only one of 'local' or 'remote' is allowed")
        }
        let uri: String
        switch scheme {
        case "jobid": uri = try resolve(jobs: path, questions)
        case "pid": uri = try ProcessURI.uri(of: path)
        case "slurm": uri = try BatchSystems.slurm(path)
        case "lsf": uri = try BatchSystems.lsf(path, isOnNode: questions.contains("is_compute"))
        default: throw Failure(text: "No plugin for URI scheme \(scheme)")
        }
        if questions.contains("local") { return localized(uri, always: true) }
        return questions.contains("remote") ? remote(uri) : uri
    }

    // MARK: Jobs

    private static func resolve(jobs path: String, _ questions: [Substring]) throws -> String {
        let reactor = try Reactor()
        let isLocal = questions.contains("local") || Environment["FLUX_URI_RESOLVE_LOCAL"] != nil
        let waits = questions.contains("wait")
        return try reactor.run { try await walk(path, isLocal: isLocal, waits: waits, on: reactor) }
    }

    private static func walk(_ path: String, isLocal: Bool, waits: Bool, on reactor: Reactor) async throws -> String {
        var uri: String?
        var host: String?
        if path.hasPrefix("/") { uri = try await root(on: reactor) }
        for part in path.split(separator: "/") where part != "." {
            let flux = try Handle.open(uri.map { isLocal ? localized($0, always: true) : $0 }, on: reactor)
            defer { flux.close() }
            if part == ".." {
                let parent = try await self.parent(of: flux)
                // Below a job of another host its parent is on that host too.
                uri = host.map { parent.hasPrefix("local://") ? "ssh://\($0)\(parent.dropFirst(8))" : parent } ?? parent
            } else {
                uri = try await self.uri(ofJob: String(part), waits: waits, flux)
                host = uri?.hasPrefix("ssh://") == true ? uri.map { String($0.dropFirst(6).prefix { $0 != "/" }) } : nil
            }
        }
        if let uri { return uri }
        let flux = try Handle.open(on: reactor)
        defer { flux.close() }
        return try await flux.attribute("local-uri")
    }

    private static func root(on reactor: Reactor) async throws -> String {
        var uri: String?
        while true {
            let flux = try Handle.open(uri, on: reactor)
            defer { flux.close() }
            if try await flux.attribute("instance-level") == "0" { return try await flux.attribute("local-uri") }
            uri = try await flux.attribute("parent-uri")
        }
    }

    /// The enclosing instance, or the instance itself when there is none.
    private static func parent(of flux: Handle) async throws -> String {
        let isRoot = try await flux.attribute("instance-level") == "0"
        return try await flux.attribute(isRoot ? "local-uri" : "parent-uri")
    }

    private static func uri(ofJob text: String, waits: Bool, _ flux: Handle) async throws -> String {
        guard let id = JobID(text) else { throw Failure(text: "\(text) is not a valid Flux jobid") }
        if waits { return try await awaitURI(ofJob: id, text, flux) }
        let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "attrs": ["state", "annotations"]]
        let answer: JSON
        do throws(RPCError) { answer = try await flux.query("job-list.list-id", request) } catch {
            throw Failure(text: error.errnum == Errno.noEntry ? "jobid \(text) not found" : "\(error)")
        }
        guard answer["job"]?["state"]?.intValue == 16 else { throw Failure(text: "jobid \(text) is not running") }
        guard let found = answer["job"]?["annotations"]?["user"]?["uri"]?.stringValue else {
            throw Failure(text: "URI not found for job \(text)")
        }
        return found
    }

    /// Waits until a job tells where its instance is.
    private static func awaitURI(ofJob id: JobID, _ text: String, _ flux: Handle) async throws -> String {
        let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "path": "eventlog", "flags": 0]
        let log = flux.stream("job-info.eventlog-watch", request)
        do throws(RPCError) {
            while let answer = try await log.nextJSON() {
                let event = (try? JSON(parsing: answer["event"]?.stringValue ?? "")) ?? .null
                if event["name"]?.stringValue == "finish" { break }
                guard event["name"]?.stringValue == "memo", let uri = event["context"]?["uri"]?.stringValue else { continue }
                log.abandon()
                return uri
            }
        } catch {
            throw Failure(text: error.errnum == Errno.noEntry ? "jobid \(text) not found" : "\(error)")
        }
        log.abandon()
        throw Failure(text: "URI not found for job \(text)")
    }

    // MARK: Forms

    /// The local form of a URI of this host, or of any host when `FLUX_URI_RESOLVE_LOCAL` is set.
    static func localized(_ uri: String, always: Bool = false) -> String {
        guard uri.hasPrefix("ssh://") else { return uri }
        let rest = uri.dropFirst("ssh://".count)
        guard let slash = rest.firstIndex(of: "/") else { return uri }
        var host = rest[..<slash]
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if let colon = host.firstIndex(of: ":") { host = host[..<colon] }
        let isHere =
            always || host == Installation.hostname[...] || Environment["FLUX_URI_RESOLVE_LOCAL"] != nil
        return isHere ? "local://\(rest[slash...])" : uri
    }

    /// The form that works from other hosts.
    static func remote(_ uri: String) -> String {
        uri.hasPrefix("local://") ? "ssh://\(Installation.hostname)\(uri.dropFirst("local://".count))" : uri
    }
}
