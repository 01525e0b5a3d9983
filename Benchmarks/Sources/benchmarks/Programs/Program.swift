import Glibc

/// Runs programs and tells what they cost, with all that they waited for.
struct Program {
    let path: String

    /// What one run took.
    struct Run {
        let wall: Double
        let cpu: Double
        let succeeded: Bool
    }

    /// Runs to the end with standard output to nowhere.
    func run(_ arguments: [String], environment: [String: String] = [:]) -> Run {
        let start = now()
        guard let process = spawn(arguments, environment: environment, input: nil, output: nil) else {
            return Run(wall: .nan, cpu: .nan, succeeded: false)
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        return Run(wall: now() - start, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), succeeded: status == 0)
    }

    /// Starts and does not wait; descriptors that are nil are `/dev/null`, errors go nowhere unless asked for.
    func spawn(
        _ arguments: [String], environment: [String: String], input: Int32?, output: Int32?
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(input, Int32(0)), (output, 1), (nil, 2)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else if target < 2 || getenv("BENCHMARK_ERRORS") == nil {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        let all = [path] + arguments
        var words = all.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        // A broker's shell reads ~/.bashrc when SHLVL is below 2.
        let settings = Self.inherited.merging(["SHLVL": "2"]) { $1 }.merging(environment) { $1 }
        var variables = settings.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { variables.forEach { free($0) } }
        var process: pid_t = 0
        return posix_spawn(&process, path, &actions, nil, &words, &variables) == 0 ? process : nil
    }

    /// The environment without what an enclosing instance or job put there.
    private static let inherited: [String: String] = {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].hasPrefix("FLUX_") { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }()

    private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
