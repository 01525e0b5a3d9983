/// One option of the submission commands.
///
/// The raw value is the name flux-core has for it in its templates of bulk submission.
public enum SubmissionOption: String, Hashable, Sendable, CaseIterable {
    case help, bank, queue
    case timeLimit = "time_limit"
    case urgency
    case jobName = "job_name"
    case setopt, setattr
    case addFile = "add_file"
    case dependency, requires
    case beginTime = "begin_time"
    case env
    case envRemove = "env_remove"
    case envFile = "env_file"
    case rlimit, input, output, error, unbuffered
    case labelIO = "label_io"
    case cwd, flags, signal
    case dryRun = "dry_run"
    case quiet
    case listPlugins = "list_plugins"
    case debugEmulate = "debug_emulate"
    case shape = "resources_shape"
    case resourcesJSON = "resources_json"
    // run, submit, bulksubmit
    case taskmap, nodes, exclusive, ntasks
    case coresPerTask = "cores_per_task"
    case gpusPerTask = "gpus_per_task"
    case cores
    case tasksPerNode = "tasks_per_node"
    case tasksPerCore = "tasks_per_core"
    case gpusPerNode = "gpus_per_node"
    case verbose
    case waitEvent = "wait_event"
    // submit, bulksubmit
    case cc, bcc, wait, waitForClean, watch, log
    case logStderr = "log_stderr"
    case progress, jps
    // bulksubmit
    case shuffle, sep, define
    // batch, alloc
    case addBrokers = "add_brokers"
    case conf
    case brokerOptions = "broker_opts"
    case dump, nslots
    case coresPerSlot = "cores_per_slot"
    case gpusPerSlot = "gpus_per_slot"
    case wrap
    case background = "bg"

    /// What follows an option on the command line.
    public enum Argument: Hashable, Sendable {
        case none
        /// Nothing; how often it occurs matters.
        case count
        case value(String)
        /// A value each time; all of them matter.
        case list(String)
        /// An integer, checked while reading.
        case integer(String)
        /// A value or nothing.
        case optional(String, default: String)
    }

    /// How it is written, short forms first; `hidden` spellings are not in the help.
    public var names: [String] { description.names }
    /// What follows it.
    public var argument: Argument { description.argument }
    /// One line of help; empty for options that are not shown.
    public var helpText: String { description.help }

    /// Whether `command` knows it.
    public func isKnown(to command: SubmissionCommand) -> Bool { description.commands.contains(command) }

    private struct Description {
        let names: [String], argument: Argument, commands: Set<SubmissionCommand>, help: String

        init(_ names: String, _ argument: Argument, _ commands: Set<SubmissionCommand>, _ help: String) {
            self.names = names.split(separator: " ").map(String.init)
            self.argument = argument
            self.commands = commands
            self.help = help
        }
    }

    private static let all = Set(SubmissionCommand.allCases)
    private static let plain: Set<SubmissionCommand> = [.run, .submit, .bulksubmit]
    private static let bulk: Set<SubmissionCommand> = [.submit, .bulksubmit]
    private static let nested: Set<SubmissionCommand> = [.batch, .alloc]

