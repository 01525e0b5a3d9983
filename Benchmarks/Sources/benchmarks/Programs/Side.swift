import Glibc

/// One of the two `flux` programs that are compared, with the instances that its rows have asked for.
final class Side {
    let program: Program
    /// Whether rows shall make do with fewer requests and jobs.
    let isQuick: Bool
    private var instances: [String: TestInstance] = [:]
    private var madeFolder: String?

    init(_ program: Program, isQuick: Bool) {
        self.program = program
        self.isQuick = isQuick
    }

    /// `full` of something, or a tenth of it in a quick run.
    func count(_ full: Int) -> Int { isQuick ? max(1, full / 10) : full }

    /// The running instance of so many brokers with these options of `flux start`; starts it when it is asked for first.
    func instance(_ size: Int, options: [String] = []) throws(Failure) -> TestInstance {
        let key = "\(size) \(options)"
        if let instance = instances[key] { return instance }
        guard let instance = TestInstance(program, size: size, options: options) else {
            throw Failure(reason: "an instance of \(size) does not start")
        }
        instances[key] = instance
        return instance
    }

    /// A connection of its own to rank 0 of an instance.
    func client(of instance: TestInstance) throws(Failure) -> RawClient {
        guard let client = RawClient(uri: instance.uri) else {
            throw Failure(reason: "\(instance.uri): no answer")
        }
        return client
    }

    /// Runs a command in an instance, or outside of any, to its end.
    @discardableResult
    func run(_ arguments: [String], in instance: TestInstance? = nil) throws(Failure) -> Program.Run {
        let run = program.run(arguments, environment: instance?.environment ?? [:])
        guard run.succeeded else { throw Failure(reason: "flux \(arguments.joined(separator: " ")): failed") }
        return run
    }

    /// A temporary folder, for a statedir that is kept; removed with the ``Side``.
    var folder: String {
        if let madeFolder { return madeFolder }
        var template = Array("/tmp/flux-benchmark-XXXXXX".utf8CString)
        madeFolder = mkdtemp(&template).map { String(cString: $0) }
        return madeFolder ?? "/nonexistent"
    }

    deinit { if let madeFolder { _ = Program(path: "/bin/rm").run(["-rf", madeFolder]) } }

    /// Ends all instances.
    func end() {
        for instance in instances.values { instance.end() }
        instances = [:]
    }
}
