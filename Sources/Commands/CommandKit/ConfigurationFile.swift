public import FluxJSON

/// Configuration files as JSON.
///
/// TOML is read by `flux-broker`, which has the parser: no command pays for loading one.
public enum ConfigurationFile {
    /// Reads TOML.
    ///
    /// - Throws: ``CommandError``: the place and the reason.
    public static func parse(toml text: String) throws(CommandError) -> JSON {
        try result(of: Companion.run([Installation.companion("flux-broker"), "--read-config=-"], input: Array(text.utf8)))
    }

    /// Reads a file, JSON when its name says so and else TOML, or all `*.toml` files of a folder.
    ///
    /// - Throws: ``CommandError``: the file, the place and the reason.
    public static func read(_ path: String) throws(CommandError) -> JSON {
        try result(of: Companion.run([Installation.companion("flux-broker"), "--read-config=\(path)"]))
    }

    private static func result(of run: Companion.Result) throws(CommandError) -> JSON {
        guard run.exitCode == 0, let config = try? JSON(parsing: run.output) else {
            let text = String(decoding: run.errors, as: UTF8.self)
            throw CommandError(text.isEmpty ? "cannot read configuration" : String(text.prefix { $0 != "\n" }))
        }
        return config
    }
}
