internal import Content
internal import ContentFiles
internal import ContentSQLite
internal import Cron
internal import Groups
internal import Heartbeat
internal import JobExec
internal import JobInfo
internal import JobIngest
internal import JobList
internal import JobManager
internal import KVS
internal import KVSWatch
internal import Reactor
internal import Resource
internal import Rexec
internal import Scheduler
internal import Service

/// The services that this broker can load, and on which thread each runs.
enum Services {
    static let factories: [ServiceFactory] = [
        ServiceFactory("content", ContentService.self),
        ServiceFactory("content-files", ContentFilesService.self),
        ServiceFactory("content-sqlite", ContentSQLiteService.self),
        ServiceFactory("cron", CronService.self),
        ServiceFactory("job-exec", JobExecService.self),
        ServiceFactory("job-info", JobInfoService.self),
        ServiceFactory("job-ingest", JobIngestService.self),
        ServiceFactory("job-list", JobListService.self),
        ServiceFactory("job-manager", JobManagerService.self),
        ServiceFactory("kvs", KVSService.self),
        ServiceFactory("kvs-watch", KVSWatchService.self),
        ServiceFactory("groups", GroupsService.self),
        ServiceFactory("heartbeat", HeartbeatService.self),
        ServiceFactory("resource", ResourceService.self),
        ServiceFactory("rexec", RexecService.self),
        ServiceFactory("sched-simple", SchedulerService.self),
    ]

    /// nil is the broker's own reactor.
    static func reactor(for module: String) -> Reactor? {
        switch module {
        case "content-sqlite", "content-files": store
        default: nil
        }
    }

    /// May block on the disk.
    private static let store: Reactor? = {
        let reactor = try? Reactor()
        reactor?.start(named: "store")
        return reactor
    }()
}
