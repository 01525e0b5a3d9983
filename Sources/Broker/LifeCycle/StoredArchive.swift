internal import Glibc

/// An archive that the content of the store is read from at start, or written to at the end.
///
/// Source: the attributes `content.restore` and `content.dump` as flux-core 0.88 understands them (observed): a path, or
/// `auto` for the folder `dump` below the state directory, where the link `RESTORE` leads to the archive for the next start.
package struct StoredArchive: Hashable, Sendable {
    /// Where the archive is.
    package let path: String
    /// The link that leads, or is to lead, to it; nil for an archive that was named.
    package let link: String?

    /// The folder of archives that nobody has named.
    ///
    /// - Parameter statedir: the directory that is kept; nil stands for the working directory.
    private static func folder(_ statedir: String?) -> String { "\(statedir ?? ".")/dump" }

    /// The archive that `content.restore` names; nil when it is `auto` and there is none.
    package init?(restoring value: String, statedir: String?) {
        guard value == "auto" else {
            self.init(path: value, link: nil)
            return
        }
        let link = "\(Self.folder(statedir))/RESTORE"
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(link, &target, Int(PATH_MAX))
        guard count > 0 else { return nil }
        let name = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.init(path: name.hasPrefix("/") ? name : "\(Self.folder(statedir))/\(name)", link: link)
    }

    /// The archive that `content.dump` asks for.
    ///
    /// - Parameter seconds: the time that gives an archive without a name its name, since 1970-01-01 UTC.
    package init(dumping value: String, statedir: String?, at seconds: Double) {
        guard value == "auto" else {
            self.init(path: value, link: nil)
            return
        }
        let folder = Self.folder(statedir)
        self.init(path: "\(folder)/\(Self.name(at: seconds)).tgz", link: "\(folder)/RESTORE")
    }

    private init(path: String, link: String?) {
        self.path = path
        self.link = link
    }

    /// `20261121_054500`, in local time.
    private static func name(at seconds: Double) -> String {
        var time = time_t(seconds), parts = tm()
        localtime_r(&time, &parts)
        func pad(_ number: Int32, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
        }
        return pad(parts.tm_year + 1900, 4) + pad(parts.tm_mon + 1, 2) + pad(parts.tm_mday, 2) + "_"
            + pad(parts.tm_hour, 2) + pad(parts.tm_min, 2) + pad(parts.tm_sec, 2)
    }

    /// Makes the folder of the link.
    ///
    /// - Returns: an errno, or 0.
    package func makeFolder() -> Int32 {
        guard let link else { return 0 }
        let folder = String(link[..<(link.lastIndex(of: "/") ?? link.startIndex)])
        return mkdir(folder, 0o777) == 0 || errno == EEXIST ? 0 : errno
    }

    /// Lets the link lead to the archive, also when it led to an older one.
    ///
    /// - Returns: an errno, or 0.
    package func makeLink() -> Int32 {
        guard let link else { return 0 }
        let name = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
        let new = "\(link).new"
        unlink(new)
        return symlink(name, new) == 0 && rename(new, link) == 0 ? 0 : errno
    }

    /// Removes the link: the archive has been read.
    package func removeLink() { if let link { unlink(link) } }
}
