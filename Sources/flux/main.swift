internal import CommandKit
internal import DiagnosticsCommands
internal import Glibc
internal import InstanceCommands

// The verbs, family by family; a name is asked of one after the other.
let families: [any Family.Type] = [
    InstanceFamily.self, DiagnosticsFamily.self,
]

exit(FrontEnd(families: families).run(CommandLine.arguments))
