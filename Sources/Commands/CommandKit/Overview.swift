/// The list of verbs that `flux help` shows.
enum Overview {
    private static let groups: [(title: String, verbs: [(name: String, text: String)])] = [
        (
            "run and submit jobs, allocate resources",
            [
                ("submit", "submit a job"), ("run", "run a job and wait for it"),
                ("bulksubmit", "submit many jobs at once"),
                ("alloc", "allocate an instance and work in it"), ("batch", "submit a batch script"),
            ]
        ),
        (
            "list and interact with jobs",
            [
                ("jobs", "list jobs"), ("top", "watch running jobs"), ("pstree", "show the tree of jobs"),
                ("cancel", "cancel jobs"), ("pgrep/pkill", "find or cancel jobs by name"),
                ("job", "state, output and events of a job"), ("proxy", "connect to the instance of a job"),
                ("watch", "follow the output of jobs"), ("update", "change jobs"),
            ]
        ),
        (
            "get resource, queue and other instance information",
            [
                ("resource", "list and manage resources"), ("queue", "list and manage queues"),
                ("overlay", "state of the overlay network"), ("uptime", "how long the instance has been running"),
            ]
        ),
        (
            "other useful commands",
            [
                ("start", "start an instance"), ("version", "show versions"), ("config", "show and change configuration"),
                ("env", "print the environment, or run a command in it"), ("admin", "for administrators"),
                ("hostlist", "make, combine and query lists of hosts"),
            ]
        ),
    ]

    /// Verbs that exist besides those of the list.
    private static let others = [
        "archive", "attr", "broker", "content", "cron", "dmesg", "dump", "event", "exec", "fsck", "gc", "getattr", "help",
        "hostlist", "housekeeping", "jobtap", "keygen", "kvs", "logger", "lsattr", "modprobe", "module", "multi-prog",
        "perilog-run", "pgrep", "ping", "pkill", "pmi", "post-job-event", "python", "R", "relay", "restore", "setattr",
        "shutdown", "sproc", "startlog", "terminus", "uri",
    ]

    private static var names: [String] { groups.flatMap { $0.verbs.map(\.name) } + others }

    /// Whether a verb is one of Flux's own, built or not.
    static func knows(_ verb: String) -> Bool { names.contains(verb) }

    static var text: String {
        var lines = [
            "Usage: flux [OPTIONS] COMMAND ARGS",
            "  -h, --help             Display this message.",
            "  -v, --verbose          Show the environment and where commands are looked for",
            "  -V, --version          Show versions",
            "  -p, --parent           Talk to the enclosing instance",
            "  -r, --root             Talk to the outermost instance",
        ]
        for group in groups {
            lines += ["", group.title]
            lines += group.verbs.map { "   \($0.name.padded(to: 18)) \($0.text)" }
        }
        lines += ["", "See 'flux help COMMAND' for more information about a specific command.", ""]
        return lines.joined(separator: "\n")
    }

    /// The verb that a mistyped one probably means.
    static func similar(to verb: String) -> String? {
        let best = names.map { ($0, distance($0, verb)) }.min { $0.1 < $1.1 }
        guard let best, best.1 <= 2, best.1 < verb.count else { return nil }
        return best.0
    }

    /// How many letters have to be changed, added or removed.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, letter) in left.utf8.enumerated() {
            var corner = row[0]
            row[0] = index + 1
            for column in right.indices {
                let changed = corner + (letter == right[column] ? 0 : 1)
                corner = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, corner + 1)
            }
        }
        return row[right.count]
    }
}
