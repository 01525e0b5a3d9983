import Client
import FluxJSON
import RFC03Message
import RFC43JobList
import Reactor
import Service

extension JobListService {
    /// How many jobs are in which state; a stream tells every change, at most five times a second.
    func jobStatistics(_ request: Message) throws -> Reply {
        guard hiddenFor(request) == nil else { throw ServiceError(errnum: Errno.perm) }
        guard request.flags.contains(.streaming) else { return .json(report) }
        flux.respond(to: request, report)
        statisticsWatchers.add(request, ())
        return .deferred
    }

    private var report: JSON {
        var report = index.statistics.json().objectValue ?? [:]
        let queues = index.queueStatistics.sorted { $0.key < $1.key }
        report["queues"] = .array(queues.map { $0.value.json(queue: $0.key) })
        return .object(report)
    }

    func scheduleReport() {
        guard !statisticsWatchers.isEmpty, !isReportScheduled else { return }
        isReportScheduled = true
        context.reactor.schedule(after: .milliseconds(200)) {
            self.here { service in
                service.isReportScheduled = false
                let report = service.report
                for (_, entry) in service.statisticsWatchers.all { service.flux.respond(to: entry.request, report) }
            }
        }
    }
}
