internal import Glibc

/// Where this program lives, and the programs that belong to it.
public enum Installation {
    /// What `flux version` prints, and the release whose behaviour is followed.
    public static let version = "0.88.0"

    /// The path of the running program, whatever it was called as.
    public static let executable: String = {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { area in
            guard let start = area.baseAddress else { return "flux" }
            let count = readlink("/proc/self/exe", start, 4096)
            guard count > 0 else { return "flux" }
            return String(decoding: area[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }()

    /// The name of this host.
    public static var hostname: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { area in
            guard let start = area.baseAddress, gethostname(start, 255) == 0 else { return "" }
            return String(cString: start)
        }
    }

    /// The folder of the running program.
    public static var folder: String { folder(of: executable) }

    /// The folder part of a path.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The folder above `bin`.
    public static var prefix: String { folder(of: folder) }

    /// The folder with the programs behind the verbs: `libexec/flux/cmd` of an installation, else beside `flux`.
    public static var commandFolder: String {
        let installed = "\(prefix)/libexec/flux/cmd"
        return access("\(installed)/flux-broker", X_OK) == 0 ? installed : folder
    }

    /// The path of a program of ours, such as `flux-broker`.
    public static func companion(_ name: String) -> String {
        for candidate in ["\(folder)/\(name)", "\(commandFolder)/\(name)"] where access(candidate, X_OK) == 0 {
            return candidate
        }
        return "\(folder)/\(name)"
    }
}
