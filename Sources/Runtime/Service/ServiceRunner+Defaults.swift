internal import Client
public import FluxJSON
internal import Glibc
internal import RFC03Message

/// How many messages of each type went each way, as `stats-get` shows them.
struct MessageCounters {
    struct Direction {
        var requests: Int64 = 0
        var responses: Int64 = 0
        var events: Int64 = 0
        var controls: Int64 = 0

        var json: JSON {
            [
                "request": .int(requests), "response": .int(responses),
                "event": .int(events), "control": .int(controls),
            ]
        }
    }

    var sent = Direction()
    var received = Direction()

    var json: JSON { ["tx": sent.json, "rx": received.json] }
}

extension ServiceRunner {
    /// The methods that every service has.
    ///
    /// Source: broker-protocol 5.4 (observed: flux-core 0.88).
    func runDefault(_ key: String, _ request: Message, on service: S) {
        switch key {
        case "ping": if admits(request, .anyUser) { ping(request, service) }
        case "stats-get": statistics(request)
        case "stats-clear":
            guard admits(request, .owner) else { return }
            counters = MessageCounters()
            service.here { $0.clearStatistics() }
            flux.respond(to: request)
        case "rusage": if admits(request, .anyUser) { resourceUsage(request) }
        case "debug": if admits(request, .owner) { debugFlags(request, service) }
        case "config-reload", "config-update": if admits(request, .owner) { configure(request, service) }
        case "shutdown": if admits(request, .owner) { shutDown() }
        case "disconnect": service.here { $0.disconnected(request) }
        default: flux.respond(to: request, errnum: Errno.noSystem, "Unknown service method '\(request.topic ?? "")'")
        }
    }

    private func ping(_ request: Message, _ service: S) {
        guard var payload = try? request.decodeJSON().objectValue else {
            flux.respond(to: request, errnum: Errno.proto)
            return
        }
        let hops = request.routes + [service.context.uuid]
        payload["route"] = .string(hops.map { String($0.prefix(8)) }.joined(separator: "!"))
        payload["userid"] = .int(Int64(request.userID))
        payload["rolemask"] = .int(Int64(request.roles.rawValue))
        payload["rank"] = .int(Int64(service.context.rank))
        flux.respond(to: request, .object(payload))
    }

    private func statistics(_ request: Message) {
        spawn { runner, service in
            do {
                let own = try await service.statistics()
                runner.answer(request, .json(own ?? runner.counterJSON()))
            } catch {
                runner.refuse(request, error)
            }
        }
    }

    private func configure(_ request: Message, _ service: S) {
        do {
            let configuration = try request.decodeJSON()
            try service.here { try $0.configure(configuration) }
            flux.respond(to: request)
        } catch {
            refuse(request, error)
        }
    }

    private func debugFlags(_ request: Message, _ service: S) {
        guard let payload = try? request.decodeJSON(), let operation = payload["op"]?.stringValue,
            let flags = payload["flags"]?.intValue
        else {
            flux.respond(to: request, errnum: Errno.proto)
            return
        }
        switch operation {
        case "setbit": debug |= flags
        case "clrbit": debug &= ~flags
        case "set": debug = flags
        case "clr": debug = 0
        default:
            flux.respond(to: request, errnum: Errno.proto)
            return
        }
        let new = debug
        service.here { $0.debug(new) }
        flux.respond(to: request, ["flags": .int(new)])
    }

    private func resourceUsage(_ request: Message) {
        let who: Int32
        switch (try? request.decodeJSON())?["who"]?.stringValue {
        case nil, "self": who = 0
        case "children": who = -1
        case "thread": who = 1
        default:
            flux.respond(to: request, errnum: Errno.invalid)
            return
        }
        flux.respond(to: request, resourceUsageJSON(who))
    }
}

/// The fields of getrusage(2) under their usual names; times in seconds.
public func resourceUsageJSON(_ who: Int32) -> JSON {
    var usage = rusage()
    _ = withUnsafeMutablePointer(to: &usage) { getrusage(__rusage_who_t(who), $0) }
    func seconds(_ time: timeval) -> JSON { .real(Double(time.tv_sec) + Double(time.tv_usec) / 1e6) }
    return [
        "utime": seconds(usage.ru_utime), "stime": seconds(usage.ru_stime),
        "maxrss": .int(Int64(usage.ru_maxrss)), "ixrss": .int(Int64(usage.ru_ixrss)),
        "idrss": .int(Int64(usage.ru_idrss)), "isrss": .int(Int64(usage.ru_isrss)),
        "minflt": .int(Int64(usage.ru_minflt)), "majflt": .int(Int64(usage.ru_majflt)),
        "nswap": .int(Int64(usage.ru_nswap)), "inblock": .int(Int64(usage.ru_inblock)),
        "oublock": .int(Int64(usage.ru_oublock)), "msgsnd": .int(Int64(usage.ru_msgsnd)),
        "msgrcv": .int(Int64(usage.ru_msgrcv)), "nsignals": .int(Int64(usage.ru_nsignals)),
        "nvcsw": .int(Int64(usage.ru_nvcsw)), "nivcsw": .int(Int64(usage.ru_nivcsw)),
    ]
}