    private var description: Description {
        let all = Self.all
        let plain = Self.plain
        let bulk = Self.bulk
        let nested = Self.nested
        return switch self {
        case .help: .init("--help", .optional("TOPIC", default: "default"), all, "Show this message, or help on TOPIC")
        case .bank: .init("-B --bank", .value("BANK"), all, "Charge the job to a bank")
        case .queue: .init("-q --queue", .value("NAME"), all, "Submit to a queue")
        case .timeLimit:
            .init("-t --time-limit", .value("MIN|FSD"), all, "Time limit in minutes, or with a unit: 30s, 1.5h, 2d")
        case .urgency: .init("--urgency", .value("N"), all, "Urgency from 0 to 31; hold=0, default=16, expedite=31")
        case .jobName: .init("--job-name", .value("NAME"), all, "Name of the job")
        case .setopt: .init("-o --setopt", .list("OPT"), all, "Set a shell option, OPT=VAL (VAL is 1 unless given)")
        case .setattr:
            .init("-S --setattr", .list("ATTR"), all, "Set a job attribute, ATTR=VAL; ^ATTR=FILE reads JSON from FILE")
        case .addFile: .init("--add-file", .list("[NAME=]PATH"), all, "Put a file into the job as {{tmpdir}}/NAME")
        case .dependency: .init("--dependency", .list("URI"), all, "Wait for something, SCHEME:VALUE (RFC 26)")
        case .requires: .init("--requires --require", .list("CONSTRAINT"), all, "Constrain the nodes (RFC 35)")
        case .beginTime: .init("--begin-time", .list("+FSD|TIME"), all, "Do not start before a time")
        case .env: .init("--env", .list("RULE"), all, "Change the environment: VAR=VAL, PATTERN, -PATTERN or ^FILE")
        case .envRemove: .init("--env-remove", .list("PATTERN"), all, "Remove variables, as --env=-PATTERN")
        case .envFile: .init("--env-file", .list("FILE"), all, "Read environment rules from FILE, as --env=^FILE")
        case .rlimit: .init("--rlimit", .list("RULE"), all, "Propagate resource limits: NAME, NAME=VALUE or -PATTERN")
        case .input: .init("--input", .value("FILENAME"), all, "Read standard input from FILENAME")
        case .output: .init("--output", .value("FILENAME"), all, "Write standard output to FILENAME")
        case .error: .init("--error", .value("FILENAME"), all, "Write standard error to FILENAME")
        case .unbuffered: .init("-u --unbuffered", .none, all, "Do not buffer input and output")
        case .labelIO: .init("-l --label-io", .none, all, "Put the task rank in front of each line")
        case .cwd: .init("--cwd", .value("DIRECTORY"), all, "Working directory of the job")
        case .flags: .init("--flags", .list("FLAGS"), all, "Submission flags: debug, waitable, novalidate")
        case .signal: .init("--signal", .value("[SIG][@TIME]"), all, "Send SIG (USR1) TIME (60s) before the time limit")
        case .dryRun: .init("--dry-run --dry", .none, all, "Print the jobspec instead of submitting it")
        case .quiet: .init("--quiet", .none, all, "Do not print the job id")
        case .listPlugins: .init("--list-plugins", .none, all, "List the command line plug-ins")
        case .debugEmulate: .init("--debug-emulate", .none, all, "")
        case .shape: .init("--resources-shape", .value("SHAPE"), all, "Resources as a shape (RFC 46)")
        case .resourcesJSON: .init("--resources-json", .value("FILE"), all, "Read the resources from a JSON file")
        case .taskmap: .init("--taskmap", .value("URI"), plain, "Map tasks to nodes: block, cyclic[:N], manual:MAP")
        case .nodes:
            .init("-N --nodes", .value("N"), all, "Number of nodes")
        case .exclusive: .init("-x --exclusive", .none, all, "With --nodes: whole nodes")
        case .ntasks: .init("-n --ntasks", .value("N"), plain, "Number of tasks")
        case .coresPerTask: .init("-c --cores-per-task", .value("N"), plain, "Cores of a task")
        case .gpusPerTask: .init("-g --gpus-per-task", .value("N"), plain, "GPUs of a task")
        case .cores: .init("--cores", .value("N"), plain, "Number of cores in all")
        case .tasksPerNode: .init("--tasks-per-node", .value("N"), plain, "Tasks of a node")
        case .tasksPerCore: .init("--tasks-per-core", .value("N"), plain, "Tasks of a core")
        case .gpusPerNode: .init("--gpus-per-node", .value("N"), plain, "With --nodes: GPUs of a node")
        case .verbose: .init("-v --verbose", .count, plain.union([.alloc]), "Say more (repeat for even more)")
        case .waitEvent: .init("--wait-event", .value("NAME"), [.run], "Wait for an event before attaching ends")
        case .cc: .init("--cc", .value("IDSET"), bulk, "Submit a copy for each id; FLUX_JOB_CC and {cc} tell it")
        case .bcc: .init("--bcc", .value("IDSET"), bulk, "As --cc without FLUX_JOB_CC")
        case .wait: .init("--wait-event", .value("NAME"), bulk, "Wait for an event of all jobs")
        case .waitForClean: .init("--wait", .none, bulk, "Wait for all jobs to complete")
        case .watch: .init("--watch", .none, bulk, "Copy the output of all jobs and wait for them")
        case .log: .init("--log", .value("FILE"), bulk, "Write messages of this command to FILE")
        case .logStderr: .init("--log-stderr", .value("FILE"), bulk, "Write error messages of this command to FILE")
        case .progress: .init("--progress", .none, bulk, "Show progress on a terminal")
        case .jps: .init("--jps", .none, bulk, "With --progress: show jobs per second")
        case .shuffle: .init("--shuffle", .none, [.bulksubmit], "Submit in random order")
        case .sep: .init("--sep", .value("STRING"), [.bulksubmit], "Separator of inputs; none is white space")
        case .define: .init("--define", .list("NAME=CODE"), [.bulksubmit], "Define a function of an input")
        case .addBrokers: .init("--add-brokers", .integer("N"), nested, "")
        case .conf: .init("--conf", .list("CONF"), nested, "Configure the new instance: KEY=VAL, FILE, NAME or text")
        case .brokerOptions: .init("--broker-opts --broker-opt", .list("OPTS"), nested, "Options for the brokers")
        case .dump:
            .init("--dump", .optional("FILE", default: "flux-{{jobid}}-dump.tgz"), nested, "Archive the KVS at the end")
        case .nslots: .init("-n --nslots", .integer("N"), nested, "Number of slots")
        case .coresPerSlot: .init("-c --cores-per-slot", .integer("N"), nested, "Cores of a slot")
        case .gpusPerSlot: .init("-g --gpus-per-slot", .integer("N"), nested, "GPUs of a slot")
        case .wrap: .init("--wrap", .none, [.batch], "Make a script of a command or of standard input")
        case .background: .init("--bg", .none, [.alloc], "Start the instance and return when it is ready")
        }
    }
}
