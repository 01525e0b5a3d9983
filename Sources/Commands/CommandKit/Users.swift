internal import Glibc

/// Names and numbers of users.
public enum Users {
    /// The name of a user, or the number in digits when it has none.
    public static func name(of id: UInt32) -> String {
        guard let entry = getpwuid(id) else { return "\(id)" }
        return String(cString: entry.pointee.pw_name)
    }

    /// The number of a user.
    public static func id(of name: String) -> UInt32? {
        guard let entry = getpwnam(name) else { return nil }
        return entry.pointee.pw_uid
    }

    /// The user this process runs as.
    public static var current: UInt32 { getuid() }
}
