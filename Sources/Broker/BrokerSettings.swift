package import FluxJSON
package import Reactor
package import Service

/// What a broker is told at start.
package struct BrokerSettings: Sendable {
    /// Values of the command line and of the boot, with defaults filled in.
    package var attributes: AttributeTable
    /// The whole configuration as one object.
    package var configuration: JSON
    /// The initial program and its arguments; empty for an interactive shell.
    package var command: [String]
    /// The services that can be loaded by name.
    package var factories: [String: ServiceFactory]
    /// Reads the configuration files again; nil when there are none.
    package var reloadConfiguration: (@Sendable () throws -> JSON)?
    /// On which reactor a module lives; nil for the broker's own.
    package var placement: @Sendable (String) -> Reactor? = { _ in nil }

    package init(
        attributes: AttributeTable, configuration: JSON = .object([:]), command: [String] = [],
        factories: [ServiceFactory] = []
    ) {
        self.attributes = attributes
        self.configuration = configuration
        self.command = command
        self.factories = Dictionary(factories.map { ($0.name, $0) }) { first, _ in first }
    }

    func placement(of module: String) -> Reactor? { placement(module) }
}

/// Who this broker is among the others, known once the boot method has spoken.
package struct BootResult: Hashable, Sendable {
    package let rank: UInt32
    package let size: UInt32
    package let uuid: String

    package init(rank: UInt32, size: UInt32, uuid: String) {
        self.rank = rank
        self.size = size
        self.uuid = uuid
    }
}

/// The outside as a broker needs it. Tests on virtual time hand in one that touches nothing.
package struct BrokerHost: Sendable {
    package var userID: UInt32
    package var processID: Int32
    /// The environment of this process.
    package var environment: [String: String]
    /// The file that holds the modules' code, which `module list` shows as their path.
    package var programPath: String
    /// Where the parts of the software are, by the names of `flux config builtin`.
    package var installation: [String: String] = [:]
    /// Writes a line to standard error.
    package var printError: @Sendable (String) -> Void
    /// Appends a line to the file that `log-filename` names.
    package var appendToLogFile: @Sendable (String) -> Void
    /// Whether clients can connect, which needs a file system and descriptors.
    package var hasConnector: Bool
    /// Deadly signals are watched for, and the group of processes is told at the end.
    package var ownsProcess: Bool

    package init(
        userID: UInt32, processID: Int32, environment: [String: String], programPath: String = "flux-broker",
        printError: @escaping @Sendable (String) -> Void, appendToLogFile: @escaping @Sendable (String) -> Void,
        hasConnector: Bool, ownsProcess: Bool
    ) {
        self.userID = userID
        self.processID = processID
        self.environment = environment
        self.programPath = programPath
        self.printError = printError
        self.appendToLogFile = appendToLogFile
        self.hasConnector = hasConnector
        self.ownsProcess = ownsProcess
    }
}
