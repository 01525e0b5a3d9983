import Glibc

/// An instance that lives until the test ends it: its initial program tells the URI and waits for its input to close.
final class Instance {
    let place: Place
    let uri: String
    private let starter: Child

    /// - Parameter options: further options of `flux start`.
    init?(in place: Place, size: Int, options: [String] = []) {
        let words = ["start", "--test-size=\(size)"] + options + ["sh", "-c", "echo $FLUX_URI; read line; exit 0"]
        guard let starter = place.start(words), let uri = starter.line(), uri.hasPrefix("local://") else { return nil }
        self.place = place
        self.starter = starter
        self.uri = uri
    }

    /// The process of `flux start`.
    var processID: pid_t { starter.processID }
    var socketPath: String { String(uri.dropFirst("local://".count)) }

    /// Runs a command as a client of the instance.
    func flux(_ words: String..., within seconds: Double = 60) -> Outcome {
        guard let child = place.start(words, environment: ["FLUX_URI": uri]) else { return Outcome() }
        child.closeInput()
        return child.wait(within: seconds)
    }

    /// The process of a broker.
    func broker(_ rank: Int) -> pid_t? { place.processes.first { $0.name == "flux-broker-\(rank)" }?.id }

    /// Lets the initial program end and waits.
    func end(within seconds: Double = 60) -> Outcome {
        starter.closeInput()
        return starter.wait(within: seconds)
    }

    /// Waits for an end that the test has brought about otherwise.
    func wait(within seconds: Double = 60) -> Outcome { starter.wait(within: seconds) }
}
