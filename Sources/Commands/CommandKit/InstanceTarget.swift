/// What names an instance on a command line.
public enum InstanceTarget {
    /// The URI of an instance: `local://PATH` stays as it is.
    ///
    /// - Throws: ``CommandError`` in the words of `flux NAME`.
    public static func uri(of target: String, for verb: String) throws(CommandError) -> String {
        if target.hasPrefix("local://") || target.hasPrefix("ssh://") { return target }
        if let variable = Environment["FLUX_URI"], target == "." { return variable }
        throw CommandError("failed to resolve target \(target) to a Flux URI")
    }
}
