import RFC26Dependency

/// Integers of the command line, read as flux-core reads them.
enum LooseInteger {
    static func parse(_ text: String) -> Int64? { LooseNumber.int(text) }
}
