import Client
import FluxJSON
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import RFC20R
import RFC21JobStates
import Service

extension JobManagerService {
    // MARK: the scheduler (RFC 27)

    func schedulerHello(_ request: Message) throws -> Reply {
        guard request.flags.contains(.streaming) else { throw ServiceError(errnum: Errno.proto) }
        context.log(.debug, "scheduler: hello")
        for job in ledger.allocatedJobs {
            flux.respond(to: request, [
                "id": job.id.json, "priority": .int(job.priority), "userid": .int(Int64(job.userID)),
                "t_submit": .real(job.machine.submitTime),
            ])
        }
        let partialIsFine = (try? request.fields())?["partial-ok"]?.boolValue ?? false
        tellOfHousekeeping(request, partialIsFine: partialIsFine)
        throw ServiceError(errnum: Errno.noData)
    }

    func schedulerReady(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let mode = try fields.string("mode"), number = try fields.optionalInt("limit") ?? 0
        let limit: Int
        switch mode {
        case "unlimited": limit = 0
        case "limited" where number > 0: limit = Int(clamping: number)
        default: throw ServiceError(errnum: Errno.proto)
        }
        let count = ledger.queue.count
        flux.respond(to: request, ["count": .int(Int64(count))])
        _ = change { $0.schedulerReady(sender: request.sender, limit: limit) }
        context.log(.debug, "scheduler: ready \(mode)")
        return .deferred
    }

    func sendAllocationRequest(_ id: JobID) {
        guard let job = ledger.active[id] else { return }
        flux.send(.request("sched.alloc", json: [
            "id": id.json, "priority": .int(job.priority), "userid": .int(Int64(job.userID)),
            "t_submit": .real(job.machine.submitTime), "jobspec": job.jobspec,
        ]))
    }

    /// Gives resources back to the scheduler; one that is not there hears of it when it says hello.
    func free(_ id: JobID, _ resources: JSON, isFinal: Bool) {
        guard ledger.scheduler.isOnline else { return }
        flux.notify("sched.free", ["id": id.json, "R": resources, "final": .bool(isFinal)])
    }

    /// Answers to requests without matchtag: the scheduler's and the exec service's.
    func receiveAnswer(_ message: Message) {
        switch message.topic {
        case "sched.alloc": receiveAllocation(message)
        case let topic? where topic == ledger.execService.map({ "\($0).start" }): receiveExecAnswer(message)
        default: break
        }
    }

    private func receiveAllocation(_ message: Message) {
        guard message.errnum == 0, let fields = try? message.fields(), let number = fields["id"]?.intValue,
            let answer = Self.allocationAnswer(fields)
        else {
            let errnum = message.errnum == 0 ? Errno.proto : Int32(bitPattern: message.errnum)
            change { $0.schedulerLost("alloc response error: \(RPCError(errnum: errnum))") }
            return
        }
        do {
            try ask { ledger throws(Refusal) in try ledger.allocationAnswered(JobID(json: number), answer) }
        } catch {
            context.log(.err, error.description)
            change { $0.schedulerLost("alloc response error: \(error)") }
        }
    }

    private static func allocationAnswer(_ fields: JSON.Object) -> AllocationAnswer? {
        let annotations = fields["annotations"]?.objectValue
        switch fields["type"]?.intValue {
        case 0: return fields["R"].map { .success($0, annotations: annotations) }
        case 1: return annotations.map { .annotate($0) }
        case 2: return .deny(fields["note"]?.stringValue)
        case 3: return .cancel
        default: return nil
        }
    }

    /// The resources of all jobs together.
    func resourceStatus() throws -> Reply {
        var all = ResourceSet()
        for job in ledger.active.values.sorted(by: { $0.id < $1.id }) {
            guard let resources = job.resources, job.machine.holdsResources, !job.machine.bypassesAllocation else {
                continue
            }
            do {
                try all.append(try ResourceSet(json: resources))
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(job.id): \(error)")
            }
        }
        for (id, allocation) in housekeeping.allocations {
            do {
                try all.append(allocation.remaining)
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(id): duplicate housekeeping allocation")
            }
        }
        return .json(["allocated": all.json])
    }

    // MARK: the exec service (RFC 32)

    func execHello(_ request: Message) throws -> Reply {
        let service = try request.fields().string("service")
        // The service may hear of jobs only after its hello was answered.
        guard ledger.execService == nil || !ledger.active.values.contains(where: \.isStartPending) else {
            throw ServiceError(errnum: Errno.invalid)
        }
        flux.respond(to: request)
        execSender = request.sender
        try ask { ledger throws(Refusal) in try ledger.execHello(service) }
        return .deferred
    }

    func sendStartRequest(_ id: JobID) {
        guard let service = ledger.execService, let job = ledger.active[id], let resources = job.resources else { return }
        flux.send(.request("\(service).start", json: [
            "id": id.json, "userid": .int(Int64(job.userID)), "jobspec": job.jobspec,
            "reattach": .bool(job.machine.hasStarted), "R": resources,
        ]))
    }

    func sendExpiration(_ id: JobID, _ expiration: Double) {
        guard let service = ledger.execService else { return }
        let payload: JSON = ["id": id.json, "expiration": .real(expiration)]
        flux.call(.request("\(service).expiration", json: payload, nodeID: 0)) { result in
            guard case .failure = result else { return }
            self.here { service in
                service.change {
                    $0.raise(
                        id, type: "exec", severity: 1,
                        note: "failed to send expiration update to exec system: "
                            + "job termination may not coincide with expiration")
                }
            }
        }
    }

    private func receiveExecAnswer(_ message: Message) {
        guard message.errnum == 0 else {
            let error = RPCError(errnum: Int32(bitPattern: message.errnum))
            change { $0.execLost("start response error: \(error)") }
            return
        }
        guard let fields = try? message.fields(), let number = fields["id"]?.intValue,
            let type = fields["type"]?.stringValue, let data = fields["data"]?.objectValue
        else {
            context.log(.err, "start response payload")
            return
        }
        guard let answer = Self.execAnswer(type, data) else {
            context.log(.err, "start: \(type) response: malformed data")
            return
        }
        change { $0.execAnswered(JobID(json: number), answer) }
    }

    private static func execAnswer(_ type: String, _ data: JSON.Object) -> ExecAnswer? {
        switch type {
        case "start": return .start
        case "reattached": return .reattached
        case "exception":
            guard let severity = data["severity"]?.intValue, let type = data["type"]?.stringValue else { return nil }
            return .exception(severity: severity, type: type, note: data["note"]?.stringValue)
        case "finish": return data["status"]?.intValue.map { .finish(status: $0) }
        case "release":
            guard let ranks = data["ranks"]?.stringValue, let isFinal = data["final"]?.boolValue else { return nil }
            return .release(ranks: ranks, isFinal: isFinal)
        default: return nil
        }
    }
}
