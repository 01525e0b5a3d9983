internal import Glibc

/// The directories of a broker: made at start, removed at the end if they were made here.
///
/// Source: broker-protocol 4.6 (observed: flux-core 0.88).
package struct BrokerDirectories: Sendable {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package private(set) var rundir = ""
    package private(set) var statedir: String?
    private var created: [String] = []

    package init() {}

    /// Makes or takes `rundir`.
    ///
    /// - Parameter wanted: the attribute's value, or nil for a new directory below `$TMPDIR` or `/tmp`.
    /// - Returns: whether the directory is to be removed at the end.
    package mutating func prepareRundir(
        _ wanted: String?, temporary: String?, userID: UInt32
    ) throws(Failure) -> Bool {
        let isNew: Bool
        (rundir, isNew) = try prepare("rundir", wanted, parent: temporary ?? "/tmp", userID: userID)
        let longest = "\(rundir)/local-9999"
        guard longest.utf8.count < 108 else {
            throw Failure(
                description: "rundir \(rundir): length of \(longest.utf8.count) bytes exceeds max 107 for a socket path")
        }
        mkdir("\(rundir)/bin", 0o755)
        return isNew
    }

    package mutating func prepareStatedir(
        _ wanted: String?, temporary: String?, userID: UInt32
    ) throws(Failure) -> Bool {
        let (path, isNew) = try prepare("statedir", wanted, parent: temporary ?? "/var/tmp", userID: userID)
        statedir = path
        return isNew
    }

    /// Checks the address of the local connector: its directory has to be ours, and the path has to fit a socket.
    package static func check(localURI: String, userID: UInt32) throws(Failure) {
        guard localURI.hasPrefix("local://") else { throw Failure(description: "local-uri is malformed") }
        let path = String(localURI.dropFirst("local://".count))
        let length = path.utf8.count
        guard length < 1000 else { throw Failure(description: "local-uri: path buffer overflow") }
        guard length < 108 else {
            throw Failure(description: "local-uri length of \(length) bytes exceeds max 107")
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var information = stat()
        guard stat(folder, &information) == 0 else {
            throw Failure(description: "cannot stat \(folder): \(String(cString: strerror(errno)))")
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(description: "\(folder): Not a directory")
        }
        guard information.st_uid == userID else {
            throw Failure(description: "\(folder) is not owned by instance owner")
        }
        guard information.st_mode & S_IRWXU == S_IRWXU else {
            throw Failure(description: "\(folder) does not have owner=rwx permissions")
        }
    }

    /// Puts a link `bin/flux` into the rundir, for clients that come over ssh.
    package func linkCommand(_ path: String) { symlink(path, "\(rundir)/bin/flux") }

    private mutating func prepare(
        _ name: String, _ wanted: String?, parent: String, userID: UInt32
    ) throws(Failure) -> (String, Bool) {
        guard let wanted else { return (try makeTemporary(name, below: parent), true) }
        var information = stat()
        if stat(wanted, &information) != 0 {
            guard mkdir(wanted, 0o700) == 0 else { throw failure("cannot create \(name) \(wanted)") }
            created.append(wanted)
            return (wanted, true)
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(description: "\(name) \(wanted): Not a directory")
        }
        if information.st_mode & S_ISVTX != 0 { return (try makeTemporary(name, below: wanted), true) }
        guard information.st_uid == userID else {
            throw Failure(description: "\(name) \(wanted) is not owned by instance owner: Operation not permitted")
        }
        guard information.st_mode & S_IRWXU == S_IRWXU else {
            throw Failure(description: "\(name) \(wanted) does not have owner=rwx permissions: Operation not permitted")
        }
        return (wanted, false)
    }

    private mutating func makeTemporary(_ name: String, below parent: String) throws(Failure) -> String {
        guard parent.utf8.count < 1000 else {
            throw Failure(description: "\(name): path buffer overflow: \(parent)")
        }
        var template = Array("\(parent)/flux-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("cannot create directory in \(parent)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        created.append(path)
        return path
    }

    private func failure(_ text: String) -> Failure {
        Failure(description: "\(text): \(String(cString: strerror(errno)))")
    }

    /// Removes what was made, and what the broker put into a directory that it was given.
    ///
    /// - Parameters:
    ///   - rundir: whether `rundir` is removed with all it holds; nil when it was made here.
    ///   - statedir: likewise.
    package func cleanUp(rundir removesRundir: Bool? = nil, statedir removesStatedir: Bool? = nil) {
        for path in created where path != rundir && path != statedir { Self.removeTree(path) }
        if let statedir, removesStatedir ?? created.contains(statedir) { Self.removeTree(statedir) }
        guard !rundir.isEmpty else { return }
        if removesRundir ?? created.contains(rundir) { return Self.removeTree(rundir) }
        unlink("\(rundir)/bin/flux")
        rmdir("\(rundir)/bin")
    }

    /// Removes a directory with all it holds; links are not followed.
    package static func removeTree(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                let child = "\(path)/\(name)"
                if unlink(child) != 0 { removeTree(child) }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
