internal import CommandKit
internal import RFC19FLUID

extension JobID {
    /// The id as users see it: with `ƒ` where the terminal can show it, else with `f`.
    var shown: String { Self.usesASCII ? f58Plain : f58 }

    /// Whether the environment wants job ids in ASCII.
    private static let usesASCII: Bool = {
        if Environment["FLUX_F58_FORCE_ASCII"] != nil { return true }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Environment[$0] }.first { !$0.isEmpty } ?? ""
        return !(locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8"))
    }()

    /// The id as flux-core's commands in Python show it: they take the locale `C` for one with UTF-8, unless `LC_ALL`
    /// asks for it.
    var f58Python: String { Self.usesASCIIInPython ? f58Plain : f58 }

    private static let usesASCIIInPython: Bool = {
        guard usesASCII else { return false }
        if Environment["FLUX_F58_FORCE_ASCII"] != nil { return true }
        if let all = Environment["LC_ALL"], !all.isEmpty { return true }
        let locale = ["LC_CTYPE", "LANG"].lazy.compactMap { Environment[$0] }.first { !$0.isEmpty } ?? "C"
        return locale != "C" && locale != "POSIX"
    }()

    /// Reads an id from a command line.
    ///
    /// - Throws: ``CommandError``.
    static func argument(_ text: String) throws(CommandError) -> JobID {
        guard let id = JobID(text) else { throw CommandError("error parsing jobid: \"\(text)\"") }
        return id
    }

    /// Reads an id from the command line of a verb that has Python's manners.
    ///
    /// - Throws: ``UsageError``.
    static func pythonArgument(_ text: String, of name: String = "JOBID") throws(UsageError) -> JobID {
        guard let id = JobID(text) else { throw UsageError(.usage, "argument \(name): invalid JobID value: '\(text)'") }
        return id
    }

    var json: Int64 { Int64(bitPattern: value) }
}
