internal import CommandKit
internal import Glibc
internal import RFC29Hostlist

/// Instances that run as jobs of other resource managers.
///
/// Source: observed: flux-core 0.88, the resolvers `slurm` and `lsf` of `flux uri`.
enum BatchSystems {
    private typealias Failure = TargetResolver.Failure

    // MARK: Slurm

    /// The instance that is a job of Slurm: found among the processes of the job on this host, else on its first node.
    static func slurm(_ job: String) throws -> String {
        let listing = Companion.run(["scontrol", "listpids", job])
        guard listing.exitCode == 0 else { return try slurmOnFirstNode(job) }
        var last = ""
        for line in String(decoding: listing.output, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            // The broker of the outermost instance is the first task of its step.
            guard fields.count > 3, fields[3] == "0", let process = Int32(fields[0]), process > 0, process != getpid()
            else { continue }
            last = "\(process)"
            if let uri = try? ProcessURI.uri(of: last) { return TargetResolver.remote(uri) }
        }
        throw Failure(text: "PID \(last) doesn't seem to have a FLUX_URI")
    }

    private static func slurmOnFirstNode(_ job: String) throws -> String {
        let nodes = Companion.run(["squeue", "-h", "-o", "%N", "-j", job])
        if nodes.exitCode == 127 { throw Failure(text: "No such file or directory: 'squeue'") }
        guard nodes.exitCode == 0 else { throw Failure(text: "unable to query nodelist for Slurm job \(job)") }
        let text = String(decoding: nodes.output, as: UTF8.self).filter { !$0.isWhitespace }
        guard let first = Hostlist(text)?.first else {
            throw Failure(text: "empty nodelist returned for Slurm job \(job)")
        }
        Environment["FLUX_URI"] = nil
        let answer = Companion.run([
            "srun", "--overlap", "--jobid=\(job)", "-w", first, "-n1", "-N1", "flux", "uri", "slurm:\(job)",
        ])
        guard answer.exitCode == 0 else { throw Failure(text: "Unable to resolve Flux URI for Slurm job \(job)") }
        return lastLine(answer.output)
    }

    // MARK: LSF

    /// The instance that is a job of LSF.
    ///
    /// - Parameter isOnNode: whether this is the node of the job.
    static func lsf(_ job: String, isOnNode: Bool) throws -> String {
        let failure = Failure(text: "LSF Job \(job) doesn't seem to have a FLUX_URI")
        if isOnNode {
            for process in Files.names(in: "/proc") where process.allSatisfy(\.isNumber) {
                guard (try? Files.text("/proc/\(process)/comm"))?.hasPrefix("flux-broker-0") == true,
                    (try? Files.text("/proc/\(process)/environ"))?.contains("LSB_JOBID=\(job)") == true
                else { continue }
                return TargetResolver.remote(try ProcessURI.uri(of: process))
            }
            throw failure
        }
        let program = Environment["CSM_ALLOCATION_QUERY"] ?? "/opt/ibm/csm/bin/csm_allocation_query"
        let allocation = Companion.run([program, "-j", job])
        guard let host = firstNode(of: String(decoding: allocation.output, as: UTF8.self)) else { throw failure }
        let remote = Environment["FLUX_SSH_RCMD"] ?? Installation.executable
        let answer = Companion.run([
            Environment["FLUX_SSH"] ?? "ssh", host, remote, "uri", "--remote", "lsf:\(job)?is_compute",
        ])
        guard answer.exitCode == 0 else { throw failure }
        return lastLine(answer.output)
    }

    /// The first host of the list `compute_nodes` of a YAML text.
    private static func firstNode(of text: String) -> String? {
        var names: [String] = []
        var isInside = false
        for line in text.split(separator: "\n") {
            let word = line.drop { $0 == " " }
            if word.hasPrefix("compute_nodes:") {
                isInside = true
                names += word.dropFirst("compute_nodes:".count).split { " [],\"'".contains($0) }.map(String.init)
            } else if isInside, word.hasPrefix("- ") {
                names.append(String(word.dropFirst(2)).filter { !" \"'".contains($0) })
            } else {
                isInside = false
            }
        }
        guard var hosts = try? Hostlist(hosts: names), !hosts.isEmpty else { return nil }
        hosts.sort()
        return hosts.first
    }

    private static func lastLine(_ output: [UInt8]) -> String {
        String(decoding: output, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    }
}
