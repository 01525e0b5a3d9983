internal import CommandKit
internal import FluxJSON
internal import RFC22Idset
internal import Resource

/// `flux-broker --read-topology`: prints the cores and GPUs of this host or of hwloc XML as a JSON object.
///
/// `flux R encode` asks for it, so that `flux` itself starts without hwloc.
enum TopologyReader {
    static let option = Option.value("read-topology", nil, "PATH", "")

    /// - Parameter path: a file, `-` for standard input, or `local` for this host.
    /// - Throws: ``CommandKit/CommandError`` with the reason alone.
    static func run(_ path: String) throws(CommandError) -> Int32 {
        let probe: HardwareProbe
        do {
            switch path {
            case "local": probe = try HardwareProbe()
            case "-": probe = try HardwareProbe(xml: try Files.standardInput())
            default: probe = try HardwareProbe(xml: try Files.text(path))
            }
        } catch {
            throw CommandError("\(error)", isBare: true)
        }
        let object: JSON = ["core": .string("\(probe.cores)"), "gpu": .string("\(probe.gpus)")]
        print(object.text)
        return 0
    }
}
