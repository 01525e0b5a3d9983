/// The process manager's end of the conversation with the local ranks of one program.
///
/// A value without I/O: give it each line a rank sent, carry out the directives in order.
/// It keeps the key value store of its ranks; what other servers of the same program put comes in with
/// ``completeBarrier(status:received:)``.
///
/// Source: RFC 13, "Wire Protocol"; observed: flux-core 0.88 ignores the name of the key value space, answers
/// publish, unpublish, lookup and spawn with -1, and treats everything it does not know as a violation.
public struct PMIServer: Sendable {
    /// When a local rank can read what another local rank put.
    public enum Visibility: Hashable, Sendable {
        /// At once; `flux start` does it this way.
        case atOnce
        /// After the next barrier; a job shell does it this way.
        case afterBarrier
    }

    /// What the owner has to do next, in order.
    public enum Directive: Hashable, Sendable {
        /// Write `line` (newline included) to the rank.
        case respond(rank: Int, line: String)
        /// The rank said goodbye: close its connection after the response was written.
        case close(rank: Int)
        /// The rank asks for the end of the whole program.
        case abort(rank: Int, exitCode: UInt32, message: String)
        /// All local ranks wait. Exchange `puts` (key → value since the last barrier, without `local::` keys)
        /// with the other servers of the program, then call ``PMIServer/completeBarrier(status:received:)``.
        case enterBarrier(puts: [String: String])
        /// The rank broke the protocol: close its connection and end the program.
        case violation(rank: Int, reason: String)
        /// Worth a line in a log; the conversation goes on.
        case warn(rank: Int, message: String)
    }

    /// Ranks of the whole program.
    public let universeSize: Int
    /// Ranks that talk to this server.
    public let localSize: Int
    /// Name of the key value space.
    public let kvsName: String
    /// Number of the program among those started together.
    public let appnum: Int
    /// Longest strings.
    public let limits: PMILimits
    /// When a local rank can read what another one put.
    public let visibility: Visibility

    /// What ranks can read now.
    public private(set) var values: [String: String]
    private var puts: [String: String] = [:]
    private var waiting: Set<Int> = []
    private var isExchanging = false
    private var spawning: Set<Int> = []

    /// Local ranks that others wait for at a barrier; empty when nobody waits for a local rank.
    public var absentRanks: [Int] {
        waiting.isEmpty || isExchanging ? [] : (0..<localSize).filter { !waiting.contains($0) }
    }

    /// Starts a conversation.
    ///
    /// - Parameters:
    ///   - universeSize: ranks of the whole program.
    ///   - localSize: ranks that talk to this server.
    ///   - kvsName: name of the key value space, without blanks.
    ///   - appnum: number of the program among those started together.
    ///   - preset: keys that exist from the start, such as `PMI_process_mapping`.
    ///   - limits: longest strings.
    ///   - visibility: when a local rank can read what another one put.
    public init(
        universeSize: Int, localSize: Int, kvsName: String, appnum: Int = 0,
        preset: [String: String] = [:], limits: PMILimits = .flux, visibility: Visibility = .atOnce
    ) {
        self.universeSize = universeSize
        self.localSize = localSize
        self.kvsName = kvsName
        self.appnum = appnum
        self.values = preset
        self.limits = limits
        self.visibility = visibility
    }

    /// Takes one line from a rank.
    public mutating func receive(_ text: String, from rank: Int) -> [Directive] {
        let line = PMILine(text)
        if spawning.contains(rank) {
            guard text == "endcmd\n" || text == "endcmd" else { return [] }
            spawning.remove(rank)
            return [.respond(rank: rank, line: "cmd=spawn_result rc=-1\n")]
        }
        do {
            return try answer(line, from: rank)
        } catch {
            return [.violation(rank: rank, reason: error.description)]
        }
    }

    /// Commands in the order in which a prefix decides: `get_maxes` before `get`.
    private static let commands = [
        "init", "get_maxes", "abort", "finalize", "get_universe_size", "get_appnum", "get_my_kvsname", "put", "get",
        "barrier_in", "publish_name", "unpublish_name", "lookup_name",
    ]

    struct Violation: Error { let description: String }

