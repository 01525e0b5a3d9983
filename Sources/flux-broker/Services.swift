internal import Reactor
internal import Rexec
internal import Service

/// The services that this broker can load, and on which thread each runs.
enum Services {
    static let factories: [ServiceFactory] = []

    /// nil is the broker's own reactor.
    static func reactor(for module: String) -> Reactor? { nil }
}
