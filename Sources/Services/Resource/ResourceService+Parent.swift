internal import Client
internal import FluxJSON
internal import RFC20R
internal import RFC28ResourceAcquisition
internal import RFC44ResourceEvents
internal import Reactor
internal import Service

extension ResourceService {
    /// The resources of the job that this instance is; from now on their expiration follows that of the job.
    ///
    /// - Returns: nil when there is no enclosing instance or its resources do not fit ours.
    func inheritedResources() async -> ResourceSet? {
        guard let uri = context.attributes["parent-uri"], let jobText = context.attributes["jobid"],
            let id = JobNumber(jobText)?.value, let parent = try? Handle.open(uri, on: context.reactor)
        else { return nil }
        self.parent = parent
        guard let r = await allocation(of: id, in: parent), var set = try? ResourceSet(json: r) else {
            parent.close()
            self.parent = nil
            return nil
        }
        inheritedExpiration = set.expiration
        guard set.nodeCount == Int(context.size) else { return nil }
        if let hosts = context.attributes["hostlist"] { try? set.rerank(by: hosts) }
        set.remap()
        return set
    }

    private func allocation(of id: Int64, in parent: Handle) async -> JSON? {
        let method = settings.followsParent ? "job-info.update-watch" : "job-info.no-update-watch"
        let stream = parent.stream(method, ["id": .int(id), "key": "R", "flags": 0])
        do throws(RPCError) {
            let first = try await stream.nextJSON()
            Task { await follow(stream) }
            return first?["R"]
        } catch where error.errnum == Errno.noSystem {
            context.log(.debug, "no support for \(method) in parent, falling back to job-info.lookup")
            let answer = try? await parent.query("job-info.lookup", ["id": .int(id), "keys": ["R"], "flags": 3])
            return answer?["R"]
        } catch {
            context.log(.err, "lookup R from enclosing instance: \(error)")
            return nil
        }
    }

    private func follow(_ stream: ResponseStream) async {
        while let answer = try? await stream.nextJSON() {
            guard let r = answer["R"], let expiration = try? ResourceSet(json: r).expiration,
                expiration != inheritedExpiration
            else { continue }
            inheritedExpiration = expiration
            changeExpiration(to: expiration)
        }
    }

    /// The resources are ours for a shorter or longer time than it seemed.
    func changeExpiration(to expiration: Double) {
        inventory?.expiration = expiration
        post(.resourceUpdate(expiration: expiration))
        tellScheduler(AcquireUpdate(expiration: expiration))
    }
}