    private mutating func answer(_ line: PMILine, from rank: Int) throws(Violation) -> [Directive] {
        guard let command = Self.commands.first(where: { line.matches("cmd", $0) == true }) else {
            if line.matches("mcmd", "spawn") == true {
                spawning.insert(rank)
                return []
            }
            throw Violation(description: "unknown PMI command")
        }
        func respond(_ text: String) -> [Directive] { [.respond(rank: rank, line: text + "\n")] }
        switch command {
        case "init":
            return try initialize(line, rank)
        case "get_maxes":
            return respond(
                "cmd=maxes rc=0 kvsname_max=\(limits.kvsName) keylen_max=\(limits.key) vallen_max=\(limits.value)")
        case "abort":
            let code = (try? line.uint("exitcode")) ?? (try? line.uint("exit_code")) ?? 1
            let message = (try? line.string("error_msg", limit: limits.value)) ?? "aborted"
            return [.abort(rank: rank, exitCode: code, message: message)]
        case "finalize":
            return respond("cmd=finalize_ack rc=0") + [.close(rank: rank)]
        case "get_universe_size":
            return respond("cmd=universe_size rc=0 size=\(universeSize)")
        case "get_appnum":
            return respond("cmd=appnum rc=0 appnum=\(appnum)")
        case "get_my_kvsname":
            return respond("cmd=my_kvsname rc=0 kvsname=\(kvsName)")
        case "put":
            return respond("cmd=put_result rc=\(try put(line).rawValue)")
        case "get":
            return respond(try get(line))
        case "barrier_in":
            return try enterBarrier(rank)
        default:
            let verb = command.prefix { $0 != "_" }
            return respond("cmd=\(verb)_result rc=-1 msg=command not implemented")
        }
    }

    private func initialize(_ line: PMILine, _ rank: Int) throws(Violation) -> [Directive] {
        guard let version = try? line.uint("pmi_version"), let subversion = try? line.uint("pmi_subversion") else {
            throw Violation(description: "init without pmi_version and pmi_subversion")
        }
        let refuse = Directive.respond(rank: rank, line: "cmd=response_to_init rc=-1\n")
        if version == 2 {
            let hint = "is application unintentionally using slurm libpmi2.so?"
            return rank == 0 ? [.warn(rank: rank, message: hint), refuse] : [refuse]
        }
        guard version > 1 || (version == 1 && subversion >= 1) else { return [refuse] }
        return [.respond(rank: rank, line: "cmd=response_to_init rc=0 pmi_version=1 pmi_subversion=1\n")]
    }

    /// Reads a field; too long is a status for the client, missing is a violation.
    private func field(_ read: () throws(PMILine.ScanError) -> String) throws(Violation) -> String? {
        do {
            return try read()
        } catch .tooLong {
            return nil
        } catch {
            throw Violation(description: error.description)
        }
    }

    private mutating func put(_ line: PMILine) throws(Violation) -> PMIStatus {
        let limits = limits
        guard try field({ () throws(PMILine.ScanError) in try line.word("kvsname", limit: limits.kvsName) }) != nil
        else { return .invalidLength }
        guard let key = try field({ () throws(PMILine.ScanError) in try line.word("key", limit: limits.key) })
        else { return .invalidKeyLength }
        guard let value = try field({ () throws(PMILine.ScanError) in try line.string("value", limit: limits.value) })
        else { return .invalidValueLength }
        let isLocal = key.hasPrefix("local::")
        if isLocal || visibility == .atOnce { values[key] = value }
        if !isLocal { puts[key] = value }
        return .success
    }

    private func get(_ line: PMILine) throws(Violation) -> String {
        func failure(_ status: PMIStatus) -> String { "cmd=get_result rc=\(status.rawValue)" }
        guard try field({ () throws(PMILine.ScanError) in try line.word("kvsname", limit: limits.kvsName) }) != nil
        else { return failure(.invalidLength) }
        guard let key = try field({ () throws(PMILine.ScanError) in try line.word("key", limit: limits.key) })
        else { return failure(.invalidKeyLength) }
        guard let value = values[key] else { return failure(.invalidKey) }
        return "cmd=get_result rc=0 value=\(value)"
    }

    private mutating func enterBarrier(_ rank: Int) throws(Violation) -> [Directive] {
        guard !isExchanging, waiting.insert(rank).inserted else {
            throw Violation(description: "barrier_in while waiting in a barrier")
        }
        guard waiting.count == localSize else { return [] }
        isExchanging = true
        defer { puts = [:] }
        return [.enterBarrier(puts: puts)]
    }

    /// Lets the waiting ranks out of the barrier.
    ///
    /// - Parameters:
    ///   - status: what the ranks are told; anything but success means that the exchange failed.
    ///   - received: keys of all servers of the program; they become visible to the local ranks.
    public mutating func completeBarrier(status: PMIStatus = .success, received: [String: String] = [:]) -> [Directive]
    {
        values.merge(received) { _, new in new }
        let ranks = waiting.sorted()
        waiting = []
        isExchanging = false
        return ranks.map { .respond(rank: $0, line: "cmd=barrier_out rc=\(status.rawValue)\n") }
    }
}
