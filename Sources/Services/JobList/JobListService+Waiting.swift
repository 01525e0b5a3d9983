import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC19FLUID
import RFC21JobStates
import RFC43JobList
import Service

extension JobListService {
    func listID(_ request: Message) async throws -> Reply {
        let wanted = try payload(request) { json throws(JobListError) in try JobListIDRequest(request: json) }
        if let job = index[wanted.id], job.state != .new {
            if isReached(wanted, job) { return try answer(wanted, job, request) }
        } else if index[wanted.id] == nil {
            // The journal may not have told of it yet: the store knows.
            lookupsUnderWay += 1
            defer { lookupsUnderWay -= 1 }
            do {
                _ = try await flux.directory(JobID(wanted.id).kvs)
            } catch {
                throw ServiceError(errnum: error.errnum, text: error.text)
            }
            if let job = index[wanted.id], job.state != .new, isReached(wanted, job) {
                return try answer(wanted, job, request)
            }
        }
        let token = waits.add(request, wanted)
        waitsByID[wanted.id, default: []].insert(token)
        return .deferred
    }

    /// Some states are skipped by some jobs; at its end a job has reached all that it ever will.
    private func isReached(_ wanted: JobListIDRequest, _ job: JobRecord) -> Bool {
        wanted.state == 0 || job.states.rawValue & wanted.state != 0 || job.state == .inactive
    }

    private func answer(
        _ wanted: JobListIDRequest, _ job: JobRecord, _ request: Message
    ) throws(ServiceError) -> Reply {
        if let userID = hiddenFor(request), Int64(userID) != job.userID { throw ServiceError(errnum: Errno.noEntry) }
        do throws(JobListError) {
            return .json(["job": job.json(try JobAttribute.parse(wanted.attributes))])
        } catch {
            throw ServiceError(errnum: error.errno, text: error.description)
        }
    }

    /// Answers those who waited for what a job just became.
    func answerWaits(for id: UInt64) {
        guard let tokens = waitsByID[id], let job = index[id], job.state != .new else { return }
        for token in tokens.sorted() {
            guard let entry = waits[token], isReached(entry.value, job) else { continue }
            forgetWait(token)
            do throws(ServiceError) {
                if case .json(let json) = try answer(entry.value, job, entry.request) {
                    flux.respond(to: entry.request, json)
                }
            } catch {
                flux.respond(to: entry.request, errnum: error.errnum, error.text)
            }
        }
    }

    func forgetWait(_ token: PendingRequests<JobListIDRequest>.ID) {
        guard let entry = waits.remove(token) else { return }
        waitsByID[entry.value.id]?.remove(token)
        if waitsByID[entry.value.id]?.isEmpty == true { waitsByID[entry.value.id] = nil }
    }
}
