import Glibc
import Client
public import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import Service

extension JobManagerService {
    func getattr(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), names = try fields.array("attrs")
        let requester = request.requester
        guard let userID = ledger.active[id]?.userID ?? ledger.inactive[id]?.userID else {
            if settings.isPrivate, !requester.isOwner, !request.roles.contains(.admin) {
                throw ServiceError(errnum: Errno.perm)
            }
            throw ServiceError(errnum: Errno.invalid, text: "unknown job")
        }
        guard requester.mayTouch(userID) else {
            let text = settings.isPrivate ? nil : "guests can only access their own jobs"
            throw ServiceError(errnum: Errno.perm, text: text)
        }
        if let job = ledger.active[id] {
            return .json(try ask { ledger throws(Refusal) in try ledger.attributes(names, of: job) })
        }
        guard let stored = await storedJob(id) else { throw ServiceError(errnum: Errno.invalid, text: "unknown job") }
        var answer = JSON.Object()
        for name in names {
            switch name.stringValue {
            case "jobspec"?: answer["jobspec"] = stored.jobspec
            case "R"?:
                guard let resources = stored.resources else { throw ServiceError(errnum: Errno.noEntry, text: "R is NULL") }
                answer["R"] = resources
            case "eventlog"?: answer["eventlog"] = .array(stored.events)
            case nil: throw ServiceError(errnum: Errno.proto, text: "attribute list contains non-string")
            case let name?: throw ServiceError(errnum: Errno.noEntry, text: "unknown attr \(name)")
            }
        }
        return .json(.object(answer))
    }

    public func statistics() async throws -> JSON? {
        [
            "journal": ["listeners": .int(Int64(journal.listeners.count)), "events": .int(journal.count)],
            "active_jobs": .int(Int64(ledger.active.count)), "inactive_jobs": .int(Int64(ledger.inactive.count)),
            "max_jobid": ledger.largestID.json,
            "housekeeping": housekeeping.json { shown($0) },
        ]
    }

    // MARK: plug-ins

    /// What the reference has as plug-ins is built in; the names stay, so that tools find them.
    static let builtinPlugins = [
        ".priority-default", ".limit-job-size", ".limit-duration", ".dependency-after", ".dependency-singleton",
        ".begin-time", ".validate-duration", ".update-duration", ".history", ".post-event", ".update-queue",
    ]

    func plugins(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        if try fields.optionalBool("query_only") ?? false {
            return .json(["plugins": .array(settings.plugins.map { .string($0) })])
        }
        if let pattern = try fields.optionalString("remove") {
            let doomed = settings.plugins.filter { name in
                pattern == "all" ? !name.hasPrefix(".") : Self.fits(name, pattern)
            }
            guard !doomed.isEmpty || pattern == "all" else {
                throw ServiceError(errnum: Errno.noEntry, text: "Failed to find plugin to remove")
            }
            settings.plugins.removeAll { doomed.contains($0) }
        }
        if let path = try fields.optionalString("load") {
            let name = Self.plainName(path)
            guard (Self.builtinPlugins + ["alloc-bypass", "submit-hold"]).contains(name) else {
                throw ServiceError(errnum: Errno.noEntry, text: "\(path): No such plugin found")
            }
            let file = name.hasPrefix(".") ? name : "\(name).so"
            guard !settings.plugins.contains(file) else {
                throw ServiceError(errnum: Errno.exists, text: "\(path) already loaded")
            }
            settings.plugins.append(file)
            if name == ".update-duration" {
                let value = try fields.optionalObject("conf")?["owner-allow-any"]
                ledger.ownerMayExceedLimits = value?.boolValue ?? (value?.intValue.map { $0 != 0 } ?? true)
            }
        }
        ledger.isBypassAllowed = settings.plugins.contains("alloc-bypass.so")
        ledger.holdsSubmissions = settings.plugins.contains("submit-hold.so")
        ledger.mayUpdateDuration = settings.plugins.contains(".update-duration")
        ledger.mayUpdateQueue = settings.plugins.contains(".update-queue")
        return .empty
    }

    /// Whether a plug-in is meant by a name or a pattern.
    private static func fits(_ file: String, _ pattern: String) -> Bool {
        file == pattern || plainName(file) == pattern || fnmatch(pattern, file, 0) == 0
    }

    /// `alloc-bypass` for `/usr/lib/flux/alloc-bypass.so`.
    private static func plainName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".so") ? String(name.dropLast(3)) : name
    }

    func pluginQuery(_ request: Message) throws -> Reply {
        let name = try request.fields().string("name")
        guard settings.plugins.contains(name) else {
            throw ServiceError(errnum: Errno.noEntry, text: "\(name): plugin not found")
        }
        var answer: JSON.Object = ["name": .string(name), "path": name.hasPrefix(".") ? "builtin" : .string(name)]
        if name == ".dependency-after" { answer["dependencies"] = ledger.dependents.json }
        if name == ".dependency-singleton" { for (key, value) in ledger.singletons.json { answer[key] = value } }
        return .json(.object(answer))
    }
}
