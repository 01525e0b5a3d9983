internal import Glibc

/// Files as commands read and write them.
public enum Files {
    /// The bytes of a file.
    ///
    /// - Throws: ``CommandError``: `PATH: why`.
    public static func bytes(_ path: String) throws(CommandError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError("\(path): \(SystemText.of(errno))") }
        defer { close(descriptor) }
        return try bytes(from: descriptor, named: path)
    }

    /// The text of a file; bytes that are no UTF-8 are replaced.
    public static func text(_ path: String) throws(CommandError) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// Standard input to its end.
    public static func standardInput() throws(CommandError) -> String {
        String(decoding: try standardInputBytes(), as: UTF8.self)
    }

    /// Standard input to its end.
    public static func standardInputBytes() throws(CommandError) -> [UInt8] { try bytes(from: 0, named: "stdin") }

    static func bytes(from descriptor: Int32, named name: String) throws(CommandError) -> [UInt8] {
        var result: [UInt8] = []
        var failure: Int32 = 0
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { area in
            while true {
                let count = read(descriptor, area.baseAddress, area.count)
                if count > 0 { result += area[..<count] } else if count == 0 { return }
                else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw CommandError("\(name): \(SystemText.of(failure))") }
        return result
    }

    /// The folder this process is in.
    public static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    /// Whether a path is a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Writes a text to a file, which is made or replaced.
    ///
    /// - Throws: ``CommandError``: `PATH: why`.
    public static func write(_ text: String, to path: String) throws(CommandError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw CommandError("\(path): \(SystemText.of(errno))") }
        CommandKit.write(Array(text.utf8), to: descriptor)
        close(descriptor)
    }
}
