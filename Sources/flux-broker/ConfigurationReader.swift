internal import CommandKit
internal import Config
internal import FluxJSON

/// `flux-broker --read-config`: reads a configuration and prints it as one JSON object.
///
/// Commands ask for it when they meet TOML, so that `flux` itself starts without a parser for it.
enum ConfigurationReader {
    static let option = Option.value("read-config", nil, "PATH", "")

    /// - Parameter path: a file, a folder of `*.toml` files, or `-` for TOML on standard input.
    /// - Throws: ``CommandKit/CommandError`` with the place and the reason alone.
    static func run(_ path: String) throws(CommandError) -> Int32 {
        let config: JSON
        do throws(ConfigurationError) {
            config =
                path == "-"
                ? try Configuration.parse(toml: try standardInput(), name: "stdin") : try Configuration.load(path: path)
        } catch {
            throw CommandError("\(error)", isBare: true)
        }
        print(config.text)
        return 0
    }

    private static func standardInput() throws(ConfigurationError) -> String {
        do { return try Files.standardInput() } catch { throw ConfigurationError(description: "\(error)") }
    }
}
