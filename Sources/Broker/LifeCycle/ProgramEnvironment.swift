/// The environment of programs that a broker starts: its own, without what belongs to the job it may itself be.
///
/// Source: broker-protocol 4.3 (observed: flux-core 0.88).
package enum ProgramEnvironment {
    private static let names: Set<String> = [
        "FLUX_JOB_ID", "FLUX_ENCLOSING_ID", "FLUX_JOB_SIZE", "FLUX_JOB_NNODES", "FLUX_JOB_TMPDIR", "FLUX_TASK_RANK",
        "FLUX_TASK_LOCAL_ID", "FLUX_URI", "FLUX_KVS_NAMESPACE", "FLUX_PROXY_REMOTE", "FLUX_PMI_LIBRARY_PATH",
        "I_MPI_PMI_LIBRARY", "NOTIFY_SOCKET", "FLUX_JOB_ID_PATH",
    ]
    private static let prefixes = ["PMI_", "PMIX_", "SLURM_", "PALS_"]

    package static func cleaned(_ environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in
            !names.contains(name) && !prefixes.contains { name.hasPrefix($0) }
        }
    }
}
