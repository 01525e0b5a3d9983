import Client
import FluxJSON
import Glibc
import RFC03Message
import RFC19FLUID
import RFC20R
import RFC21JobStates
import RFC22Idset
import RFC29Hostlist
import RFC24IO
import RFC42Subprocess
import Reactor
import Service

extension JobManagerService {
    /// A program that runs on a broker for the resources of a job.
    struct HousekeepingProcess {
        var pid: Int64?
        var status: Int32?
    }

    /// Cleans the resources of a job that ended, or gives them to the scheduler at once.
    func keepHouse(_ id: JobID, userID: UInt32, _ resources: JSON) {
        guard let rule = housekeeping.rule, let set = try? ResourceSet(json: resources), !set.isEmpty else {
            free(id, resources, isFinal: true)
            return
        }
        let job = ledger.active[id]
        let ranks = housekeeping.begin(id, Housekeeping.Allocation(
            userID: userID, priority: job?.priority ?? 16, submitTime: job?.machine.submitTime ?? 0,
            startTime: context.reactor.wallTime, remaining: set, pending: set.ranks))
        context.log(.debug, "housekeeping: \(shown(id)) started")
        var environment = brokerEnvironment()
        environment["FLUX_JOB_ID"] = "\(id.value)"
        environment["FLUX_JOB_USERID"] = "\(userID)"
        environment["FLUX_JOB_RANKS"] = "\(ranks)"
        let hosts = Dictionary(uniqueKeysWithValues: set.nodes.map { ($0.rank, $0.hostname ?? "rank \($0.rank)") })
        let payload = Rexec.ExecRequest(
            command: Rexec.Command(arguments: rule.command, environment: environment),
            flags: [.standardOutput, .standardError])
        for rank in ranks {
            housekeepers[id, default: [:]][rank] = HousekeepingProcess()
            let request = Message.request("rexec.exec", json: payload.json, nodeID: rank, flags: .streaming)
            flux.call(request) { result in
                self.here { $0.heardFromHousekeeping(id, rank, hosts[rank] ?? "", result) }
            }
        }
    }

    private func heardFromHousekeeping(
        _ id: JobID, _ rank: UInt32, _ host: String, _ result: Result<Message, RPCError>
    ) {
        switch result {
        case .success(let message):
            guard let json = try? message.decodeJSON(), let response = try? Rexec.Response(json: json) else { return }
            switch response {
            case .started(let pid): housekeepers[id]?[rank]?.pid = pid
            case .finished(let status): housekeepers[id]?[rank]?.status = status
            case .output(_, let io):
                guard let bytes = io.bytes, !bytes.isEmpty else { return }
                let text = String(decoding: bytes, as: UTF8.self)
                context.log(
                    io.stream == "stderr" ? .err : .info, "housekeeping: \(host) (rank \(rank)) \(shown(id)): \(text)")
            default: break
            }
        case .failure(let error):
            let status = housekeepers[id]?[rank]?.status
            housekeepers[id]?[rank] = nil
            if housekeepers[id]?.isEmpty == true { housekeepers[id] = nil }
            if let problem = Self.problem(status, error) {
                context.log(.err, "housekeeping: \(host) (rank \(rank)) \(shown(id)): \(problem)")
            }
            finishHousekeeping(id, rank)
        }
    }

    private static func problem(_ status: Int32?, _ error: RPCError) -> String? {
        guard let status else { return error.description }
        let signal = status & 0x7f
        if signal != 0 { return strsignal(signal).map { String(cString: $0) } ?? "signal \(signal)" }
        return status == 0 ? nil : "nonzero exit code"
    }

    private func finishHousekeeping(_ id: JobID, _ rank: UInt32) {
        guard let step = housekeeping.finished(id, rank: rank) else { return }
        if let release = step.release { free(id, release.resources, isFinal: release.isFinal) }
        if let seconds = step.timer {
            context.reactor.schedule(after: .seconds(seconds)) {
                self.here { service in
                    if let release = service.housekeeping.timeIsUp(id) {
                        service.free(id, release.resources, isFinal: release.isFinal)
                    }
                }
            }
        }
        if step.isDone { context.log(.debug, "housekeeping: \(shown(id)) complete") }
    }

    /// Tells a scheduler that starts which resources are still being cleaned.
    func tellOfHousekeeping(_ request: Message, partialIsFine: Bool) {
        if !partialIsFine {
            for (id, allocation) in housekeeping.dropPartial() {
                let hosts = (try? Hostlist(hosts: allocation.remaining.nodes.map { $0.hostname ?? "?" }))?.description
                context.log(
                    .err,
                    "housekeeping: \(hosts ?? "?") (rank \(allocation.pending)) from \(shown(id)) will be terminated because "
                        + "scheduler does not support restart with partially released resources")
                signalHousekeepers(of: id, 15, ranks: nil)
            }
        }
        for (id, allocation) in housekeeping.allocations.sorted(by: { $0.key < $1.key }) {
            var payload: JSON.Object = [
                "id": id.json, "priority": .int(allocation.priority), "userid": .int(Int64(allocation.userID)),
                "t_submit": .real(allocation.submitTime),
            ]
            if !allocation.released.isEmpty { payload["free"] = .string("\(allocation.released)") }
            flux.respond(to: request, .object(payload))
        }
    }

    func killHousekeeping(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let signal = Int32(truncatingIfNeeded: try fields.int("signum"))
        let wanted = try fields.optionalInt("jobid").flatMap { $0 == -1 ? nil : JobID(json: $0) }
        var ranks: Idset?
        if let text = try fields.optionalString("ranks") {
            do {
                ranks = try Idset(parsing: text)
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(error)")
            }
        }
        for id in housekeepers.keys.sorted() where wanted == nil || wanted == id {
            signalHousekeepers(of: id, signal, ranks: ranks)
        }
        return .empty
    }

    private func signalHousekeepers(of id: JobID, _ signal: Int32, ranks: Idset?) {
        for (rank, process) in housekeepers[id] ?? [:] where ranks?.contains(rank) ?? true {
            guard let pid = process.pid else { continue }
            flux.notify("rexec.kill", ["pid": .int(pid), "signum": .int(Int64(signal))], nodeID: rank)
        }
    }
}
