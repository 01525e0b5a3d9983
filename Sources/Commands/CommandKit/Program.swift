internal import Glibc

/// Programs that take the place of this one.
public enum Program {
    /// Runs a program instead of this one; its name is looked up in `PATH`.
    ///
    /// - Returns: why that was not possible; when it is, this does not return.
    public static func replace(with words: [String], path: String? = nil) -> CommandError {
        flushOutput()
        guard let name = words.first else { return CommandError("no command") }
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        execvp(path ?? name, pointers)
        let code = errno
        for pointer in pointers { free(pointer) }
        return CommandError("\(name): \(SystemText.of(code))", exitCode: code == ENOENT ? 127 : 126)
    }

    /// Whether a file can be run.
    public static func isExecutable(_ path: String) -> Bool { access(path, R_OK | X_OK) == 0 }
}
