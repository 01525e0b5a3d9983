/// The budgets of `docs/architecture.md`: the figure to reach, taken from measurements on a two-core machine.
enum Budget {
    static let commands = 2e-3
    static let submit = 4e-3
    static let run = 8e-3
    static let start = 30e-3
    static let brokerCPU = 15e-3
    static let localRPC = 10e-6
    static let moduleRPC = 12e-6
    static let remoteRPC = 45e-6
    static let localRate = 200_000.0
    static let remoteRate = 80_000.0
    static let commit = 80e-6
    static let commitRate = 30_000.0
    static let jobRate = 1_000.0
    static let jobCPU = 1.5e-3
    static let memory = 8.0
    static let memoryOfMany = 2.0
}
