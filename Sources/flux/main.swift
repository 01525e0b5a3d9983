internal import CommandKit
internal import DiagnosticsCommands
internal import Glibc
internal import InstanceCommands
internal import JobCommands
internal import ResourceCommands
internal import StorageCommands

// The verbs, family by family; a name is asked of one after the other.
let families: [any Family.Type] = [
    InstanceFamily.self, DiagnosticsFamily.self, ResourcesFamily.self, JobsFamily.self, StorageFamily.self,
]

exit(FrontEnd(families: families).run(CommandLine.arguments))
