import Glibc

/// A temporary folder in which programs run, and by which everything they leave behind is found.
final class Place {
    let folder: String

    init() {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        folder = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    /// Nothing of the caller's Flux, all temporary files in our folder, no start files of shells.
    var environment: [String: String] {
        [
            "PATH": "\(Programs.folder):/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": folder, "HOME": folder, "SHLVL": "2",
            "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh",
        ]
    }

    /// Starts `flux` with these words.
    func start(_ words: [String], environment more: [String: String] = [:]) -> Child? {
        Child([Programs.flux] + words, environment: environment.merging(more) { $1 }, folder: folder)
    }

    /// Runs `flux` to its end.
    func flux(_ words: String..., environment more: [String: String] = [:], within seconds: Double = 60) -> Outcome {
        guard let child = start(words, environment: more) else { return Outcome() }
        child.closeInput()
        return child.wait(within: seconds)
    }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String, mode: mode_t = 0o644) -> String {
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, mode)
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
        return path
    }

    /// What a file of any path holds.
    func text(_ path: String) -> String { String(decoding: Self.bytes(of: path), as: UTF8.self) }

    /// Processes that were started here and still are: our folder is in their environment.
    var processes: [(id: pid_t, name: String)] {
        Self.names(in: "/proc").compactMap { name in
            guard let id = pid_t(name) else { return nil }
            let environment = Self.bytes(of: "/proc/\(id)/environ")
            guard environment.split(separator: 0).contains(where: { $0.elementsEqual("TMPDIR=\(folder)".utf8) }) else {
                return nil
            }
            let title = String(decoding: Self.bytes(of: "/proc/\(id)/comm"), as: UTF8.self)
            return (id, title.split(separator: "\n").first.map(String.init) ?? "")
        }
    }

    /// What lies in the folder and was not put there by ``file(_:_:mode:)``: directories and sockets of instances.
    var leftovers: [String] { Self.names(in: folder).filter { $0.hasPrefix("flux-") } }

    /// Ends what is left, removes the folder, and says what it was.
    func clean() -> [String] {
        // Processes of an instance that has just ended may take a moment.
        _ = eventually(within: 10) { processes.isEmpty && leftovers.isEmpty }
        let left = processes.map { "process \($0.id) \($0.name)" } + leftovers.map { "directory \($0)" }
        for process in processes { kill(process.id, SIGKILL) }
        Self.remove(folder)
        return left
    }

    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func bytes(of path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private static func remove(_ folder: String) {
        for name in names(in: folder) {
            let path = "\(folder)/\(name)"
            if unlink(path) != 0 { remove(path) }
        }
        rmdir(folder)
    }
}
