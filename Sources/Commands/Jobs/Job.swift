internal import CommandKit

let jobCommand = Command(
    "job", "State, output and events of jobs",
    subcommands: [
        jobAttach, jobStatus, jobSubmit, jobID, jobLast, jobUrgency, jobKill, jobKillAll, jobRaise, jobRaiseAll, jobWait,
        jobWaitEvent, jobEventlog, jobInfo, jobStats, jobNamespace, jobMemo, jobPurge, jobTimeleft, jobTaskmap,
        jobHostpids, jobList, jobListInactive, jobListIDs,
    ])
